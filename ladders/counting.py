"""Counting: from an instant and a period to a deadline, purely from a frozen calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ladders.calendar import Calendar
from ladders.values import Period


def deadline(calendar: Calendar, start: datetime, period: Period) -> datetime:
    """The instant at which ``period``, begun at ``start``, has run out.

    Hours, minutes and seconds run continuously. Days exclude the day of ``start`` and end with
    the close of the last one (the common rule of BGB 187(1), FRCP 6(a)(1) and Regulation 1182/71
    art. 3); business days are counted the same way and skip days that are not worked.
    """
    if period.continuous is not None:
        return start + period.continuous
    return calendar.close(last_day(calendar, calendar.local(start).date(), period))


def last_day(calendar: Calendar, start: date, period: Period) -> date:
    """The local day on which a period of days, begun on ``start``, ends."""
    if period.unit == "days":
        return start + timedelta(days=period.count)
    day, left = start, period.count
    while left:
        day += timedelta(days=1)
        left -= calendar.is_business_day(day)
    return day


def deadline_after_day(calendar: Calendar, day: date, period: Period) -> datetime:
    """The instant at which ``period`` has run out, counted from the end of the local ``day``."""
    if period.continuous is not None:
        return calendar.close(day) + period.continuous
    return calendar.close(last_day(calendar, day, period))


def reminder(calendar: Calendar, start: datetime, end: datetime) -> datetime:
    """When the one reminder between two instants falls: half-way, as that day's work begins."""
    midway = start + (end - start) / 2
    morning = calendar.opening(calendar.local(midway).date())
    return morning if morning > start else midway
