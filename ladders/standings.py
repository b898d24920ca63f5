"""Where a ladder or a contract stands, in little: all that is told of it at a glance.

A standing is computed from the same entries as the state, holds roles and pseudonyms but no text
in clear (law 19), and can be computed again at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from ladders import turn as whose
from ladders.agenda import agenda, concerned, starts
from ladders.asking import Ask, asks
from ladders.calendar import Calendar
from ladders.contract import APPROVER, OWNER, Contract, Person
from ladders.entries import Entry, MessageParked, MessagePosted
from ladders.folding import apply, begin
from ladders.prose import PersonRef, Prose
from ladders.state import LadderState
from ladders.tolling import TollingInterval, stopped_days
from ladders.values import Instant, Ref, Value
from ladders.watch import fold_watch
from ladders.watched import ContractState


class Coming(Value):
    """Something that falls due: what is its cause, on which rung, and whom it concerns."""

    at: Instant
    cause: str
    rung: Ref | None = None
    role: str
    person: PersonRef


class LadderStanding(Value):
    """Where one ladder stands.

    ``rung`` is the one whose action is to be done, ``step`` its place among ``steps``. It has been
    the turn of ``person``, as ``role``, since ``since``, and is until ``until``. ``owed`` counts
    the messages not yet sent, ``parked`` those among them that wait for somebody to mend something,
    and ``problems`` the codes of what that is; ``instead`` counts by such codes the messages that
    another channel took. ``tolls`` have stopped its own clock, which ``stands_still`` if one of
    them has not ended.
    ``asks`` is all that waits for somebody, ``board`` the receipt of its message in the contract's
    channel. A closed one has ``closed_at`` and an ``outcome``.
    """

    contract: Ref
    stream: str
    milestone: Ref
    due: date
    day_zero: date
    tolls: tuple[TollingInterval, ...] = ()
    stands_still: bool = False
    phase: str
    opened_at: Instant
    missed_at: Instant | None = None
    rung: Ref | None = None
    step: int | None = None
    steps: int
    role: str = whose.NOBODY
    person: PersonRef | None = None
    since: Instant
    until: Instant | None = None
    owed: int
    parked: int
    problems: tuple[str, ...] = ()
    instead: dict[str, int] = {}
    coming: tuple[Coming, ...] = ()
    asks: tuple[Ask, ...] = ()
    board: str | None = None
    closed_at: Instant | None = None
    outcome: str | None = None

    def day(self, today: date) -> int:
        """Which day of the ladder's own clock the local day ``today`` is."""
        return (today - self.day_zero).days - stopped_days(self.day_zero, today, self.tolls)

    @property
    def is_open(self) -> bool:
        """Whether anything may still happen to it: a closed one may owe messages."""
        return self.phase != "closed" or self.owed > 0


class MilestoneStanding(Value):
    """A milestone as its contract watches it; ``starts_at`` is when its ladder begins."""

    id: Ref
    due: date
    owner: PersonRef
    status: str
    outcome: str | None = None
    stands_still: bool = False
    starts_at: Instant | None = None


class ContractStanding(Value):
    """What a contract's ladders share. ``calendar`` has no holidays: it only tells the time.

    ``approvers`` are the approver and whoever else is of the contract's authority.
    """

    contract: Ref
    supplier: Prose
    calendar: Calendar
    people: tuple[Person, ...]
    milestones: tuple[MilestoneStanding, ...]
    approvers: tuple[PersonRef, ...] = ()


def stand(entries: Iterable[Entry]) -> LadderStanding | None:
    """Where the entries of one ladder, in order, leave it; None where there are none.

    Raises StaleEntry where they are not the whole row of a ladder's entries.
    """
    state: LadderState | None = None
    turn, since = None, None
    problems, instead = dict[str, str](), Counter[str]()
    for entry in entries:
        state = begin(entry) if state is None else apply(state, entry)
        latest = _turn(state)
        if latest != turn or since is None:
            turn, since = latest, entry.occurred_at
        match entry.body:
            case MessageParked(message=key, problem=problem):
                problems[key] = problem
            case MessagePosted(instead=str(problem)):
                instead[problem] += 1
    if state is None or since is None:
        return None
    waiting = {problems[key] for key in state.parked}
    return _standing(state, since, tuple(sorted(waiting)), dict(instead))


def stand_contract(entries: Iterable[Entry]) -> ContractStanding | None:
    """Where a contract's own entries leave it; None before its registration."""
    state = fold_watch(entries)
    return None if state is None else _of_contract(state)


def _turn(state: LadderState) -> tuple[object, ...]:
    role = whose.turn(state)
    tender = None if state.tender is None else state.tender.number
    return role, _holder(state, role), whose.rung(state), tender


def _holder(state: LadderState, role: str) -> PersonRef | None:
    return None if role == whose.NOBODY else state.person(role)


def _standing(
    state: LadderState, since: Instant, problems: tuple[str, ...], instead: dict[str, int]
) -> LadderStanding:
    role, index = whose.turn(state), state.current
    is_open = state.closing is None
    return LadderStanding(
        contract=state.contract,
        stream=state.stream,
        milestone=state.opened.milestone.id,
        due=state.opened.milestone.due,
        day_zero=state.opened.day_zero,
        tolls=state.tolls,
        stands_still=state.stands_still,
        phase=state.phase,
        opened_at=state.opened_at,
        missed_at=state.missed_at,
        rung=whose.rung(state) if is_open and index is not None else None,
        step=index + 1 if is_open and index is not None else None,
        steps=len(state.rungs),
        role=role,
        person=_holder(state, role),
        since=since,
        until=whose.deadline(state) if is_open else None,
        owed=len(state.outbox),
        parked=len(state.parked),
        problems=problems,
        instead=instead,
        coming=tuple(_coming(state)),
        asks=tuple(asks(state)),
        board=state.board,
        closed_at=None if state.closing is None else state.closing.at,
        outcome=None if state.closing is None else state.closing.outcome,
    )


def _coming(state: LadderState) -> Iterable[Coming]:
    for alarm in agenda(state):
        role = concerned(state, alarm)
        rung = None if alarm.rung is None else state.opened.ladder.rungs[alarm.rung].id
        yield Coming(
            at=alarm.at, cause=alarm.cause, rung=rung, role=role, person=state.person(role)
        )


def _of_contract(state: ContractState) -> ContractStanding:
    begins = {start.milestone: start.at for start in starts(state)}
    return ContractStanding(
        contract=state.contract.contract,
        supplier=state.contract.supplier,
        calendar=state.calendar.model_copy(update={"holidays": (), "makeup_days": ()}),
        people=state.contract.people,
        milestones=tuple(
            MilestoneStanding(
                id=milestone.id,
                due=state.due(milestone) or milestone.due,
                owner=milestone.owner or state.contract.roles[OWNER],
                status=state.milestones[milestone.id].status,
                outcome=state.milestones[milestone.id].outcome,
                stands_still=state.due(milestone) is None,
                starts_at=begins.get(milestone.id),
            )
            for milestone in state.contract.milestones
        ),
        approvers=_approvers(state.contract),
    )


def _approvers(contract: Contract) -> tuple[PersonRef, ...]:
    roles = (APPROVER, *contract.authority)
    holders = (contract.roles.get(role, contract.roles[APPROVER]) for role in roles)
    return tuple(dict.fromkeys(holders))
