"""A contract as it is registered: who, what, by when, and under which ladder."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import StringConstraints

from ladders.damages import LiquidatedDamages
from ladders.ladder import Ladder
from ladders.prose import PersonRef, Prose
from ladders.values import Money, Period, Ref, Role, Sha256, Value

OWNER: Role = "owner"
APPROVER: Role = "approver"
"""The two roles every contract fills; a role nobody fills climbs to the approver."""


Zone = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+/-]{1,64}$")]
QuietHours = Annotated[str, StringConstraints(pattern=r"^(none|\d\d:\d\d-\d\d:\d\d)$")]
"""Local hours in which nobody is pinged, such as ``20:00-07:00``; ``none``: no such hours."""

CalendarId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]


class Absence(Value):
    """Days on which a person is away and the deputies stand in; both ends included."""

    first: date
    last: date


class Person(Value):
    """Somebody a contract names. ``id`` is a pseudonym once the contract is registered."""

    id: PersonRef
    email: Prose
    name: Prose | None = None
    slack: Prose | None = None
    deputies: tuple[PersonRef, ...] = ()
    absences: tuple[Absence, ...] = ()

    def is_away(self, day: date) -> bool:
        """Whether the person is absent on that local day."""
        return any(absence.first <= day <= absence.last for absence in self.absences)


class Counting(Value):
    """How days are counted: the zone, the holidays, and the hours of a working day.

    ``zone`` is an IANA name. ``calendar`` is a holiday calendar: an ISO 3166 country, possibly
    with a subdivision (``DE``, ``DE-BW``, ``US-MI``). Rungs open and questions are asked at
    ``opens``; a day that is a deadline ends at ``closing_time`` (None: at midnight), local time.
    """

    zone: Zone
    calendar: CalendarId
    opens: time = time(9)
    closing_time: time | None = None


class Document(Value):
    """A file as it was when it was named: its name, its SHA-256 and its size in bytes."""

    name: Prose
    sha256: Sha256
    size: int


class Attachment(Value):
    """A file that somebody attached elsewhere, from where it still has to be fetched.

    ``id`` is its id there; ``size`` is in bytes, as stated there.
    """

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    name: Prose
    size: int


class Notices(Value):
    """Where formal notices to the supplier go."""

    email: Prose


class Milestone(Value):
    """A dated obligation of the supplier.

    ``confirm_within`` is how long the owner may leave the question of the due date unanswered
    before a miss is presumed; ``respond_within`` how long the authority has to accept or reject a
    tender; ``cure`` the contractual cure period, counted from deemed receipt of a notice.
    ``past_due`` says what is so of a date that had passed when the contract was registered.
    """

    id: Ref
    due: date
    title: Prose | None = None
    clause: Prose | None = None
    acceptance: Prose | None = None
    price: Money | None = None
    damages: LiquidatedDamages | None = None
    cure: Period | None = None
    ladder: Ref = "launch"
    owner: PersonRef | None = None
    confirm_within: Period = Period(count=2, unit="business days")
    respond_within: Period = Period(count=5, unit="business days")
    past_due: Literal["open", "delivered"] | None = None


class Contract(Value):
    """One vendor contract, complete: every default filled in, every short form written out."""

    contract: Ref
    supplier: Prose
    buyer: Prose | None = None
    title: Prose | None = None
    law: Prose | None = None
    cisg: Literal["excluded", "applies"] | None = None
    document: Document | None = None
    notices: Notices | None = None
    slack_channel: Prose | None = None
    quiet_hours: QuietHours | None = None
    counting: Counting
    people: tuple[Person, ...]
    roles: dict[Role, PersonRef]
    authority: tuple[Role, ...] = (APPROVER,)
    ladders: tuple[Ladder, ...]
    milestones: tuple[Milestone, ...]

    def ladder(self, ladder_id: Ref) -> Ladder:
        """Return the ladder of that id; the file was checked to have it."""
        return next(ladder for ladder in self.ladders if ladder.id == ladder_id)

    def milestone(self, milestone_id: Ref) -> Milestone | None:
        """Return the milestone of that id, if there is one."""
        return next((m for m in self.milestones if m.id == milestone_id), None)

    def person(self, ref: PersonRef) -> Person | None:
        """Return the person of that id, if the contract names them."""
        return next((person for person in self.people if person.id == ref), None)
