"""Entries of the cure: tendered, answered or not, withdrawn; and notes."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ladders.contract import Attachment, Document
from ladders.kinds.common import Body, Names, attached, said, shown
from ladders.prose import Prose
from ladders.values import Instant


class CureTendered(Body):
    """Delivery or cure was offered; the authority has until ``respond_by`` to answer."""

    kind: Literal["cure.tendered"] = "cure.tendered"
    number: int
    delivered: date
    respond_by: Instant
    note: Prose | None = None
    evidence: tuple[Document, ...] = ()
    attached: tuple[Attachment, ...] | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return (
            f"Tender {self.number}: delivered {self.delivered}{said(self.note)}"
            f"{shown(self.evidence)}{attached(self.attached)}; "
            f"answer due {self.respond_by:%F %R} UTC."
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
    outcome: Literal["averted", "cured", "withdrawn"]
    note: Prose | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        closed = f"ladder closed as {self.outcome}, delivered {self.delivered}"
        return f"Tender {self.number} accepted{said(self.note)}; {closed}."


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


class LadderWaived(Body):
    """The right that the ladder pursued was given up: closed for good."""

    kind: Literal["ladder.waived"] = "ladder.waived"
    reason: Prose

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Ladder closed, its right waived: {self.reason}"


class NoteAdded(Body):
    """Somebody on the roster left a note, perhaps with evidence."""

    kind: Literal["note.added"] = "note.added"
    note: Prose
    evidence: tuple[Document, ...] | None = None
    attached: tuple[Attachment, ...] | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        files = f"{shown(self.evidence or ())}{attached(self.attached)}"
        return f"Note: {self.note}{files}"
