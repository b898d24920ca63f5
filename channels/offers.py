"""Offers: which answers a message carries, for whom it is meant and as things stood with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from channels.answers import ANSWERS
from channels.message import Handle, Offer
from ladders.actions import ACTIONS
from ladders.asking import acknowledged, asks
from ladders.entries import Entry, Message
from ladders.events import ActionName
from ladders.outbox import superseded
from ladders.people import holders, with_deputies
from ladders.requirements import about
from ladders.state import LadderState
from ladders.turn import turn
from ladders.values import Ref

MOST = 5
"""More buttons than these are not read; what is left is behind the last one."""

_LABELS: dict[ActionName, tuple[str, str]] = {
    name: (answer.label, answer.meaning) for name, answer in ANSWERS.items()
}
_DECISION = ("Decision…", "put on record what is decided; only a close ends the weekly question")
_DANGER: tuple[ActionName, ...] = ("confirm", "escalate", "reject", "withdraw")
_CONFIRM: dict[ActionName, str] = {
    "confirm": "This records that it was not delivered. It is missed as soon as the due date is "
    "over, and the ladder climbs.",
}


def offers(state: LadderState, message: Message) -> tuple[Offer, ...]:
    """The answers that ``message`` carries, given the state that it speaks of.

    The first is the one that is asked for; the last opens all others, unless there is nothing to
    answer at all.
    """
    names = [name for name in _names(state, message) if _is_for(state, message, name)]
    if not names:
        return ()
    found = [_offer(state, message, name, first=name == names[0]) for name in names]
    more = Offer(
        action="more",
        label="More…",
        meaning="a note, stopped time, and whatever else may be done",
        handle=_handle(state, None, None),
    )
    return (*found[: MOST - 1], more)


def answers_now(states: Sequence[LadderState], message: Message) -> tuple[Offer, ...]:
    """The answers of ``message`` by the last of ``states``; the first is the one it speaks of.

    None where it asks nothing any more. What was over once stays so.
    """
    asked = offers(states[0], message)
    if any(_is_over(states[0], state, message, asked) for state in states[1:]):
        return ()
    return offers(states[-1], message)


def changes(
    steps: Iterable[tuple[LadderState, Entry]], message: Message
) -> Iterator[tuple[Entry, tuple[Offer, ...]]]:
    """Each of ``steps`` after which ``message`` has other answers, with those.

    The message is owed by the first.
    """
    later = iter(steps)
    first, _ = next(later)
    asked = carried = offers(first, message)
    is_over = False
    for state, entry in later:
        is_over = is_over or _is_over(first, state, message, asked)
        answers = () if is_over else offers(state, message)
        if answers != carried:
            carried = answers
            yield entry, answers


def _is_over(
    first: LadderState, state: LadderState, message: Message, asked: tuple[Offer, ...]
) -> bool:
    """Whether ``message`` asks nothing any more in ``state``; it offered ``asked`` in ``first``."""
    if not asked:
        return False
    if superseded(state, message):
        return True
    match message.topic:
        case "question" | "unconfirmed":
            return state.misses_at is not None or state.course != first.course
        case "rejected":
            return state.tenders != first.tenders
        case "climb-ended" | "decision":
            # It is asked until the ladder closes, whatever is tendered meanwhile.
            return False
        case _:
            first_asked = asked[0]
            return first_asked.action != "more" and first_asked.handle.about != about(
                state, first_asked.action, first_asked.handle.rung
            )


def standing_message(state: LadderState, board: Message) -> Message:
    """What the ladder's board asks at present, as if it were asked of whoever's turn it is."""
    role = "owner" if state.phase == "closed" else turn(state)
    rung = None
    asked = {each.what for each in asks(state)}
    if state.phase == "watching" and ("question" in asked or not asked):
        # Whatever warning is open, the question and its answer are what counts now.
        role = "owner"
    elif state.current is not None and state.phase in ("watching", "climbing"):
        rung = state.opened.ladder.rungs[state.current].id
    return board.model_copy(update={"role": role, "to": state.person(role), "rung": rung})


def _names(state: LadderState, message: Message) -> Iterator[ActionName]:
    match message.topic:
        case "rung" | "reminder" | "silence":
            yield from _on_rung(state, message.rung)
        case "clock" if message.rung is not None:
            yield from _on_rung(state, message.rung)
        case "question" | "unconfirmed":
            yield from _on_question(state)
        case "tender" | "response":
            yield from ("accept", "reject")
        case "climb-ended" | "decision":
            yield from ("accept", "reject") if state.tender else ()
            yield from ("note", "withdraw")
        case "rejected" if state.tender is None:
            yield "tender"
        case "evidence" if state.phase != "closed":
            yield "note"
        case "miss":
            yield from ("note", "withdraw")
        case "ladder":
            yield from _on_board(state, message)
        case _:
            return


def _is_for(state: LadderState, message: Message, name: ActionName) -> bool:
    """Whether the table lets whoever reads ``message`` ever do it; everybody reads a board."""
    if message.topic == "ladder":
        return True
    index = None if message.rung is None else state.index(message.rung)
    holding = (who for right in ACTIONS[name].rights for who in holders(state, right, index))
    return message.to in with_deputies(state, holding)


def _on_question(state: LadderState) -> Iterator[ActionName]:
    yield from ("tender", "confirm")
    if acknowledged(state, None) is None:
        yield "acknowledge"


def _on_rung(state: LadderState, rung: Ref | None) -> Iterator[ActionName]:
    yield "complete"
    if state.tender is None:
        yield "tender"
    if rung is None or acknowledged(state, rung) is None:
        yield "acknowledge"
    if state.phase == "climbing" and state.next_pending is not None:
        yield "escalate"


def _on_board(state: LadderState, message: Message) -> Iterator[ActionName]:
    if state.phase == "closed":
        return
    if state.tender is not None:
        yield from ("accept", "reject")
    elif state.phase == "exhausted":
        yield from ("note", "withdraw")
    elif state.phase == "watching" and state.asked_at is not None and state.misses_at is None:
        yield from _on_question(state)
    elif message.rung is not None:
        yield from _on_rung(state, message.rung)
    else:
        yield from ("tender", "note")


def _offer(state: LadderState, message: Message, name: ActionName, *, first: bool) -> Offer:
    decides = name == "note" and state.phase == "exhausted" and message.topic != "evidence"
    label, meaning = _DECISION if decides else _LABELS[name]
    of_rung = message.rung if name in ("complete", "acknowledge") else None
    style: Literal["danger", "primary"] | None = "primary" if first else None
    if name in _DANGER:
        style = "danger"
    return Offer(
        action=name,
        label=label,
        meaning=meaning,
        handle=_handle(state, of_rung, about(state, name, of_rung)),
        style=style,
        confirm=_CONFIRM.get(name),
    )


def _handle(state: LadderState, rung: Ref | None, asked: str | None) -> Handle:
    return Handle(contract=state.contract, stream=state.stream, rung=rung, about=asked)
