"""Quiet hours: when a person is pinged who should not be just now. Deadlines never move for it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from channels.composing import Told
from ladders.calendar import Calendar

DEFAULT = "20:00-07:00"
"""Local hours in which nobody is pinged where the contract does not say."""

_A_DAY = timedelta(days=1)
_LOOK_AHEAD = 14


def ping_at(told: Told, zone: str | None, now: datetime) -> datetime:
    """When whoever is told may be pinged: ``now``, or when their quiet hours are over.

    Quiet are the hours that the contract names, in the person's own IANA ``zone`` (the contract's
    if none is known), and all of a day that is not worked. What is due within a day, and what
    somebody has just escalated, is said at once.
    """
    deadline = _deadline(told)
    if told.hurried or (deadline is not None and timedelta(0) <= deadline - now < _A_DAY):
        return now
    calendar = told.state.opened.calendar
    return opening(told.terms.quiet_hours or DEFAULT, _zone(zone, calendar), calendar, now)


def opening(hours: str, zone: tzinfo, calendar: Calendar, now: datetime) -> datetime:
    """``now`` if it is not quiet, else when quiet ends, UTC; ``hours`` is ``20:00-07:00`` or none.

    Where no worked day is found within two weeks, nothing is held back.
    """
    if hours == "none":
        return now
    begins, ends = (time.fromisoformat(part) for part in hours.split("-"))
    local = now.astimezone(zone)
    for offset in range(_LOOK_AHEAD):
        day = local.date() + timedelta(days=offset)
        if calendar.is_business_day(day):
            wakes = _wakes(begins, ends, local.time() if offset == 0 else time(0))
            if wakes is not None:
                at = datetime.combine(day, wakes, zone)
                return max(now, at.astimezone(UTC))
    return now


def _wakes(begins: time, ends: time, since: time) -> time | None:
    """The first moment of a day that is not quiet, from ``since`` on; None if that is past."""
    passes_midnight = begins > ends
    is_quiet = since >= begins or since < ends if passes_midnight else begins <= since < ends
    if not is_quiet:
        return since
    return None if passes_midnight and since >= begins else ends


def _zone(name: str | None, calendar: Calendar) -> tzinfo:
    try:
        return ZoneInfo(name or calendar.zone)
    except (ZoneInfoNotFoundError, ValueError):
        # A member may have set a zone that this machine has never heard of.
        return ZoneInfo(calendar.zone)


def _deadline(told: Told) -> datetime | None:
    state, message = told.state, told.message
    if message.rung is not None:
        return state.rungs[state.index(message.rung)].deadline
    if state.tender is not None:
        return state.tender.respond_by
    return state.presumed_at if state.phase == "watching" else None
