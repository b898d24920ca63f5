"""Looking up a place's holidays and clock changes, to be frozen into a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ladders.calendar import Calendar, OffsetChange
from ladders.contract import Counting


def resolve(counting: Counting, first: date, last: date) -> Calendar:
    """The calendar of ``counting`` from ``first`` to ``last``, as today's tables have it.

    Holidays come from the ``holidays`` package (public holidays of an ISO 3166 country or
    subdivision), clock changes from the IANA database.
    """
    import holidays  # noqa: PLC0415  (takes a noticeable part of a second)

    country, _, subdivision = counting.calendar.partition("-")
    found = holidays.country_holidays(
        country, subdiv=subdivision or None, years=range(first.year, last.year + 1)
    )
    return Calendar(
        id=counting.calendar,
        zone=counting.zone,
        first=first,
        last=last,
        holidays=tuple(sorted(day for day in found if first <= day <= last)),
        makeup_days=tuple(sorted(day for day in found.weekend_workdays if first <= day <= last)),
        weekend=tuple(sorted(found.weekend)),
        offsets=tuple(_offsets(ZoneInfo(counting.zone), first, last)),
        opens=counting.opens,
        closing_time=counting.closing_time,
    )


def _offsets(zone: ZoneInfo, first: date, last: date) -> list[OffsetChange]:
    """The zone's offset on ``first`` and every change of it up to two days after ``last``."""
    instant = datetime.combine(first, time(0), tzinfo=UTC) - timedelta(days=2)
    end = datetime.combine(last, time(0), tzinfo=UTC) + timedelta(days=2)
    changes = [OffsetChange(since=instant, seconds=_seconds(zone, instant))]
    while instant < end:
        later = min(instant + timedelta(days=1), end)
        if _seconds(zone, later) != changes[-1].seconds:
            since = _change_between(zone, instant, later)
            changes.append(OffsetChange(since=since, seconds=_seconds(zone, since)))
        instant = later
    return changes


def _change_between(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The second at which the offset changes between two instants that differ in it."""
    before = _seconds(zone, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=1) // 2)
        low, high = (middle, high) if _seconds(zone, middle) == before else (low, middle)
    return high


def _seconds(zone: ZoneInfo, instant: datetime) -> int:
    offset = instant.astimezone(zone).utcoffset() or timedelta(0)
    return int(offset.total_seconds())
