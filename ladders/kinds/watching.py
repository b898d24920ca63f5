"""Entries of the watch: contracts registered, ladders begun, milestones settled."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ladders.calendar import Calendar
from ladders.contract import Contract, Document, Milestone
from ladders.kinds.common import Body, Names
from ladders.ladder import Ladder
from ladders.prose import PersonRef
from ladders.tolling import TollingInterval
from ladders.values import Ref, Role, Value


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


Outcome = Literal["averted", "cured", "withdrawn", "waived"]


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
    """Who stands where when a ladder opens, and who stands in for whom. Never frozen (law 5).

    ``room`` says that the contract has a channel in which its ladders are told of.
    """

    roles: dict[Role, PersonRef]
    authority: tuple[Role, ...]
    deputies: dict[str, tuple[PersonRef, ...]] = {}
    absences: dict[str, tuple[tuple[date, date], ...]] = {}
    roster: tuple[PersonRef, ...] = ()
    room: Literal[True] | None = None


class LadderOpened(Body):
    """A ladder opened: everything it will ever count from, frozen (law 5).

    Day 0 is ``day_zero``: the due date, or for open backlog the day on which it was taken up.
    ``version`` is that of the contract's terms, ``tolls`` what had stopped its clock by then;
    ``suspended`` says that it had no due date then, as time stood still.
    """

    kind: Literal["ladder.opened"] = "ladder.opened"
    rules: int
    milestone: Milestone
    ladder: Ladder
    calendar: Calendar
    standing: Standing
    day_zero: date
    version: int | None = None
    tolls: tuple[TollingInterval, ...] | None = None
    suspended: bool | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Ladder {self.ladder.id} opened for {self.milestone.id}, due {self.milestone.due}."
