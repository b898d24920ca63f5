"""Where a ladder stands: a fold of its entries, and of nothing else.

The workflow holds this state, the ledger can rebuild it, and the two are compared. So whatever a
decision needs to remember is written into an entry, and :mod:`ladders.folding` reads it back.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Literal

from ladders.contract import APPROVER, OWNER, Attachment
from ladders.counting import deadline, deadline_after_day
from ladders.entries import Doer, LadderOpened, Message, Outcome, Standing
from ladders.errors import StaleEntry
from ladders.ladder import LAST_DAY, Rung
from ladders.prose import PersonRef, Prose
from ladders.tolling import TollingInterval, stopped_days, tolled
from ladders.values import Instant, Period, Ref, Value

Phase = Literal["watching", "climbing", "exhausted", "closed"]
"""Before the miss; on the rungs; after the last one; over."""

_ONE_BUSINESS_DAY = Period(count=1, unit="business days")
_INSTANTLY = timedelta(microseconds=1)


class Acknowledged(Value):
    """What was asked was acknowledged ``by`` somebody: no reminder before ``quiet_until``.

    It holds until its reminder is sent, or what was asked is answered or too late.
    """

    by: Doer
    at: Instant
    quiet_until: Instant


class RungState(Value):
    """One rung's standing. ``remind_at`` is when its next reminder is due, if any is."""

    status: Literal["pending", "open", "done", "passed"] = "pending"
    opened_at: Instant | None = None
    deadline: Instant | None = None
    remind_at: Instant | None = None
    silent: bool = False
    acknowledged: Acknowledged | None = None


class Tender(Value):
    """A delivery or cure that was offered and not yet answered."""

    number: int
    delivered: date
    respond_by: Instant
    ask_at: Instant


class Closing(Value):
    """How, when and by whom a ladder was closed, and what was said with it.

    It was done in the right of ``by``; ``doer`` says by whom. ``number`` and ``delivered`` are of
    the tender, if one was accepted.
    """

    outcome: Outcome
    at: Instant
    by: PersonRef
    doer: Doer | None = None
    number: int | None = None
    delivered: date | None = None
    note: Prose | None = None


class Attached(Value):
    """A file that an act brought and that is still to be fetched; ``act`` is its entry's key."""

    act: str
    by: PersonRef
    file: Attachment


