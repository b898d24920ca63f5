"""Tolling: the one calculation by which stopped time moves every affected deadline (law 13)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from ladders.values import Ref, Value


class TollingInterval(Value):
    """Local days that do not count: from ``since`` to the day before ``until``.

    ``until`` is the day on which time runs again; None while it stands still. ``event`` is the
    relief event that stopped it.
    """

    event: Ref
    since: date
    until: date | None = None


def tolled(start: date, end: date, intervals: Iterable[TollingInterval]) -> date | None:
    """The day on which a stretch of days ends that, untolled, would run from ``start`` to ``end``.

    Days count once however many intervals hold them; those before ``start`` do not count, nor do
    intervals that begin after the stretch has ended. None where time stands still at the end.
    """
    counted = start
    for interval in sorted(intervals, key=lambda interval: (interval.since, interval.event)):
        if interval.since > end:
            break
        since = max(interval.since, counted)
        if interval.until is None:
            return None
        if interval.until > since:
            end += interval.until - since
            counted = interval.until
    return end


def stopped_days(start: date, day: date, intervals: Iterable[TollingInterval]) -> int:
    """How many of the days from ``start`` to the day before ``day`` did not count."""
    stopped = {
        start + timedelta(days=offset)
        for interval in intervals
        for offset in range(
            max((interval.since - start).days, 0),
            (min(interval.until or day, day) - start).days,
        )
    }
    return len(stopped)
