"""Saying: what is answered to somebody who clicked, in words, and in the forms Slack takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from slack_sdk.models.views import View

from channels.blocks import fitting, plain
from channels.inert import clip, one_line
from channels.marking import plain as unmarked
from channels.moments import Moment
from desk.recalling import Recalled
from ladders.errors import HoldfastError
from web.blocks import paragraphs
from web.payloads import SAID

_TITLE = 24
_PART = 600
_FALLBACK = 3_000
_LINK = "The whole ladder, in its channel"


class Said(NamedTuple):
    """An answer: a title, inert paragraphs, and the receipt of the board it should lead to."""

    title: str
    texts: tuple[str, ...]
    board: str | None = None


def recorded(contract: str, seq: int, sentence: str, recalled: Recalled | None) -> Said:
    """What somebody did stands in the ledger."""
    texts = [f"Recorded as entry {seq} of {contract}: {sentence}"]
    if recalled is not None:
        texts += _now(recalled)
    return Said("Recorded", tuple(texts), recalled.board if recalled else None)


def done_before() -> Said:
    """What somebody did had been recorded before."""
    return Said("Recorded", ("This was recorded before, and counts once.",))


def pending(received: Moment) -> Said:
    """What somebody did is safe, and not applied yet."""
    first = f"Received and recorded at {received.wall:%T}, {received.marked}. It counts from then."
    second = (
        "It is being applied, and nothing need be repeated. If it is refused you are told here."
    )
    return Said("Received", (first, second))


def refused(refusal: HoldfastError, recalled: Recalled | None) -> Said:
    """What somebody did was refused: why, what happened last, what is asked now."""
    texts = [f"Not recorded: {_inert(refusal.what)}.", f"{_sentence(refusal.remedy)}."]
    if recalled is not None:
        texts += [*_last(recalled), *_now(recalled)]
    return Said("Not recorded", tuple(texts), recalled.board if recalled else None)


def stranger(contract: str, roles: tuple[tuple[str, str], ...], recalled: Recalled | None) -> Said:
    """Somebody clicked who has nothing to do with the contract, as far as we know."""
    who = "; ".join(f"{role} {name}" for role, name in roles)
    owner = next((name for role, name in roles if role == "owner"), "whoever runs Holdfast")
    ask = f"If you should be among them, ask {owner} to have the contract amended with the e-mail "
    texts = [
        f"Nothing was changed: you are not on the roster of {contract}.",
        f"Who may act there: {_inert(who)}; and their deputies.",
        ask + "address that Slack has for you.",
    ]
    return Said("Not recorded", (*texts, *(_now(recalled) if recalled else ())))


def _last(recalled: Recalled) -> Iterator[str]:
    deed = recalled.deed
    if deed is not None:
        instead = f" for {deed.instead_of}" if deed.instead_of else ""
        yield f"Last on {recalled.reference}: {deed.who}{instead}, {deed.at.marked}: {deed.what}"


def _now(recalled: Recalled) -> Iterator[str]:
    turn = recalled.turn
    if recalled.outcome is not None:
        yield f"The ladder {recalled.reference} is closed as {recalled.outcome}. Nothing is asked."
    elif turn is not None:
        deputies = f", or {' or '.join(turn.deputies)} as deputy" if turn.deputies else ""
        until = f", until {turn.until.marked}" if turn.until else ""
        yield f"Asked now: the {turn.role} {turn.who}{deputies}{until}."
    elif recalled.following is not None:
        yield f"Nothing is asked now. Next: {recalled.following}."


def _inert(text: str) -> str:
    return clip(one_line(text), _PART)


def _sentence(text: str) -> str:
    inert = _inert(text)
    return inert[:1].upper() + inert[1:]


def message(said: Said, link: str | None) -> dict[str, Any]:
    """The answer as a message: full sentences as text, and blocks."""
    shown = paragraphs(said.texts, None if link is None else (link, _LINK))
    text = fitting("\n".join(unmarked(text) for text in said.texts), _FALLBACK)
    return {"text": text, "blocks": [shown.to_dict()]}


def view(said: Said, link: str | None) -> dict[str, Any]:
    """The answer as the last page of a modal."""
    shown: dict[str, Any] = View(
        type="modal",
        callback_id=SAID,
        title=plain(said.title, _TITLE),
        close=plain("Close", _TITLE),
        blocks=[paragraphs(said.texts, None if link is None else (link, _LINK))],
    ).to_dict()
    return shown
