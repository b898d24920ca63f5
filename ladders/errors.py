"""Refusals. Each says what, where and what to do (law 20)."""

from __future__ import annotations

from datetime import date


class HoldfastError(Exception):
    """Base of every refusal that is meant for a person: what happened, and the remedy."""

    def __init__(self, what: str, remedy: str) -> None:
        """Keep both halves; a surface may show them apart."""
        super().__init__(f"{what}; {remedy}")
        self.what = what
        self.remedy = remedy


class BeyondHorizon(HoldfastError):
    """A day outside the stretch that a frozen calendar covers."""

    def __init__(self, day: date, first: date, last: date) -> None:
        """Name the day and the stretch."""
        super().__init__(
            f"{day} lies outside the frozen calendar, which runs from {first} to {last}",
            "register the contract again so that a longer calendar is resolved",
        )


class ActionRefused(HoldfastError):
    """An action that the ladder does not allow: of this person, in this state."""


class StaleEntry(HoldfastError):
    """An entry that does not fit the state it was applied to; the state is not the ledger's."""
