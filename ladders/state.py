"""Where a ladder stands: a fold of its entries, and of nothing else.

The workflow holds this state, the ledger can rebuild it, and the two are compared. So whatever a
decision needs to remember is written into an entry, and :func:`apply` reads it back from there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Literal

from ladders import entries as kinds
from ladders.calendar import Calendar
from ladders.contract import OWNER
from ladders.counting import deadline, deadline_after_day
from ladders.entries import Entry, LadderOpened, Message, Outcome, Standing
from ladders.errors import StaleEntry
from ladders.ladder import LAST_DAY, Rung
from ladders.prose import PersonRef
from ladders.values import Instant, Period, Ref, Value

Phase = Literal["watching", "climbing", "exhausted", "closed"]
"""Before the miss; on the rungs; after the last one; over."""

_ONE_BUSINESS_DAY = Period(count=1, unit="business days")


class RungState(Value):
    """One rung's standing. ``remind_at`` is when its next reminder is due, if any is."""

    status: Literal["pending", "open", "done", "passed"] = "pending"
    opened_at: Instant | None = None
    deadline: Instant | None = None
    remind_at: Instant | None = None
    silent: bool = False


class Tender(Value):
    """A delivery or cure that was offered and not yet answered."""

    number: int
    delivered: date
    respond_by: Instant
    ask_at: Instant


class Closing(Value):
    """How, when and by whom a ladder was closed."""

    outcome: Outcome
    at: Instant
    by: PersonRef


class LadderState(Value):
    """A ladder as its entries leave it."""

    contract: Ref
    stream: str
    opened: LadderOpened
    opened_at: Instant
    phase: Phase = "watching"
    asked_at: Instant | None = None
    presumed_at: Instant | None = None
    remind_at: Instant | None = None
    misses_at: Instant | None = None
    misses_because: Literal["confirmed", "rejected", "backlog"] = "confirmed"
    missed_at: Instant | None = None
    rungs: tuple[RungState, ...]
    next_rung_now: Instant | None = None
    tender: Tender | None = None
    tenders: int = 0
    decisions_asked: int = 0
    decision_at: Instant | None = None
    closing: Closing | None = None
    outbox: tuple[Message, ...] = ()
    parked: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    last_key: str

    @property
    def standing(self) -> Standing:
        """Who holds which role now."""
        return self.opened.standing

    @property
    def due_close(self) -> datetime:
        """The instant at which the milestone's due date is over."""
        return self.opened.calendar.close(self.opened.milestone.due)

    @property
    def last_close(self) -> datetime:
        """The end of day ninety of the ladder's own clock: no rung's deadline lies beyond it."""
        return self.opened.calendar.close(self.opened.day_zero + timedelta(days=LAST_DAY))

    @property
    def climb_end(self) -> datetime:
        """When the climb ends: with the last rung's deadline, or on day ninety."""
        return self.rungs[-1].deadline or self.last_close

    @property
    def next_pending(self) -> int | None:
        """The index of the first rung that has neither opened nor been passed."""
        return next((i for i, rung in enumerate(self.rungs) if rung.status == "pending"), None)

    @property
    def current(self) -> int | None:
        """The index of the highest rung whose action is still to be done."""
        return max((i for i, rung in enumerate(self.rungs) if rung.status == "open"), default=None)

    def index(self, rung_id: Ref) -> int:
        """The index of the rung of that id; StaleEntry if the ladder has none."""
        for index, rung in enumerate(self.opened.ladder.rungs):
            if rung.id == rung_id:
                return index
        message = f"ladder {self.stream} has no rung {rung_id!r}"
        raise StaleEntry(message, "compare the ladder's definition with its first entry")

    def is_due_day(self, now: datetime) -> bool:
        """Whether work has begun on the due date, or the date has passed."""
        return now >= self.opened.calendar.opening(self.opened.milestone.due)

    def scheduled(self, index: int) -> datetime:
        """When the rung opens by its own day: as work begins on that day."""
        day = self.opened.day_zero + timedelta(days=self.opened.ladder.rungs[index].day)
        return self.opened.calendar.opening(day)

    def rung_deadline(self, rung: Rung, at: datetime) -> datetime:
        """When the action of ``rung``, opened ``at``, is due; never after day ninety.

        A rung that opens after the day it names still leaves its owner one business day.
        """
        calendar = self.opened.calendar
        if rung.due.day is not None:
            due = calendar.close(self.opened.day_zero + timedelta(days=rung.due.day))
        else:
            due = deadline(calendar, at, rung.due.within or _ONE_BUSINESS_DAY)
        if due <= at:
            due = deadline(calendar, at, _ONE_BUSINESS_DAY)
        return min(due, self.last_close)

    def presumption(self, now: datetime) -> datetime:
        """When silence becomes a presumed miss: ``confirm_within`` after the due date.

        Counted from the question where that came later: nobody is presumed to have failed on a
        date about which they were not asked.
        """
        calendar, milestone = self.opened.calendar, self.opened.milestone
        since_due = deadline_after_day(calendar, milestone.due, milestone.confirm_within)
        if self.asked_at is None or self.asked_at <= self.due_close:
            return since_due
        return max(since_due, deadline(calendar, now, milestone.confirm_within))

    def person(self, role: str) -> PersonRef:
        """Who holds ``role``; on a milestone with an owner of its own, that one."""
        if role == OWNER and self.opened.milestone.owner is not None:
            return self.opened.milestone.owner
        return self.standing.roles[role]


