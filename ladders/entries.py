"""What may happen: a closed list of entry kinds, each with a typed body and one human sentence.

An entry is what a decision produces and what the ledger keeps. Its body carries identifiers,
dates and commitments; never a name, an address or free text in clear (law 19). Sentences are
rendered from an *opened* body, in which commitments have been replaced by what they stand for.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from ladders.calendar import Calendar
from ladders.contract import Contract, Document, Milestone
from ladders.ladder import Ladder
from ladders.prose import PersonRef, Prose, Wording
from ladders.values import Instant, Ref, Role, Value

ENGINE = PersonRef("holdfast")
"""The actor of whatever happened because time passed."""

Via = Literal["timer", "cli", "slack", "email", "web", "api"]
Authentication = Literal["none", "os-user", "slack", "sign-in", "api-key"]
Topic = Literal[
    "rung", "reminder", "question", "unconfirmed", "silence", "tender", "response", "closed",
    "climb-ended", "decision", "rejected", "miss",
]  # fmt: skip

Names = Callable[[str], str]
"""Turns a pseudonym into what a reader may see: a name, or the pseudonym once erased."""


class Doer(Value):
    """Who did it, in three fields (law 18), and through which surface.

    ``actor`` did it, perhaps ``on_behalf_of`` somebody else; ``authenticated_by`` says how we
    know the actor. An operator who types ``act --as`` is the actor, not the person named.
    """

    actor: PersonRef = ENGINE
    on_behalf_of: PersonRef | None = None
    authenticated_by: Authentication = "none"
    via: Via = "timer"

    @property
    def person(self) -> PersonRef:
        """In whose right the action is taken."""
        return self.on_behalf_of or self.actor


class Message(Value):
    """One message owed to one person: an intent, until an entry records its outcome (law 3)."""

    key: str
    topic: Topic
    to: PersonRef
    role: Role
    rung: Ref | None = None


class Body(Value):
    """Base of the entry bodies. ``tell`` lists the messages that the entry gives rise to."""

    tell: tuple[Message, ...] = ()


class RehearsalStarted(Body):
    """First entry of a scratch ledger: nothing in it happened."""

    kind: Literal["rehearsal.started"] = "rehearsal.started"

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return "Rehearsal: nothing recorded here happened."


class ContractRegistered(Body):
    """A contract came under watch. ``source`` is the contract file as it was registered."""

    kind: Literal["contract.registered"] = "contract.registered"
    terms: Contract
    source: Document
    calendar: Calendar

    def sentence(self, names: Names) -> str:
        """One sentence."""
        count = len(self.terms.milestones)
        plural = "milestone" if count == 1 else "milestones"
        return f"Contract with {self.terms.supplier} registered: {count} {plural} watched."


class LadderStarted(Body):
    """The contract began a ladder for a milestone."""

    kind: Literal["ladder.started"] = "ladder.started"
    milestone: Ref
    number: int

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Ladder {self.number} for milestone {self.milestone} started."


Outcome = Literal["averted", "cured", "withdrawn"]


class MilestoneSettled(Body):
    """A milestone's ladder has closed; the contract watches the milestone no longer."""

    kind: Literal["milestone.settled"] = "milestone.settled"
    milestone: Ref
    number: int
    outcome: Outcome

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Milestone {self.milestone} settled: {self.outcome}."


class Standing(Value):
    """Who stands where when a ladder opens, and who stands in for whom. Never frozen (law 5)."""

    roles: dict[Role, PersonRef]
    authority: tuple[Role, ...]
    deputies: dict[str, tuple[PersonRef, ...]] = {}
    absences: dict[str, tuple[tuple[date, date], ...]] = {}
    roster: tuple[PersonRef, ...] = ()


class LadderOpened(Body):
    """A ladder opened: everything it will ever count from, frozen (law 5).

    Day 0 is ``day_zero``: the due date, or for open backlog the day of registration.
    """

    kind: Literal["ladder.opened"] = "ladder.opened"
    rules: int
    milestone: Milestone
    ladder: Ladder
    calendar: Calendar
    standing: Standing
    day_zero: date

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Ladder {self.ladder.id} opened for {self.milestone.id}, due {self.milestone.due}."


class DeliveryAsked(Body):
    """The due date has come; its owner is asked: delivered, or not? (law 6)."""

    kind: Literal["delivery.asked"] = "delivery.asked"

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"{_told(self, names)} asked: delivered, or not?"


