"""What a message is about, gathered from a ladder's state into plain, finished values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from channels.foreseeing import Ahead, ahead
from channels.message import Surface
from channels.moments import Moment, moment, spoken
from channels.naming import IdentityOf, naming, unknown, who
from ladders import entries as kinds
from ladders.asking import asks
from ladders.contract import Contract
from ladders.entries import AnyBody, Doer, Entry, Message, Outcome
from ladders.kinds.keeping import instead_of_it, lost_because
from ladders.ladder import LAST_DAY
from ladders.state import LadderState
from ladders.values import Ref, Role, Value


class RungFacts(Value):
    """The rung a message is about. ``number`` counts from 1; stopped time has no deadline.

    ``silent`` says that the deadline has passed, and that this is recorded.
    """

    id: Ref
    number: int
    day: int
    role: Role
    action: str
    deadline: Moment | None
    silent: bool = False
    remedy: str | None = None
    clause: str | None = None
    requires: Literal["cure period expired"] | None = None


class TenderFacts(Value):
    """The delivery or cure that was offered; once answered, what its answer still names.

    ``evidence`` are the files that came with it, by name.
    """

    number: int
    delivered: date | None = None
    respond_by: Moment | None = None
    evidence: tuple[str, ...] = ()


class StillAsked(Value):
    """A rung whose action is still to be done, by whom, and until when if time runs."""

    rung: Ref
    role: Role
    who: str
    deadline: Moment | None
    overdue: bool = False


class Stopped(Value):
    """Time stands still ``since`` a local day, for ``event``, under ``clause``; as far as told."""

    since: date | None = None
    event: Ref | None = None
    clause: str | None = None


class MessageFacts(Value):
    """Everything a message may say; what a topic does not use is left out.

    ``surface`` is where it is read. ``reference`` is what commands call the ladder, ``address`` the
    recipient's, in whose right they are given. ``day`` counts on the ladder's own clock, from
    ``day_zero``, and is the day ``on`` which the fact occurred, not the day of delivery.
    ``stands_in`` says that the recipient is a deputy of whoever holds ``role``; ``said_by`` is
    who said that the milestone was not delivered, ``closed_by`` who closed the ladder. Time that
    is resumed from a day to come on stands still until then, which is when it ``resumes``.
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
    day_zero: date
    last_day: int = LAST_DAY
    rungs: int
    missed: bool = False
    suspended: bool = False
    stopped: Stopped | None = None
    resumes: date | None = None
    still_asked: tuple[StillAsked, ...] = ()
    because: Literal["confirmed", "presumed", "rejected", "backlog"] | None = None
    said_by: str | None = None
    rung: RungFacts | None = None
    ahead: Ahead
    tender: TenderFacts | None = None
    is_tendered: bool = False
    presumed_at: Moment | None = None
    asked_again_at: Moment | None = None
    outcome: Outcome | None = None
    closed_by: str | None = None
    closed_at: Moment | None = None
    reason: str | None = None
    file: str | None = None
    problem: str | None = None
    remedy: str | None = None

    @property
    def stops_later(self) -> bool:
        """Whether time is to be stopped, and runs until then."""
        stopped = self.stopped
        return stopped is not None and stopped.since is not None and stopped.since > self.on

    @property
    def right(self) -> str | None:
        """The remedy this rung is about; none unless a clause of the contract grants it."""
        if self.rung is None or self.rung.remedy is None or self.clause is None:
            return None
        return f"{self.rung.remedy} (clause {self.rung.clause or self.clause})"

    @property
    def stake(self) -> str:
        """What delay costs, as far as the contract says so; damages need a clause."""
        stated = []
        if self.damages is not None and self.clause is not None:
            stated.append(f"damages for delay of {self.damages} (clause {self.clause})")
        if self.price is not None:
            stated.append(f"a milestone worth {self.price}")
        named = f" (clause {self.clause})" if self.clause else ""
        return "; ".join(stated) or f"no amount is named{named}"

    @property
    def started_late(self) -> str | None:
        """From what its days are counted, where that is not the due date."""
        late = (self.day_zero - self.due).days
        if late <= 0:
            return None
        since = {"backlog": "registration", "rejected": "the rejection"}.get(self.because or "")
        from_what = since or spoken(self.day_zero)
        return f"counted from {from_what}, {late} day{'s' if late != 1 else ''} after the due date"


