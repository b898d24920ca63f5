"""Entries of the due date: the question, the silence after it, the miss (law 6)."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ladders.kinds.common import Body, Names, said, told
from ladders.prose import Prose
from ladders.values import Instant


class DeliveryAsked(Body):
    """The due date has come; its owner is asked: delivered, or not? (law 6)."""

    kind: Literal["delivery.asked"] = "delivery.asked"

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"{told(self, names)} asked: delivered, or not?"


class DeliveryUnconfirmed(Body):
    """The due date has passed without an answer; not yet a miss (law 6)."""

    kind: Literal["delivery.unconfirmed"] = "delivery.unconfirmed"
    presumed_at: Instant

    def sentence(self, names: Names) -> str:
        """One sentence."""
        presumed = f"{self.presumed_at:%F %R} UTC"
        return f"No answer by the due date: unconfirmed; a miss is presumed on {presumed}."


class DeliveryReminded(Body):
    """The question of the due date was put once more."""

    kind: Literal["delivery.reminded"] = "delivery.reminded"

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"{told(self, names)} reminded: delivered, or not?"


class MissConfirmed(Body):
    """Somebody entitled said: not delivered. ``misses_at`` is when it becomes a miss."""

    kind: Literal["miss.confirmed"] = "miss.confirmed"
    misses_at: Instant
    note: Prose | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Not delivered{said(self.note)}."


class MilestoneMissed(Body):
    """The milestone is missed: confirmed, presumed from silence, or its tender was rejected.

    ``day_zero`` is said where the ladder counts from another day than it was opened for.
    """

    kind: Literal["milestone.missed"] = "milestone.missed"
    because: Literal["confirmed", "presumed", "rejected", "backlog"]
    day_zero: date | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return {
            "confirmed": "The milestone is missed, as was confirmed.",
            "presumed": "The milestone is presumed missed: nobody answered in time.",
            "rejected": "The milestone is missed: what was tendered was rejected.",
            "backlog": "The milestone was already overdue and open when the contract was "
            "registered.",
        }[self.because]
