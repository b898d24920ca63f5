"""Recalling: what somebody whose click changed nothing has to know: what happened, what is asked.

Everything is made inert, and every instant is named in the contract's own time and marked
(:mod:`channels.marking`).
"""

from __future__ import annotations

from datetime import datetime

from channels.foreseeing import ahead
from channels.inert import clip, one_line
from channels.moments import Moment
from channels.telling import localised, moments
from desk.casebook import Casebook
from ladders import turn as whose
from ladders.asking import asks
from ladders.calendar import Calendar
from ladders.entries import ENGINE, Entry, Names
from ladders.people import may_stand_in
from ladders.state import LadderState
from ladders.values import Value

_SENTENCE = 300
_NAME = 100


class Deed(Value):
    """The last thing that a person did on a ladder: who, in whose stead, what, when."""

    who: str
    instead_of: str | None
    what: str
    at: Moment


class Turn(Value):
    """Whose turn it is: the role, who holds it, who stands in, until when."""

    role: str
    who: str
    deputies: tuple[str, ...] = ()
    until: Moment | None = None


class Recalled(Value):
    """A ladder in three lines.

    Where it is nobody's turn, ``following`` says what comes next. ``outcome`` says how it was
    closed; ``board`` is the receipt of the message that shows it in the contract's channel.
    """

    reference: str
    deed: Deed | None = None
    turn: Turn | None = None
    following: str | None = None
    outcome: str | None = None
    board: str | None = None


def inert_names(casebook: Casebook, contract: str) -> Names:
    """How people are shown under the contract, made inert."""
    names = casebook.names(contract)
    return lambda ref: clip(one_line(names(ref)), _NAME)


def recall(casebook: Casebook, contract: str, stream: str, now: datetime) -> Recalled:
    """What is on record of a ladder, and whose turn it is ``now``. Raises UnknownCase."""
    state = casebook.ladder(contract, stream)
    names = inert_names(casebook, contract)
    return Recalled(
        reference=f"{contract}/{stream}",
        deed=_last_deed(casebook, state, names),
        turn=_turn(state, names, now),
        following=_following(casebook, state),
        outcome=None if state.closing is None else state.closing.outcome,
        board=state.board,
    )


def recorded_as(casebook: Casebook, contract: str, key: str) -> tuple[int, str] | None:
    """The number and the sentence of the entry of that key; None where there is none."""
    line = casebook.ledger.find(contract, key)
    if line is None:
        return None
    calendar, names = casebook.watch(contract).calendar, inert_names(casebook, contract)
    return line.seq, _sentence(casebook, line.entry, names, calendar)


def _last_deed(casebook: Casebook, state: LadderState, names: Names) -> Deed | None:
    lines = casebook.ledger.lines(state.contract, state.stream)
    done = [line.entry for line in lines if line.entry.by.actor != ENGINE]
    if not done:
        return None
    entry = done[-1]
    behalf = entry.by.on_behalf_of
    return Deed(
        who=names(entry.by.actor),
        instead_of=None if behalf is None else names(behalf),
        what=_sentence(casebook, entry, names, state.opened.calendar),
        at=_moment(state.opened.calendar, entry),
    )


def _moment(calendar: Calendar, entry: Entry) -> Moment:
    return Moment.on(calendar, entry.deemed_at)


def _sentence(casebook: Casebook, entry: Entry, names: Names, calendar: Calendar) -> str:
    body = casebook.private.open(entry.body)
    words = clip(one_line(body.sentence(names)), _SENTENCE)
    return localised(words, moments(entry.body, calendar))


def _turn(state: LadderState, names: Names, now: datetime) -> Turn | None:
    """Whose turn it is; nobody's where nothing is asked."""
    everything = list(asks(state))
    # The question of the due date comes before any warning, a rung before those below it.
    asked = [each for each in everything if each.what == "question"]
    asked = asked or [each for each in everything if each.role == whose.turn(state)]
    if not asked:
        return None
    ask = asked[-1]
    decides = ask.what in ("answer", "decision")
    deputies = may_stand_in(state, ask.person, now, for_authority=decides)
    return Turn(
        role=ask.role,
        who=names(ask.person),
        deputies=tuple(map(names, deputies)),
        until=None if ask.until is None else Moment.on(state.opened.calendar, ask.until),
    )


def _following(casebook: Casebook, state: LadderState) -> str | None:
    if state.closing is not None or any(asks(state)):
        return None
    latest = casebook.ledger.lines(state.contract, state.stream)[-1].entry
    return ahead(state, latest.occurred_at).words


def holders(casebook: Casebook, contract: str) -> tuple[tuple[str, str], ...]:
    """The roles of a contract and who holds them, by name."""
    names = inert_names(casebook, contract)
    roles = casebook.watch(contract).contract.roles
    return tuple((role, names(person)) for role, person in roles.items())
