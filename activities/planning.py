"""Planning: the resolution of a calendar that will then be frozen, as an activity."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from temporalio import activity

from activities.failures import translated
from ladders.calendar import Calendar
from ladders.contract import Counting
from ladders.values import Value


class Stretch(Value):
    """The local days for which a calendar is wanted, both included."""

    counting: Counting
    first: date
    last: date


Almanac = Callable[[Counting, date, date], Calendar]
"""Looks up holidays, make-up days and clock changes of a place, from day to day."""


class Planning:
    """Resolves calendars."""

    def __init__(self, almanac: Almanac) -> None:
        """Keep where calendars are looked up."""
        self._almanac = almanac

    @activity.defn
    def plan(self, stretch: Stretch) -> Calendar:
        """Resolve the calendar of ``stretch``."""
        with translated():
            return self._almanac(stretch.counting, stretch.first, stretch.last)
