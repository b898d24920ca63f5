"""What comes next on a ladder if nobody does anything, in values and in words."""

from __future__ import annotations

from datetime import datetime

from channels.moments import Moment, moment
from ladders.state import LadderState
from ladders.values import Role, Value


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


class Ahead(Value):
    """What comes next: a rung of ``rungs``, or none any more.

    ``missed`` says that the milestone is missed by now, ``misses_at`` when it was or will be, if
    that is settled; ``suspended`` that there is no due date, ``exhausted`` that the climb is over.
    """

    rungs: int
    missed: bool = False
    misses_at: Moment | None = None
    suspended: bool = False
    exhausted: bool = False
    next: NextRung | None = None

    @property
    def words(self) -> str:
        """The same as part of a sentence, its instants marked."""
        if self.next is not None:
            return f"{self._before(self.next)}, for the {self.next.role} to act"
        if self.exhausted:
            return "no rung is left: the climb has ended, and a decision is asked for every week"
        return "no rung is left: the climb ends, and a decision is asked for every week"

    def _before(self, rung: NextRung) -> str:
        which = f"rung {rung.number} of {self.rungs}"
        if self.missed or rung.day < 0:
            return f"{which} opens {_when(rung, 'at once')}"
        if self.suspended:
            return f"there is no due date until time is resumed; upon a miss then, {which} opens"
        if self.misses_at is None:
            return f"if the milestone is missed, {which} opens {_when(rung, 'at once')}"
        if rung.opens is None and not rung.waits:
            return f"it is missed {self.misses_at.when}, and {which} then opens"
        return f"it is missed {self.misses_at.when}, and {which} opens {_when(rung, 'then')}"


def _when(rung: NextRung, otherwise: str) -> str:
    if rung.waits:
        return "on its day once time runs again"
    return otherwise if rung.opens is None else rung.opens.opening


def ahead(state: LadderState, now: datetime) -> Ahead:
    """What comes next on the ladder, as of ``now``."""
    calendar = state.opened.calendar
    is_settled = state.misses_at is not None and state.misses_at <= now
    return Ahead(
        rungs=len(state.rungs),
        missed=state.missed_at is not None or is_settled,
        misses_at=moment(calendar, state.misses_at),
        suspended=state.suspended,
        exhausted=state.phase == "exhausted",
        next=_next(state, now),
    )


def _next(state: LadderState, now: datetime) -> NextRung | None:
    rungs = state.opened.ladder.rungs
    index = state.next_pending
    # From the due date on, or once a miss is settled, a warning is only recorded as passed.
    is_too_late = state.misses_at is not None or state.missed_at is not None
    while index is not None and rungs[index].is_early_warning:
        if not is_too_late and not state.is_due_day(now):
            break
        index = index + 1 if index + 1 < len(rungs) else None
    if index is None:
        return None
    rung = rungs[index]
    opens = _opens(state, index)
    follows = now if state.missed_at or rung.is_early_warning else _misses(state, now)
    return NextRung(
        number=index + 1,
        day=rung.day,
        role=rung.owner,
        opens=moment(state.opened.calendar, opens) if opens and opens > follows else None,
        waits=opens is None,
    )


def _misses(state: LadderState, now: datetime) -> datetime:
    """When the milestone is missed at the latest, unless it is reported delivered."""
    return state.misses_at or state.presumption(now)


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
