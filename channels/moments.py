"""Days and instants as messages say them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from channels.marking import mark
from ladders.calendar import Calendar
from ladders.values import Instant, Value


def spoken(day: date) -> str:
    """A day as people say it, such as ``Thursday 1 October 2026``."""
    return f"{day:%A} {day.day} {day:%B %Y}"


class Moment(Value):
    """An instant, and what the clock on the wall of the contract's zone shows at it."""

    at: Instant
    wall: datetime
    zone: str

    @classmethod
    def on(cls, calendar: Calendar, at: datetime) -> Moment:
        """``at`` as the wall clock of ``calendar`` shows it."""
        return cls(at=at, wall=calendar.local(at), zone=calendar.zone)

    @property
    def local(self) -> str:
        """The local time alone, of a deadline; a midnight is the end of the day before."""
        if self._is_midnight:
            return f"the end of {spoken(self.wall - timedelta(days=1))}"
        return self.starting

    @property
    def starting(self) -> str:
        """The local time alone, of a beginning; a midnight belongs to the day that it begins."""
        return f"{spoken(self.wall)}, {self.wall:%R}"

    @property
    def marked(self) -> str:
        """A deadline as text, marked for channels that can show the reader's own time."""
        return self._mark(self.local)

    @property
    def when(self) -> str:
        """When something happens that a deadline brings: ``on`` a day, or ``at the end`` of one."""
        return f"{'at' if self._is_midnight else 'on'} {self.marked}"

    @property
    def opening(self) -> str:
        """When something begins, or was done: ``on`` a day, at a time; marked."""
        return f"on {self.beginning}"

    @property
    def beginning(self) -> str:
        """A beginning as text, marked."""
        return self._mark(self.starting)

    @property
    def _is_midnight(self) -> bool:
        return self.wall.time() == time(0)

    def _mark(self, local: str) -> str:
        return mark(self.at, f"{local} ({self.zone})", self._full(local))

    def _full(self, local: str) -> str:
        return f"{local} ({self.zone}; {self.at:%F %R} UTC)"

    def __str__(self) -> str:
        """Return local time, zone and UTC."""
        return self._full(self.local)


def moment(calendar: Calendar, at: datetime | None) -> Moment | None:
    """``at`` as a moment in the contract's zone, if there is one."""
    return None if at is None else Moment.on(calendar, at)
