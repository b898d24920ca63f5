"""What a message is about, gathered from a ladder's state into plain, finished values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from channels.message import Surface
from channels.moments import Moment, moment
from ladders import entries as kinds
from ladders.contract import Contract
from ladders.entries import AnyBody, Entry, Message, Outcome
from ladders.ladder import LAST_DAY
from ladders.people import open_rungs
from ladders.prose import PersonRef
from ladders.state import LadderState
from ladders.values import Ref, Role, Value


class RungFacts(Value):
    """The rung a message is about. ``number`` counts from 1; stopped time has no deadline."""

    id: Ref
    number: int
    day: int
    role: Role
    action: str
    deadline: Moment | None
    remedy: str | None = None
    clause: str | None = None
    requires: Literal["cure period expired"] | None = None


class NextRung(Value):
    """The rung that opens next, for whom, and when if nothing is done.

    Without ``opens`` it follows at once: upon the miss, or now that the milestone is missed;
    unless it ``waits`` because time stands still.
    """

    number: int
    day: int
    role: Role
    opens: Moment | None = None
    waits: bool = False


class TenderFacts(Value):
    """The delivery or cure that was offered; once answered, what its answer still names."""

    number: int
    delivered: date | None = None
    respond_by: Moment | None = None


class MessageFacts(Value):
    """Everything a message may say; what a topic does not use is left out.

    ``surface`` is where it is read. ``reference`` is what commands call the ladder, ``address`` the
    recipient's, in whose right they are given. ``day`` counts on the ladder's own clock, from
    the due date, and is the day ``on`` which the fact occurred, not the day of delivery.
    ``stands_in`` says that the recipient is a deputy of whoever holds ``role``.
    """

    surface: Surface = "console"
    contract: Ref
    supplier: str
    reference: str
    address: str
    recipient: str
    role: Role
    stands_in: bool = False
    milestone: Ref
    due: date
    title: str | None = None
    clause: str | None = None
    acceptance: str | None = None
    price: str | None = None
    damages: str | None = None
    on: date
    day: int
    last_day: int = LAST_DAY
    rungs: int
    missed: bool = False
    suspended: bool = False
    still_open: tuple[str, ...] = ()
    because: Literal["confirmed", "presumed", "rejected", "backlog"] | None = None
    rung: RungFacts | None = None
    next: NextRung | None = None
    tender: TenderFacts | None = None
    is_tendered: bool = False
    presumed_at: Moment | None = None
    asked_again_at: Moment | None = None
    outcome: Outcome | None = None
    closed_by: str | None = None
    reason: str | None = None
    file: str | None = None
    problem: str | None = None

    @property
    def right(self) -> str | None:
        """The remedy this rung is about; none unless a clause of the contract grants it."""
        if self.rung is None or self.rung.remedy is None or self.clause is None:
            return None
        return f"{self.rung.remedy} (clause {self.rung.clause or self.clause})"

    @property
    def stake(self) -> str | None:
        """What delay costs, as far as the contract says so; damages need a clause."""
        stated = []
        if self.damages is not None and self.clause is not None:
            stated.append(f"damages for delay of {self.damages} (clause {self.clause})")
        if self.price is not None:
            stated.append(f"a milestone worth {self.price}")
        return "; ".join(stated) or None


def gather(state: LadderState, entry: Entry, message: Message, terms: Contract) -> MessageFacts:
    """The facts of ``message``, which ``entry`` gave rise to.

    ``state`` is the ladder's after ``entry``. The texts of all of them are opened; people are
    still pseudonyms, whom ``terms`` names. The clock is the entry's, so that a message that is
    rendered again says the same.
    """
    milestone, calendar = state.opened.milestone, state.opened.calendar
    today = calendar.local(entry.occurred_at).date()
    return MessageFacts(
        contract=state.contract,
        supplier=terms.supplier,
        reference=f"{state.contract}/{state.stream}",
        address=_address(terms, message.to),
        recipient=name_of(terms, message.to),
        role=message.role,
        stands_in=state.person(message.role) != message.to,
        milestone=milestone.id,
        due=milestone.due,
        title=milestone.title,
        clause=milestone.clause,
        acceptance=milestone.acceptance,
        price=None if milestone.price is None else str(milestone.price),
        damages=None if milestone.damages is None else str(milestone.damages),
        on=today,
        day=state.day_number(today),
        rungs=len(state.rungs),
        missed=state.missed_at is not None,
        suspended=state.suspended,
        still_open=tuple(f"rung {rung} of the {role}" for rung, role in open_rungs(state).items()),
        because=entry.body.because if isinstance(entry.body, kinds.MilestoneMissed) else None,
        rung=_rung(state, message),
        next=_next(state, entry.occurred_at),
        tender=_tender(state, entry),
        is_tendered=state.tender is not None,
        presumed_at=moment(calendar, _presumed_at(state, entry)),
        asked_again_at=moment(calendar, _asked_again_at(state, entry.body)),
        outcome=None if state.closing is None else state.closing.outcome,
        closed_by=None if state.closing is None else name_of(terms, state.closing.by),
        reason=_reason(entry.body),
        file=entry.body.attachment.name if isinstance(entry.body, kinds.EvidenceMissing) else None,
        problem=entry.body.problem if isinstance(entry.body, kinds.EvidenceMissing) else None,
    )


def _address(terms: Contract, ref: str) -> str:
    person = next((person for person in terms.people if person.id == ref), None)
    return ref if person is None else person.email


def name_of(terms: Contract, ref: str) -> str:
    """How somebody is shown: by name, else by address, else by pseudonym."""
    person = terms.person(PersonRef(ref))
    return ref if person is None else str(person.name or person.email)


def _presumed_at(state: LadderState, entry: Entry) -> datetime | None:
    """When silence will count as a miss; on the due date itself, as it would be counted now."""
    if isinstance(entry.body, kinds.DeliveryAsked):
        return state.presumption(entry.occurred_at)
    return state.presumed_at


def _asked_again_at(state: LadderState, body: AnyBody) -> datetime | None:
    match body:
        case (
            kinds.ResponseOverdue(asked_again_at=again)
            | kinds.ClimbEnded(asked_again_at=again)
            | kinds.DecisionAsked(asked_again_at=again)
        ):
            return again
        case _:
            return state.decision_at


def _reason(body: AnyBody) -> str | None:
    match body:
        case (
            kinds.CureRejected(reason=said)
            | kinds.LadderWithdrawn(reason=said)
            | kinds.LadderWaived(reason=said)
        ):
            return said
        case kinds.CureTendered(note=note) | kinds.CureAccepted(note=note):
            return note
        case _:
            return None


def _rung(state: LadderState, message: Message) -> RungFacts | None:
    if message.rung is None:
        return None
    index = state.index(message.rung)
    rung, standing = state.opened.ladder.rungs[index], state.rungs[index]
    return RungFacts(
        id=rung.id,
        number=index + 1,
        day=rung.day,
        role=rung.owner,
        action=rung.action,
        deadline=moment(state.opened.calendar, standing.deadline or state.last_close),
        remedy=rung.remedy,
        clause=rung.clause,
        requires=rung.requires,
    )


def _next(state: LadderState, now: datetime) -> NextRung | None:
    rungs = state.opened.ladder.rungs
    index = state.next_pending
    while index is not None and state.missed_at and rungs[index].is_early_warning:
        # After the miss a warning is only recorded as passed.
        index = index + 1 if index + 1 < len(rungs) else None
    if index is None:
        return None
    rung = rungs[index]
    opens = _opens(state, index)
    waits_for_miss = state.missed_at is None and not rung.is_early_warning
    follows = state.presumption(now) if waits_for_miss else now
    return NextRung(
        number=index + 1,
        day=rung.day,
        role=rung.owner,
        opens=moment(state.opened.calendar, opens) if opens and opens > follows else None,
        waits=opens is None,
    )


def _opens(state: LadderState, index: int) -> datetime | None:
    """When the rung opens if nothing is done: on its day, or as the one before falls silent.

    None while time stands still.
    """
    scheduled = state.scheduled(index)
    if scheduled is None:
        return state.next_rung_now
    at = min(scheduled, state.next_rung_now or scheduled)
    if index == 0:
        return at
    before, standing = state.opened.ladder.rungs[index - 1], state.rungs[index - 1]
    climbs = before.on_silence == "climb" and standing.status == "open"
    return min(at, standing.deadline) if climbs and standing.deadline is not None else at


def _tender(state: LadderState, entry: Entry) -> TenderFacts | None:
    if state.tender is not None:
        respond_by = Moment.on(state.opened.calendar, state.tender.respond_by)
        return TenderFacts(
            number=state.tender.number, delivered=state.tender.delivered, respond_by=respond_by
        )
    match entry.body:
        case kinds.CureAccepted(number=number, delivered=delivered):
            return TenderFacts(number=number, delivered=delivered)
        case kinds.CureRejected(number=number):
            return TenderFacts(number=number)
        case _:
            return None
