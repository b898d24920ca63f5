"""What can reach a ladder: time, a person's action, its contract's terms, a message's outcome."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ladders.calendar import Calendar
from ladders.contract import Attachment, Document, Milestone
from ladders.entries import Doer, Standing
from ladders.ladder import Ladder
from ladders.prose import Prose, Wording
from ladders.tolling import TollingInterval
from ladders.values import Instant, Period, Ref, Value

ActionName = Literal[
    "acknowledge", "complete", "confirm", "escalate", "tender", "accept", "reject", "withdraw",
    "note",
]  # fmt: skip


class Tick(Value):
    """Time has passed: whatever was due by ``until`` is to happen."""

    until: Instant


class Action(Value):
    """What somebody asks of a ladder. ``key`` is the click's one key (law 4).

    ``received_at`` is when the request was committed to the inbox, and what it counts from (law
    14). ``rung`` may be left out where one rung is open. ``pause`` is how long an acknowledgement
    keeps reminders away; ``delivered`` the local day of a tendered delivery. ``attached`` are
    files that still have to be fetched. ``about`` is what was being asked where the action was
    offered, in the words of :func:`ladders.requirements.about`; None where nothing was shown.
    """

    key: str
    name: ActionName
    by: Doer
    received_at: Instant
    rung: Ref | None = None
    note: Prose | None = None
    delivered: date | None = None
    evidence: tuple[Document, ...] = ()
    pause: Period | None = None
    attached: tuple[Attachment, ...] = ()
    about: str | None = None


class Posted(Value):
    """A message was accepted by its channel, which gave it ``receipt``.

    ``wording`` is what it said, sealed; ``instead`` why another channel would not take it.
    """

    message: str
    channel: str
    receipt: str
    wording: Wording
    instead: str | None = None


class Parked(Value):
    """A message cannot be sent until somebody mends something; ``problem`` is a short code."""

    message: str
    problem: str


class Dropped(Value):
    """A message will not be sent."""

    message: str
    because: Literal["superseded", "given up"]


class Lost(Value):
    """A message that was posted can be neither changed nor answered; ``problem`` is a code."""

    message: str
    problem: str


class Kept(Value):
    """A file that was attached is kept; ``act`` is the key of the entry that brought it."""

    act: str
    attachment: str
    document: Document


class Unkept(Value):
    """A file that was attached cannot be fetched; ``problem`` is a short code."""

    act: str
    attachment: str
    problem: str


class Terms(Value):
    """What a fact of the contract leaves in force for a ladder, in full; the highest version wins.

    ``fact`` is the key of the fact's entry, ``by`` whose doing it was, ``received_at`` what it
    counts from. ``milestone`` has the due date in force, and ``suspended`` says that it has none
    while time stands still; None where the contract has the milestone no longer. ``choice`` says
    what becomes of a ladder past its miss, ``redated`` whether the fact is about the due date
    itself; ``reason`` says why the ladder ends, if it does.
    """

    version: int
    fact: str
    by: Doer
    received_at: Instant
    milestone: Milestone | None
    suspended: bool = False
    ladder: Ladder | None = None
    calendar: Calendar
    standing: Standing
    tolls: tuple[TollingInterval, ...] = ()
    redated: bool = False
    choice: Literal["keep", "move", "withdraw", "waive"] = "keep"
    reason: Prose | None = None


Event = Tick | Action | Terms | Posted | Parked | Dropped | Lost | Kept | Unkept