class DeliveryUnconfirmed(Body):
    """The due date has passed without an answer; not yet a miss (law 6)."""

    kind: Literal["delivery.unconfirmed"] = "delivery.unconfirmed"
    presumed_at: Instant

    def sentence(self, names: Names) -> str:
        """One sentence."""
        presumed = f"{self.presumed_at:%F %R} UTC"
        return f"No answer by the due date: unconfirmed; a miss is presumed at {presumed}."


class DeliveryReminded(Body):
    """The question of the due date was put once more."""

    kind: Literal["delivery.reminded"] = "delivery.reminded"

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"{_told(self, names)} reminded: delivered, or not?"


class MissConfirmed(Body):
    """Somebody entitled said: not delivered. ``misses_at`` is when it becomes a miss."""

    kind: Literal["miss.confirmed"] = "miss.confirmed"
    misses_at: Instant
    note: Prose | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Not delivered{_said(self.note)}."


class MilestoneMissed(Body):
    """The milestone is missed: confirmed, presumed from silence, or its tender was rejected."""

    kind: Literal["milestone.missed"] = "milestone.missed"
    because: Literal["confirmed", "presumed", "rejected", "backlog"]

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return {
            "confirmed": "Milestone missed, as its owner confirmed.",
            "presumed": "Milestone presumed missed: the owner did not answer in time.",
            "rejected": "Milestone missed: what was tendered was rejected.",
            "backlog": "Milestone was already overdue and open when the contract was registered.",
        }[self.because]


class RungOpened(Body):
    """A rung opened: its owner is to act by the deadline."""

    kind: Literal["rung.opened"] = "rung.opened"
    rung: Ref
    day: int
    role: Role
    owner: PersonRef
    deadline: Instant

    def sentence(self, names: Names) -> str:
        """One sentence."""
        by = f"{self.deadline:%F %R} UTC"
        return f"Rung {self.rung} (day {self.day}): {names(self.owner)} is to act by {by}."


class RungPassed(Body):
    """A rung's time was over before it could open: recorded, and nobody is told (law 14)."""

    kind: Literal["rung.passed"] = "rung.passed"
    rung: Ref
    day: int

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Rung {self.rung} (day {self.day}) recorded as passed."


class RungReminded(Body):
    """The owner of a rung was reminded of its deadline."""

    kind: Literal["rung.reminded"] = "rung.reminded"
    rung: Ref

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"{_told(self, names)} reminded of rung {self.rung}."


class RungSilent(Body):
    """A rung's deadline passed without its action being done."""

    kind: Literal["rung.silent"] = "rung.silent"
    rung: Ref

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Rung {self.rung}: the deadline passed in silence."


class RungAcknowledged(Body):
    """A rung was acknowledged: reminders pause, the ladder does not (law 7)."""

    kind: Literal["rung.acknowledged"] = "rung.acknowledged"
    rung: Ref | None = None
    quiet_until: Instant
    note: Prose | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        rung = f" of rung {self.rung}" if self.rung else ""
        until = f"{self.quiet_until:%F %R} UTC"
        return f"Acknowledged{rung}; no reminder before {until}{_said(self.note)}."


class RungCompleted(Body):
    """The action of a rung was reported done."""

    kind: Literal["rung.completed"] = "rung.completed"
    rung: Ref
    note: Prose | None = None
    evidence: tuple[Document, ...] = ()

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Action of rung {self.rung} done{_said(self.note)}{_shown(self.evidence)}."


class Escalated(Body):
    """Somebody entitled asked for the next rung now."""

    kind: Literal["ladder.escalated"] = "ladder.escalated"
    reason: Prose

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Escalated: {self.reason}"


class CureTendered(Body):
    """Delivery or cure was offered; the authority has until ``respond_by`` to answer."""

    kind: Literal["cure.tendered"] = "cure.tendered"
    number: int
    delivered: date
    respond_by: Instant
    note: Prose | None = None
    evidence: tuple[Document, ...] = ()

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return (
            f"Tender {self.number}: delivered {self.delivered}{_said(self.note)}"
            f"{_shown(self.evidence)}; answer due {self.respond_by:%F %R} UTC."
        )


class ResponseOverdue(Body):
    """A tender has not been answered in time. Silence accepts nothing (law 8)."""

    kind: Literal["response.overdue"] = "response.overdue"
    number: int
    asked_again_at: Instant

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Tender {self.number} is unanswered; silence accepts nothing."


