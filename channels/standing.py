"""What a ladder asks at present, and of whom: what its board says, and what follows an event."""

from __future__ import annotations

from typing import Literal

from channels.facts import MessageFacts, gather
from channels.moments import Moment
from channels.naming import IdentityOf, naming, unknown, who
from channels.offers import standing_message
from ladders.asking import acknowledged
from ladders.contract import Contract
from ladders.entries import Entry, Message
from ladders.state import LadderState
from ladders.values import Value

Asks = Literal["nothing", "tender", "decision", "question", "unconfirmed", "rung", "waiting"]
"""What a ladder asks at present, of whoever's turn it is."""


class Seen(Value):
    """What is asked was acknowledged ``by`` somebody; no reminder before ``quiet_until``.

    None at all in time where there is no such instant.
    """

    by: str
    at: Moment
    quiet_until: Moment | None


class BoardFacts(MessageFacts):
    """What a ladder's board says; ``overdue`` is said of the rung it stands on."""

    asks: Asks
    overdue: bool = False
    seen: Seen | None = None


def board_facts(
    state: LadderState,
    entry: Entry,
    board: Message,
    terms: Contract,
    identity_of: IdentityOf = unknown,
) -> BoardFacts:
    """What is asked at present, and of whom, after ``entry``, which led to ``state``."""
    message = standing_message(state, board)
    gathered = gather(state, entry, message, terms, identity_of)
    overdue = message.rung is not None and state.rungs[state.index(message.rung)].silent
    return BoardFacts.model_validate(
        {
            **{name: getattr(gathered, name) for name in MessageFacts.model_fields},
            "asks": _asks(state, message),
            "overdue": overdue,
            "seen": _seen(state, message, terms, identity_of),
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


def _seen(
    state: LadderState, message: Message, terms: Contract, identity_of: IdentityOf
) -> Seen | None:
    match _asks(state, message):
        case "rung" if message.rung is not None:
            said = acknowledged(state, message.rung)
            ends = state.rungs[state.index(message.rung)].deadline
        case "question" | "unconfirmed":
            said, ends = acknowledged(state, None), state.presumed_at
        case _:
            return None
    if said is None:
        return None
    calendar, is_last = state.opened.calendar, ends is not None and said.quiet_until >= ends
    return Seen(
        by=who(said.by, naming(terms, identity_of)),
        at=Moment.on(calendar, said.at),
        quiet_until=None if is_last else Moment.on(calendar, said.quiet_until),
    )
