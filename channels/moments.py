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
        """The local time alone; a midnight is the end of the day before."""
        if self.wall.time() == time(0):
            return f"the end of {spoken(self.wall - timedelta(days=1))}"
        return f"{spoken(self.wall)}, {self.wall:%R}"

    @property
    def marked(self) -> str:
        """The same as text, marked for channels that can show the reader's own time."""
        return mark(self.at, str(self))

    def __str__(self) -> str:
        """Return local time, zone and UTC."""
        return f"{self.local} ({self.zone}; {self.at:%F %R} UTC)"


def moment(calendar: Calendar, at: datetime | None) -> Moment | None:
    """``at`` as a moment in the contract's zone, if there is one."""
    return None if at is None else Moment.on(calendar, at)