class CureAccepted(Body):
    """The tender was accepted: the ladder is closed, from the day of delivery."""

    kind: Literal["cure.accepted"] = "cure.accepted"
    number: int
    delivered: date
    outcome: Literal["averted", "cured"]
    note: Prose | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        closed = f"ladder closed as {self.outcome}, delivered {self.delivered}"
        return f"Tender {self.number} accepted{_said(self.note)}; {closed}."


class CureRejected(Body):
    """The tender was rejected; the ladder goes on."""

    kind: Literal["cure.rejected"] = "cure.rejected"
    number: int
    reason: Prose

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Tender {self.number} rejected: {self.reason}"


class LadderWithdrawn(Body):
    """The ladder was opened in error: closed without admission, neither cured nor waived."""

    kind: Literal["ladder.withdrawn"] = "ladder.withdrawn"
    reason: Prose

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Ladder withdrawn: {self.reason}"


class ClimbEnded(Body):
    """The last rung's time is over: the climb ends, the default does not (law 9)."""

    kind: Literal["climb.ended"] = "climb.ended"
    asked_again_at: Instant

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return "The climb has ended; the default has not. A decision is asked for every week."


class DecisionAsked(Body):
    """The approver was asked once more for a decision."""

    kind: Literal["decision.asked"] = "decision.asked"
    time: int
    asked_again_at: Instant

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"{_told(self, names)} asked for a decision, time {self.time}."


class NoteAdded(Body):
    """Somebody on the roster left a note."""

    kind: Literal["note.added"] = "note.added"
    note: Prose

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Note: {self.note}"


class MessagePosted(Body):
    """A message reached its channel. Posted is not read, and not notice (law 11).

    ``wording`` is the whole message: its subject, an empty line, its text.
    """

    kind: Literal["message.posted"] = "message.posted"
    message: str
    topic: Topic
    to: PersonRef
    channel: str
    receipt: str
    wording: Wording

    def sentence(self, names: Names) -> str:
        """One sentence."""
        subject = self.wording.partition("\n")[0]
        return f"Posted to {names(self.to)} through {self.channel}: {subject}"


class MessageParked(Body):
    """A message could not be posted for a lasting reason; it is tried again, more slowly."""

    kind: Literal["message.parked"] = "message.parked"
    message: str
    topic: Topic
    to: PersonRef
    problem: str

    def sentence(self, names: Names) -> str:
        """One sentence."""
        what = f"The {self.topic} message to {names(self.to)}"
        return f"{what} is parked ({self.problem}); no clock waits for it."


class MessageDropped(Body):
    """A message was not sent because events overtook it, or was given up after the close."""

    kind: Literal["message.dropped"] = "message.dropped"
    message: str
    topic: Topic
    to: PersonRef
    because: Literal["superseded", "given up"]

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"The {self.topic} message to {names(self.to)} was not sent: {self.because}."


AnyBody = Annotated[
    RehearsalStarted | ContractRegistered | LadderStarted | MilestoneSettled | LadderOpened
    | DeliveryAsked | DeliveryUnconfirmed | DeliveryReminded | MissConfirmed | MilestoneMissed
    | RungOpened | RungPassed | RungReminded | RungSilent | RungAcknowledged | RungCompleted
    | Escalated | CureTendered | ResponseOverdue | CureAccepted | CureRejected | LadderWithdrawn
    | ClimbEnded | DecisionAsked | NoteAdded | MessagePosted | MessageParked | MessageDropped,
    Field(discriminator="kind"),
]  # fmt: skip
"""The closed list."""


class Entry(Value):
    """One line of the ledger, before the ledger numbers and chains it.

    ``stream`` is ``contract`` or a ladder such as ``tooling/1``; ``after`` is the key of the
    stream's previous entry, so that a ledger restored from an older backup is noticed (law 3).
    ``occurred_at`` comes from the workflow's clock; ``deemed_at`` is the instant the fact counts
    from. ``key`` derives from meaning and makes the append idempotent (law 4).
    """

    contract: Ref
    stream: str
    key: str
    after: str | None = None
    occurred_at: Instant
    deemed_at: Instant
    by: Doer
    body: AnyBody


def _told(body: Body, names: Names) -> str:
    return " and ".join(names(message.to) for message in body.tell) or "Nobody"


def _said(note: Prose | None) -> str:
    return "" if note is None else f" ({note})"


def _shown(evidence: tuple[Document, ...]) -> str:
    shown = ", ".join(f"{document.name} {document.sha256[:12]}" for document in evidence)
    return f" [{shown}]" if shown else ""