def gather(
    state: LadderState,
    entry: Entry,
    message: Message,
    terms: Contract,
    identity_of: IdentityOf = unknown,
) -> MessageFacts:
    """The facts of ``message``, which ``entry`` gave rise to.

    ``state`` is the ladder's after ``entry``. The texts of all of them are opened; people are
    still pseudonyms, whom ``terms`` names, or else ``identity_of``. The clock is the entry's, so
    that a message that is rendered again says the same.
    """
    milestone, calendar = state.opened.milestone, state.opened.calendar
    today, names = calendar.local(entry.occurred_at).date(), naming(terms, identity_of)
    closing = state.closing
    missing = entry.body if isinstance(entry.body, kinds.EvidenceMissing) else None
    return MessageFacts(
        contract=state.contract,
        supplier=terms.supplier,
        reference=f"{state.contract}/{state.stream}",
        address=_address(terms, message.to),
        recipient=names(message.to),
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
        day_zero=state.opened.day_zero,
        rungs=len(state.rungs),
        missed=state.missed_at is not None,
        suspended=state.suspended,
        stopped=_stopped(state),
        resumes=_resumes(state, today),
        still_asked=tuple(
            StillAsked(
                rung=each.rung,
                role=each.role,
                who=names(each.person),
                deadline=moment(calendar, each.until),
                overdue=each.until is not None and each.until <= entry.occurred_at,
            )
            for each in asks(state)
            if each.rung is not None
        ),
        because=_because(state, entry.body),
        said_by=who(state.misses_by, names) if state.misses_by else None,
        rung=_rung(state, message),
        ahead=ahead(state, entry.occurred_at),
        tender=_tender(state, entry.body),
        is_tendered=state.tender is not None,
        presumed_at=moment(calendar, _presumed_at(state, entry)),
        asked_again_at=moment(calendar, _asked_again_at(state, entry.body)),
        outcome=None if closing is None else closing.outcome,
        closed_by=None if closing is None else who(closing.doer or Doer(actor=closing.by), names),
        closed_at=moment(calendar, None if closing is None else closing.at),
        reason=_reason(state, entry.body),
        file=None if missing is None else missing.attachment.name,
        problem=None if missing is None else lost_because(missing.problem),
        remedy=None if missing is None else instead_of_it(missing.problem),
    )


def _address(terms: Contract, ref: str) -> str:
    person = next((person for person in terms.people if person.id == ref), None)
    return ref if person is None else person.email


def _because(
    state: LadderState, body: AnyBody
) -> Literal["confirmed", "presumed", "rejected", "backlog"] | None:
    """Why the milestone counts as missed, or is about to."""
    if isinstance(body, kinds.MilestoneMissed):
        return body.because
    return None if state.misses_at is None else state.misses_because


def _stopped(state: LadderState) -> Stopped | None:
    if not state.stands_still:
        return None
    running = [toll for toll in state.tolls if toll.until is None]
    first = min(running, key=lambda toll: toll.since, default=None)
    return Stopped() if first is None else Stopped(since=first.since, event=first.event)


def _resumes(state: LadderState, today: date) -> date | None:
    ahead = (toll.until for toll in state.tolls if toll.until and toll.until > today)
    return None if state.stands_still else max(ahead, default=None)


def _presumed_at(state: LadderState, entry: Entry) -> datetime | None:
    """When silence will count as a miss; on the due date itself, as it would be counted now."""
    if state.asked_at is not None and state.presumed_at is None:
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


def _reason(state: LadderState, body: AnyBody) -> str | None:
    match body:
        case kinds.CureRejected(reason=said):
            return said
        case kinds.CureTendered(note=note):
            return note
        case _:
            return None if state.closing is None else state.closing.note


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
        silent=standing.silent,
        remedy=rung.remedy,
        clause=rung.clause,
        requires=rung.requires,
    )


def _tender(state: LadderState, body: AnyBody) -> TenderFacts | None:
    if state.tender is not None:
        return TenderFacts(
            number=state.tender.number,
            delivered=state.tender.delivered,
            respond_by=Moment.on(state.opened.calendar, state.tender.respond_by),
            evidence=_files(body) if isinstance(body, kinds.CureTendered) else (),
        )
    if isinstance(body, kinds.CureRejected):
        return TenderFacts(number=body.number)
    closing = state.closing
    if closing is None or closing.number is None:
        return None
    return TenderFacts(number=closing.number, delivered=closing.delivered)


def _files(body: kinds.CureTendered) -> tuple[str, ...]:
    kept = (document.name for document in body.evidence)
    return (*kept, *(file.name for file in body.attached or ()))
