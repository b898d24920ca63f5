"""Composing: from what the ledger holds to a letter, ready for a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from channels.facts import MessageFacts, gather, name_of
from channels.message import Address, Letter, Mark, Surface
from channels.moments import spoken
from channels.offers import offers, standing_message
from channels.rendering import Wording, render
from channels.telling import tell_event
from ladders import entries as kinds
from ladders.contract import Contract
from ladders.entries import Entry, Message
from ladders.people import stand_ins
from ladders.state import LadderState

Asks = Literal["nothing", "tender", "decision", "question", "unconfirmed", "rung", "waiting"]
"""What a ladder asks at present, of whoever's turn it is."""


class BoardFacts(MessageFacts):
    """What a ladder's board says; ``overdue`` is said of the rung it stands on."""

    asks: Asks
    overdue: bool = False


@dataclass(frozen=True)
class Told:
    """One message, with all that the ledger says of it; every text is opened.

    ``state`` is the ladder's after ``entry``, which ``mark`` names in the ledger. ``board`` is the
    receipt of the ladder's board, and ``fact`` the contract's entry that led to this one.
    ``hurried`` says that somebody has just escalated.
    """

    state: LadderState
    entry: Entry
    message: Message
    terms: Contract
    mark: Mark
    board: str | None = None
    fact: Entry | None = None
    hurried: bool = False

    @property
    def key(self) -> str:
        """The idempotency key of the letter."""
        return f"{self.state.contract}/{self.message.key}"


def compose(told: Told, to: Address | None, surface: Surface) -> Letter:
    """The letter of a message, as it is read on ``surface``."""
    match told.message.topic:
        case "ladder":
            return compose_board(told, surface)
        case "event":
            return _compose_event(told, surface)
        case _:
            return _compose_personal(told, to, surface)


def _compose_personal(told: Told, to: Address | None, surface: Surface) -> Letter:
    facts = gather(told.state, told.entry, told.message, told.terms)
    wording = render(told.message.topic, facts.model_copy(update={"surface": surface}))
    answers = offers(told.state, told.message)
    return _letter(told, wording, to=to, offers=answers, board=told.board)


def compose_board(told: Told, surface: Surface) -> Letter:
    """The board of a ladder as it stands in ``told.state``."""
    facts = board_facts(told, surface)
    message = standing_message(told.state, told.message)
    return _letter(
        told,
        render("ladder", facts),
        to=None,
        room=told.terms.slack_channel,
        facts=tuple(_table(told, facts)),
        offers=offers(told.state, message),
    )


def _compose_event(told: Told, surface: Surface) -> Letter:
    asked = _asked(board_facts(told, surface))
    event = tell_event(told.state, told.entry, told.fact, told.terms, asked)
    return _letter(
        told,
        render("event", event),
        to=None,
        room=told.terms.slack_channel,
        thread=told.board,
        broadcast=isinstance(told.entry.body, kinds.ClimbEnded),
    )


def board_facts(told: Told, surface: Surface) -> BoardFacts:
    """What the board says: what is asked at present, and of whom."""
    state, message = told.state, standing_message(told.state, told.message)
    gathered = gather(state, told.entry, message, told.terms)
    overdue = message.rung is not None and state.rungs[state.index(message.rung)].silent
    return BoardFacts.model_validate(
        {
            **{name: getattr(gathered, name) for name in MessageFacts.model_fields},
            "surface": surface,
            "asks": _asks(state, message),
            "overdue": overdue,
        }
    )


def _asks(state: LadderState, message: Message) -> Asks:
    if state.phase == "closed":
        return "nothing"
    if state.tender is not None:
        return "tender"
    if state.phase == "exhausted":
        return "decision"
    if state.phase == "watching" and state.asked_at is not None and state.misses_at is None:
        return "question" if state.presumed_at is None else "unconfirmed"
    return "waiting" if message.rung is None else "rung"


def _asked(facts: BoardFacts) -> str | None:
    who = f"{facts.recipient} ({facts.role})"
    match facts.asks:
        case "tender":
            return f"{who} is asked to accept or reject tender {_number(facts)}."
        case "decision":
            return f"{who} is asked to decide how to go on."
        case "question" | "unconfirmed":
            return f"{who} is asked whether it was delivered."
        case "rung" if facts.rung is not None:
            return f"{who} is asked to act on rung {facts.rung.id}."
        case _:
            return None


def _number(facts: BoardFacts) -> str:
    return "" if facts.tender is None else str(facts.tender.number)


def _table(told: Told, facts: BoardFacts) -> list[tuple[str, str]]:
    """The facts that stand above the answers, each by its name."""
    clause = f", clause {facts.clause}" if facts.clause else ""
    table = [
        ("Supplier", facts.supplier),
        ("Contract", f"{facts.contract}{clause}"),
        ("Milestone", facts.title or facts.milestone),
        ("Due", "time stands still" if facts.suspended else spoken(facts.due)),
        ("Clock", _clock(told.state, facts)),
    ]
    if facts.asks != "nothing":
        table.insert(3, ("Whose turn", _whose(told, facts)))
    return table


def _whose(told: Told, facts: BoardFacts) -> str:
    state, now = told.state, told.entry.occurred_at
    holder = state.person(facts.role)
    deputies = [name_of(told.terms, ref) for ref in stand_ins(state, holder, now)]
    stands_in = f"; deputy {' and '.join(deputies)}" if deputies else ""
    return f"{facts.recipient} ({facts.role}{stands_in})"


def _clock(state: LadderState, facts: BoardFacts) -> str:
    if state.phase == "closed":
        return "stopped: closed"
    # With its date, because nobody changes the board when merely another day has begun.
    stands = "; it stands still" if state.stands_still else ""
    on = f"on {facts.on.day} {facts.on:%B %Y}"
    if facts.day < 0:
        return f"{-facts.day} days before day 0 {on}{stands}"
    return f"day {facts.day} of {facts.last_day} {on}{stands}"


def _letter(told: Told, wording: Wording, **more: Any) -> Letter:
    return Letter(
        key=told.key,
        subject=wording.subject,
        text=wording.text,
        passages=wording.passages,
        mark=told.mark,
        **more,
    )
