"""Whether a cure period that a ladder starts can end before the ladder uses the right it opens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from contracts.calendars import resolve
from contracts.kinds import Sheet
from contracts.source import Problem, problem
from ladders.calendar import Calendar
from ladders.contract import Counting
from ladders.counting import last_day
from ladders.ladder import LAST_DAY, Ladder, Rung
from ladders.values import Period

_HORIZON = timedelta(days=2 * LAST_DAY)


def cure_faults(
    milestone: Sheet, due: date, ladder: Ladder, counting: Counting
) -> Iterator[Problem]:
    """What is wrong with the cure period of ``milestone``, due on ``due``, under ``ladder``.

    The period is counted as late as it may begin: from the end of the deadline of the first rung
    that gives the notice. It must have run out strictly before the day of the rung that needs it.
    """
    cure: Period = milestone.values["cure"]
    start = next((rung for rung in ladder.rungs if rung.notice == "cure"), None)
    if start is None:
        what = f"ladder {ladder.id!r} has no rung whose notice starts a cure period"
        remedy = "give one of its rungs 'notice: cure', or choose another ladder"
        yield problem(milestone.place("cure"), what, remedy)
        return
    use = next((rung for rung in ladder.rungs if rung.requires), ladder.rungs[-1])
    end = _end(due, start, cure, counting)
    if end >= due + timedelta(days=use.day):
        when = f"ends on {end}, day {(end - due).days}"
        what = f"a cure period of {cure} begun on rung {start.id!r} {when}, not before rung "
        what += f"{use.id!r} on day {use.day}"
        remedy = f"move rung {start.id!r} or its deadline forward, or rung {use.id!r} back"
        yield problem(milestone.place("cure"), what, remedy)


def _end(due: date, start: Rung, cure: Period, counting: Counting) -> date:
    """The last day of the cure period."""
    opens = due + timedelta(days=start.day)
    calendar = resolve(counting, due - _HORIZON, due + _HORIZON)
    served = _after(calendar, opens, start.due.within) if start.due.within else None
    return _after(calendar, served or due + timedelta(days=start.due.day or 0), cure)


def _after(calendar: Calendar, day: date, period: Period) -> date:
    if period.continuous is not None:
        return day + timedelta(days=period.longest_days)
    return last_day(calendar, day, period)