def begin(entry: Entry) -> LadderState:
    """The state that a ladder's first entry gives."""
    if not isinstance(entry.body, LadderOpened):
        message = f"the first entry of {entry.stream} is {entry.body.kind}, not ladder.opened"
        raise StaleEntry(message, "read the ladder's entries from its first one")
    backlog = entry.body.milestone.past_due == "open"
    return LadderState(
        contract=entry.contract,
        stream=entry.stream,
        opened=entry.body,
        opened_at=entry.occurred_at,
        misses_at=entry.occurred_at if backlog else None,
        misses_because="backlog" if backlog else "confirmed",
        rungs=tuple(RungState() for _ in entry.body.ladder.rungs),
        last_key=entry.key,
    )


def fold(entries: Iterable[Entry]) -> LadderState | None:
    """The state that all entries of one ladder give, in order; None where there are none."""
    state: LadderState | None = None
    for entry in entries:
        state = begin(entry) if state is None else apply(state, entry)
    return state


def apply(state: LadderState, entry: Entry) -> LadderState:
    """The state after ``entry``. Raises StaleEntry if the entry does not follow on ``state``."""
    if entry.after != state.last_key:
        message = (
            f"entry {entry.key} follows {entry.after}, but the state stands at {state.last_key}"
        )
        raise StaleEntry(message, "rebuild the state from the ledger")
    changes = _changes(state, entry)
    changes["last_key"] = entry.key
    if entry.by.actor != kinds.ENGINE:
        changes["answered"] = (*state.answered, entry.key)
    if entry.body.tell:
        changes["outbox"] = (*state.outbox, *entry.body.tell)
    return state.model_copy(update=changes)


def _changes(state: LadderState, entry: Entry) -> dict[str, object]:  # noqa: C901, PLR0911, PLR0912
    # One arm per kind, so that the whole meaning of the entries stands in one place.
    match entry.body:
        case kinds.DeliveryAsked():
            return {"asked_at": entry.occurred_at}
        case kinds.DeliveryUnconfirmed(presumed_at=presumed_at):
            remind_at = reminder(state.opened.calendar, entry.occurred_at, presumed_at)
            return {"presumed_at": presumed_at, "remind_at": remind_at}
        case kinds.DeliveryReminded():
            return {"remind_at": None}
        case kinds.MissConfirmed(misses_at=misses_at):
            return {"misses_at": misses_at, "misses_because": "confirmed"}
        case kinds.MilestoneMissed():
            return {"phase": "climbing", "missed_at": entry.occurred_at, "remind_at": None}
        case kinds.RungOpened() as opened:
            return _open_rung(state, opened, entry.occurred_at)
        case kinds.RungPassed(rung=rung):
            return {**_rung(state, rung, status="passed"), "next_rung_now": None}
        case kinds.RungReminded(rung=rung):
            return _rung(state, rung, remind_at=None)
        case kinds.RungSilent(rung=rung):
            return _silent(state, rung, entry.occurred_at)
        case kinds.RungAcknowledged(rung=rung, quiet_until=quiet_until):
            return _acknowledge(state, rung, quiet_until)
        case kinds.RungCompleted(rung=rung):
            return _rung(state, rung, status="done", remind_at=None)
        case kinds.Escalated():
            return {"next_rung_now": entry.occurred_at}
        case kinds.CureTendered() as tendered:
            return _tender(state, tendered, entry.occurred_at)
        case kinds.ResponseOverdue(asked_again_at=again):
            tender = state.tender and state.tender.model_copy(update={"ask_at": again})
            return {"tender": tender}
        case kinds.CureRejected():
            return _reject(state, entry.occurred_at)
        case kinds.CureAccepted(outcome=outcome):
            return {"tender": None, **_close(entry, outcome)}
        case kinds.LadderWithdrawn():
            return _close(entry, "withdrawn")
        case kinds.ClimbEnded(asked_again_at=again):
            return {"phase": "exhausted", "decision_at": again}
        case kinds.DecisionAsked(time=time, asked_again_at=again):
            return {"decisions_asked": time, "decision_at": again}
        case kinds.MessagePosted(message=key) | kinds.MessageDropped(message=key):
            return _settle(state, key)
        case kinds.MessageParked(message=key):
            return {"parked": (*state.parked, key)}
        case kinds.NoteAdded():
            return {}
        case _:
            message = f"{entry.body.kind} is not an entry of a ladder"
            raise StaleEntry(message, "read only the entries of the ladder's own stream")


