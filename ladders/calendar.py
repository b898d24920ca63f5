"""A frozen calendar: which days are worked, and what the clock on the wall says (law 5).

Holiday tables and time-zone rules change while a ladder runs. So both are resolved once, outside
the workflow, and kept as plain data; everything here is arithmetic on that data.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta

from ladders.contract import CalendarId, Zone
from ladders.errors import BeyondHorizon
from ladders.values import Instant, Value

_MIDNIGHT = time(0)
_SATURDAY_SUNDAY = (5, 6)


class OffsetChange(Value):
    """From ``since`` on, local time is UTC plus ``seconds``."""

    since: Instant
    seconds: int


class Calendar(Value):
    """Holidays, make-up days and offset changes of one place, from ``first`` to ``last``.

    ``weekend`` numbers the days of rest, Monday being 0 (None: Saturday and Sunday, as the first
    calendars had it without saying so); ``holidays`` are days off beside them,
    ``makeup_days`` days of rest that are worked. ``opens`` and ``closing_time`` are local; a day
    without closing time ends at midnight.
    """

    id: CalendarId
    zone: Zone
    first: date
    last: date
    holidays: tuple[date, ...] = ()
    makeup_days: tuple[date, ...] = ()
    weekend: tuple[int, ...] | None = None
    offsets: tuple[OffsetChange, ...]
    opens: time = time(9)
    closing_time: time | None = None

    def is_business_day(self, day: date) -> bool:
        """Whether ``day`` is worked: neither weekend nor holiday, or a make-up day.

        Beyond the last day that was resolved no holidays are known, and weekends alone count.
        Raises BeyondHorizon before the first.
        """
        if day < self.first:
            raise BeyondHorizon(day, self.first, self.last)
        if day in self.makeup_days:
            return True
        weekend = _SATURDAY_SUNDAY if self.weekend is None else self.weekend
        return day.weekday() not in weekend and day not in self.holidays

    def local(self, instant: datetime) -> datetime:
        """``instant`` as the wall clock shows it: a naive local time."""
        index = bisect_right(self.offsets, instant, key=lambda change: change.since)
        seconds = self.offsets[max(index - 1, 0)].seconds
        return (instant.astimezone(UTC) + timedelta(seconds=seconds)).replace(tzinfo=None)

    def shown(self, instant: datetime) -> str:
        """``instant`` as refusals name it: what the wall clock shows, and the zone."""
        return f"{self.local(instant):%F %R} ({self.zone})"

    def instant(self, day: date, at: time) -> datetime:
        """The instant at which the wall clock shows ``at`` on ``day``.

        A local time that occurs twice means the earlier one; one that a clock change skips means
        the instant of the change, so that no deadline ever falls before its own day.
        """
        wall = datetime.combine(day, at)
        candidates = [
            (wall - timedelta(seconds=change.seconds)).replace(tzinfo=UTC)
            for change in self.offsets
        ]
        shown = [instant for instant in candidates if self.local(instant) == wall]
        if shown:
            return min(shown)
        return next(c.since for c in self.offsets[1:] if self.local(c.since) > wall)

    def opening(self, day: date) -> datetime:
        """When work begins on ``day``."""
        return self.instant(day, self.opens)

    def close(self, day: date) -> datetime:
        """When ``day`` is over as a deadline: at its closing time, or at the following midnight."""
        if self.closing_time is None:
            return self.instant(day + timedelta(days=1), _MIDNIGHT)
        return self.instant(day, self.closing_time)
