"""Entries of the climb: rungs opened, passed, silent, done; the end, and the question after it."""

from __future__ import annotations

from typing import Literal

from ladders.contract import Attachment, Document
from ladders.kinds.common import Body, Names, attached, said, shown, told
from ladders.prose import PersonRef, Prose
from ladders.values import Instant, Ref, Role


class RungOpened(Body):
    """A rung opened: its owner is to act by the deadline, or has none while time stands still."""

    kind: Literal["rung.opened"] = "rung.opened"
    rung: Ref
    day: int
    role: Role
    owner: PersonRef
    deadline: Instant | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        by = f"by {self.deadline:%F %R} UTC" if self.deadline else "once time runs again"
        return f"Rung {self.rung} (day {self.day}): {names(self.owner)} is to act {by}."


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
        return f"{told(self, names)} reminded of rung {self.rung}."


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
        what = f"Rung {self.rung} acknowledged" if self.rung else "The question acknowledged"
        until = f"{self.quiet_until:%F %R} UTC"
        return f"{what}{said(self.note)}; no reminder before {until}."


class RungCompleted(Body):
    """The action of a rung was reported done."""

    kind: Literal["rung.completed"] = "rung.completed"
    rung: Ref
    note: Prose | None = None
    evidence: tuple[Document, ...] = ()
    attached: tuple[Attachment, ...] | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        files = f"{shown(self.evidence)}{attached(self.attached)}"
        return f"Action of rung {self.rung} done{said(self.note)}{files}."


class Escalated(Body):
    """Somebody entitled asked for the next rung now."""

    kind: Literal["ladder.escalated"] = "ladder.escalated"
    reason: Prose

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Escalated: {self.reason}"


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
        return f"{told(self, names)} asked for a decision, time {self.time}."