def reminder(calendar: Calendar, start: datetime, end: datetime) -> datetime:
    """When the one reminder between two instants falls: half-way, as that day's work begins."""
    midway = start + (end - start) / 2
    morning = calendar.opening(calendar.local(midway).date())
    return morning if morning > start else midway


def _rung(state: LadderState, rung: Ref, **changes: object) -> dict[str, object]:
    rungs = list(state.rungs)
    index = state.index(rung)
    rungs[index] = rungs[index].model_copy(update=changes)
    return {"rungs": tuple(rungs)}


def _open_rung(state: LadderState, body: kinds.RungOpened, at: datetime) -> dict[str, object]:
    changes = _rung(
        state,
        body.rung,
        status="open",
        opened_at=at,
        deadline=body.deadline,
        remind_at=reminder(state.opened.calendar, at, body.deadline),
    )
    return {**changes, "next_rung_now": None}


def _silent(state: LadderState, rung: Ref, at: datetime) -> dict[str, object]:
    changes = _rung(state, rung, silent=True, remind_at=None)
    index = state.index(rung)
    climbs = state.opened.ladder.rungs[index].on_silence == "climb"
    if climbs and state.phase == "climbing" and state.next_pending == index + 1:
        changes["next_rung_now"] = at
    return changes


def _acknowledge(state: LadderState, rung: Ref | None, quiet_until: datetime) -> dict[str, object]:
    if rung is None:
        ends = state.presumed_at
        return {"remind_at": quiet_until if ends is not None and quiet_until < ends else None}
    ends = state.rungs[state.index(rung)].deadline
    return _rung(
        state, rung, remind_at=quiet_until if ends is not None and quiet_until < ends else None
    )


def _tender(state: LadderState, body: kinds.CureTendered, at: datetime) -> dict[str, object]:
    tender = Tender(
        number=body.number,
        delivered=body.delivered,
        respond_by=body.respond_by,
        ask_at=body.respond_by,
    )
    changes: dict[str, object] = {"tender": tender, "tenders": body.number}
    if state.phase == "watching":
        # A late delivery is a miss, whatever becomes of the tender: the owner has just said so.
        late = body.delivered > state.opened.milestone.due
        changes |= {"misses_at": at if late else None, "misses_because": "confirmed"}
    return changes


def _reject(state: LadderState, at: datetime) -> dict[str, object]:
    changes: dict[str, object] = {"tender": None}
    if state.phase == "watching" and at >= state.due_close:
        changes |= {"misses_at": at, "misses_because": "rejected"}
    return changes


def _close(entry: Entry, outcome: Outcome) -> dict[str, object]:
    closing = Closing(outcome=outcome, at=entry.occurred_at, by=entry.by.person)
    return {"phase": "closed", "closing": closing, "next_rung_now": None}


def _settle(state: LadderState, key: str) -> dict[str, object]:
    return {
        "outbox": tuple(message for message in state.outbox if message.key != key),
        "parked": tuple(parked for parked in state.parked if parked != key),
    }
