"""Where a contract stands: its terms in force, its milestones, what has stopped time for them."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ladders.calendar import Calendar
from ladders.contract import Contract, Milestone
from ladders.entries import Outcome
from ladders.prose import PersonRef
from ladders.tolling import TollingInterval, tolled
from ladders.values import Instant, Ref, Value


class Watched(Value):
    """A milestone's standing: waiting for its day, on a ladder, or settled.

    ``counted_from`` is the local day on which its due date was last agreed: what stopped time
    before that day was known then, and moves the date no more. ``anew`` says that it waits for
    its day again once its ladder is withdrawn.
    """

    status: Literal["waiting", "laddered", "settled"] = "waiting"
    number: int = 0
    outcome: Outcome | Literal["delivered", "removed", "closed"] | None = None
    counted_from: date = date.min
    anew: bool = False


class Tolled(Value):
    """An interval that does not count for ``milestones``, nor, if it stops them, for ladders."""

    interval: TollingInterval
    milestones: tuple[Ref, ...]
    stops_ladders: bool = False


class ContractState(Value):
    """A contract as its own entries leave it. ``version`` counts the facts that changed it."""

    contract: Contract
    calendar: Calendar
    registered_at: Instant
    milestones: dict[Ref, Watched]
    version: int = 1
    tolled: tuple[Tolled, ...] = ()
    closed_at: Instant | None = None
    closed_by: PersonRef | None = None
    answered: tuple[str, ...] = ()
    last_key: str

    @property
    def is_over(self) -> bool:
        """Whether the contract is closed, and no ladder of it is under way."""
        laddered = any(watched.status == "laddered" for watched in self.milestones.values())
        return self.closed_at is not None and not laddered

    def due(self, milestone: Milestone) -> date | None:
        """The due date in force, tolled days left out; None while time stands still for it."""
        start = self.milestones[milestone.id].counted_from
        return tolled(start, milestone.due, self.tolls(milestone.id))

    def tolls(self, milestone: Ref, *, of_ladders: bool = False) -> tuple[TollingInterval, ...]:
        """What stops time for a milestone, or only what stops its ladder's own clock too."""
        return tuple(
            toll.interval
            for toll in self.tolled
            if milestone in toll.milestones and (toll.stops_ladders or not of_ladders)
        )
