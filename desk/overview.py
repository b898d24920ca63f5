"""What a contract manager reads in the morning: every open ladder, what falls due, what waits.

The fields of :class:`OpenLadder`, :class:`Falls`, :class:`Milestone` and :class:`Request` are those
of ``status --json``, and stay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from ladders.calendar import Calendar
from ladders.errors import HoldfastError
from ladders.values import Value

_INSTANTLY = timedelta(microseconds=1)
_BEGINNINGS = frozenset({"ask", "rung", "start", "decision"})


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant in UTC, and as the contract's wall clock shows it, with its offset.

    There are thousands on one page, so it is not validated as what people enter is.
    """

    utc: datetime
    local: datetime

    @classmethod
    def on(cls, calendar: Calendar | None, instant: datetime) -> Moment:
        """``instant`` as ``calendar`` shows it, or in UTC where there is none."""
        utc = instant.astimezone(UTC)
        if calendar is None:
            return cls(utc=utc, local=utc)
        offset = calendar.local(utc) - utc.replace(tzinfo=None)
        return cls(utc=utc, local=utc.astimezone(timezone(offset)))

    @property
    def day(self) -> date:
        """The local day it belongs to; midnight belongs to the day that it ends."""
        return (self.local - _INSTANTLY).date()


class OpenLadder(Value):
    """An open ladder, or a closed one that still owes messages, on which it is nobody's turn (-).

    ``ladder`` is what ``holdfast act`` takes.

    ``day`` is the ladder's own, the due date being day 0. ``rung`` is number ``step`` of
    ``steps``. It is the turn of ``person``, as ``role``, since ``since`` and until ``until``;
    ``deputies`` stand in while the person is away, else there are none. ``owed`` messages are not
    sent yet, ``parked`` ones among them wait for somebody to mend something, as the codes in
    ``problems`` say. Time ``stands_still`` if an event has stopped it for the ladder.
    Where nothing is asked of anybody, ``awaits`` is the cause of what comes next, at ``until``.
    """

    ladder: str
    contract: str
    supplier: str
    milestone: str
    due: date
    phase: str
    day: int
    rung: str | None
    step: int | None
    steps: int
    role: str
    person: str
    address: str | None
    deputies: tuple[str, ...]
    opened: Moment
    missed: Moment | None
    since: Moment
    until: Moment | None
    stands_still: bool
    overdue: bool
    owed: int
    parked: int
    problems: tuple[str, ...]
    awaits: str | None = None


class Falls(Value):
    """Something that falls due ``at``: ``cause`` for programs, ``what`` for people."""

    at: Moment
    ladder: str
    contract: str
    cause: str
    what: str
    role: str
    person: str
    address: str | None

    @property
    def begins(self) -> bool:
        """Whether something begins then, rather than ends: a midnight is of the day it begins."""
        return self.cause in _BEGINNINGS

    @property
    def day(self) -> date:
        """The local day it belongs to."""
        return self.at.local.date() if self.begins else self.at.day


class Asked(Value):
    """Something asked of ``person``, as ``role``; ``what`` and ``action`` as :mod:`ladders.asking`.

    ``board`` is the receipt of the ladder's message in the contract's channel.
    """

    ladder: str
    contract: str
    supplier: str
    milestone: str
    what: str
    rung: str | None
    action: str | None
    role: str
    person: str
    address: str | None
    until: Moment | None
    overdue: bool
    board: str | None


class Closed(Value):
    """A ladder that was closed, and how."""

    ladder: str
    contract: str
    supplier: str
    outcome: str
    at: Moment


class Milestone(Value):
    """A milestone without an open ladder; its ladder begins at ``starts``, if it waits for that.

    ``due`` is the date in force, or as last agreed while time ``stands_still``.
    """

    contract: str
    supplier: str
    milestone: str
    due: date
    status: str
    outcome: str | None
    stands_still: bool
    starts: Moment | None


class Request(Value):
    """What somebody asked for: not applied yet, or ``refused`` with these words."""

    contract: str
    target: str
    name: str
    person: str
    address: str | None
    received: Moment
    refused: str | None


@dataclass(frozen=True)
class Overview:
    """All of it. ``unreadable`` are the streams of which no standing could be derived, and why.

    ``today`` is the local day of each registered contract; ``everyone`` tells the name and the
    address of all people on their rosters.
    """

    ladders: tuple[OpenLadder, ...]
    falls: tuple[Falls, ...]
    milestones: tuple[Milestone, ...]
    requests: tuple[Request, ...]
    unreadable: dict[str, HoldfastError]
    today: dict[str, date]
    everyone: Callable[[], set[tuple[str, str]]]