class LadderState(Value):
    """A ladder as its entries leave it.

    ``board`` is the receipt of the ladder's own message in the contract's channel, once it is
    posted there, and ``boards`` counts how often one was owed; ``has_letters`` says that somebody
    was told in person where a message can still be changed. ``misses_by`` is who said that it was
    not delivered in time, where somebody has, and ``acknowledged`` is of the question whether it
    was.
    """

    contract: Ref
    stream: str
    opened: LadderOpened
    opened_at: Instant
    phase: Phase = "watching"
    asked_at: Instant | None = None
    presumed_at: Instant | None = None
    remind_at: Instant | None = None
    quiet_until: Instant | None = None
    misses_at: Instant | None = None
    misses_because: Literal["confirmed", "rejected", "backlog"] = "confirmed"
    misses_by: Doer | None = None
    missed_at: Instant | None = None
    acknowledged: Acknowledged | None = None
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
    version: int = 1
    course: int = 1
    tolls: tuple[TollingInterval, ...] = ()
    suspended: bool = False
    gone: dict[Ref, RungState] = {}
    board: str | None = None
    boards: int = 0
    has_letters: bool = False
    attached: tuple[Attached, ...] = ()
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
    def last_close(self) -> datetime | None:
        """The end of day ninety of the ladder's own clock: no rung's deadline lies beyond it.

        None while that clock stands still.
        """
        last = self.day(LAST_DAY)
        return None if last is None else self.opened.calendar.close(last)

    @property
    def climb_end(self) -> datetime | None:
        """When the climb ends: with the last deadline of all rungs, or on day ninety.

        None while the ladder's clock stands still.
        """
        opened = [rung for rung in self.rungs if rung.opened_at is not None]
        deadlines = [rung.deadline for rung in opened if rung.deadline is not None]
        if self.next_pending is not None or not opened:
            return self.last_close
        return max(deadlines) if len(deadlines) == len(opened) else None

    @property
    def stands_still(self) -> bool:
        """Whether time has been stopped for the ladder and not been resumed."""
        return self.suspended or self.last_close is None

    def key(self, fact: str) -> str:
        """The key of the entry that records ``fact``, once in each course of the ladder."""
        course = "" if self.course == 1 else f"course/{self.course}/"
        return f"{self.stream}/{course}{fact}"

    def day(self, number: int) -> date | None:
        """Day ``number`` of the ladder's own clock; None while that stands still."""
        zero = self.opened.day_zero
        return tolled(zero, zero + timedelta(days=number), self.tolls)

    def day_number(self, day: date) -> int:
        """Which day of the ladder's own clock the local ``day`` is: tolled days do not count."""
        zero = self.opened.day_zero
        return (day - zero).days - stopped_days(zero, day, self.tolls)

    @property
    def next_pending(self) -> int | None:
        """The index of the first rung that has neither opened nor been passed."""
        return next((i for i, rung in enumerate(self.rungs) if rung.status == "pending"), None)

    @property
    def current(self) -> int | None:
        """The index of the highest rung whose action is still to be done.

        After the miss an early warning that was never answered is no place to stand on.
        """
        rungs = zip(self.opened.ladder.rungs, self.rungs, strict=True)
        return max(
            (
                index
                for index, (rung, standing) in enumerate(rungs)
                if standing.status == "open"
                and (self.phase == "watching" or not rung.is_early_warning)
            ),
            default=None,
        )

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

    def scheduled(self, index: int) -> datetime | None:
        """When the rung opens by its own day, as work begins; None while the clock stands still."""
        day = self.day(self.opened.ladder.rungs[index].day)
        return None if day is None else self.opened.calendar.opening(day)

    def rung_deadline(self, rung: Rung, at: datetime) -> datetime | None:
        """When the action of ``rung``, opened ``at``, is due; never after day ninety.

        A rung that opens after the day it names still leaves its owner one business day. None
        while the ladder's clock stands still.
        """
        due, last = self._due(rung, at), self.last_close
        return due if due is None or last is None else min(due, last)

    def _due(self, rung: Rung, at: datetime) -> datetime | None:
        calendar, within = self.opened.calendar, rung.due.within
        if rung.due.day is not None:
            day = self.day(rung.due.day)
            if day is None:
                return None
            if calendar.close(day) > at:
                return calendar.close(day)
        return self._tolled(at, deadline(calendar, at, within or _ONE_BUSINESS_DAY))

    def _tolled(self, start: datetime, end: datetime) -> datetime | None:
        """``end`` of a stretch that began at ``start``, moved by the days that did not count."""
        calendar = self.opened.calendar
        wall = calendar.local(end)
        # A day's midnight belongs to the day it ends.
        last = calendar.local(end - _INSTANTLY).date()
        moved = tolled(calendar.local(start).date(), last, self.tolls)
        if moved is None:
            return None
        return (
            end if moved == last else calendar.instant((wall + (moved - last)).date(), wall.time())
        )

    def presumption(self, now: datetime) -> datetime:
        """When silence becomes a presumed miss: ``confirm_within`` after the due date.

        Counted from ``now`` where the question, or the word that it is unanswered, came too late
        for that: nobody is presumed to have failed who had no time to answer.
        """
        calendar, milestone = self.opened.calendar, self.opened.milestone
        since_due = deadline_after_day(calendar, milestone.due, milestone.confirm_within)
        if self.asked_at is not None and self.asked_at <= self.due_close and now < since_due:
            return since_due
        return max(since_due, deadline(calendar, now, milestone.confirm_within))

    def person(self, role: str) -> PersonRef:
        """Who holds ``role``, else the approver; on a milestone with its own owner, that one."""
        if role == OWNER and self.opened.milestone.owner is not None:
            return self.opened.milestone.owner
        # A frozen ladder may name a role that amended terms no longer fill.
        return self.standing.roles.get(role, self.standing.roles[APPROVER])
