"""Entries of a contract's life: amended, extended, waived, tolled, reassigned, closed."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ladders.calendar import Calendar
from ladders.contract import Contract, Document, Milestone, Person
from ladders.kinds.common import Body, Names, said, shown, told
from ladders.kinds.watching import Standing
from ladders.ladder import Ladder
from ladders.prose import PersonRef, Prose
from ladders.tolling import TollingInterval
from ladders.values import Ref, Role

LaddersChoice = Literal["keep", "move", "withdraw"]
"""What becomes of a ladder past its miss: it goes on as it is, goes by the new terms, or ends."""

_CHOSEN: dict[LaddersChoice, str] = {
    "keep": "past its miss, a ladder of {those} is kept as it is",
    "move": "a ladder of {those} moves with it",
    "withdraw": "a ladder of {those}, if one is open, is withdrawn",
}


def _chosen(choice: LaddersChoice, milestones: tuple[Ref, ...]) -> str:
    """What becomes of the ladders of ``milestones``; nothing where there are none."""
    return f"; {_CHOSEN[choice].format(those=' or '.join(milestones))}" if milestones else ""


class ContractAmended(Body):
    """The contract has other terms from here on: an amendment was signed, or an error corrected.

    ``affected`` are the milestones whose own terms differ, or that are gone, ``redated`` those
    among them whose date differs; ``changes`` says so in words, ``reasons`` what of it concerns
    each. The whole of the new terms stands here.
    """

    kind: Literal["contract.amended"] = "contract.amended"
    version: int
    because: Literal["signed-amendment", "entry-error"]
    ladders: LaddersChoice
    affected: tuple[Ref, ...]
    redated: tuple[Ref, ...] = ()
    changes: tuple[Prose, ...]
    reasons: dict[Ref, Prose] = {}
    terms: Contract
    source: Document
    calendar: Calendar
    note: Prose | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        why = {"signed-amendment": "amended as signed", "entry-error": "corrected"}[self.because]
        what = "; ".join(self.changes)
        ladders = _chosen(self.ladders, self.affected)
        return f"Contract {why}{said(self.note)}: {what}{ladders}."


class MilestoneExtended(Body):
    """A milestone has a later due date, granted with a reservation of rights."""

    kind: Literal["milestone.extended"] = "milestone.extended"
    version: int
    milestone: Ref
    was: date
    due: date
    ladders: LaddersChoice
    reservation: Prose

    def sentence(self, names: Names) -> str:
        """One sentence."""
        moved = f"Milestone {self.milestone} extended from {self.was} to {self.due}"
        return f"{moved}{_chosen(self.ladders, (self.milestone,))}. Reserved: {self.reservation}"


class MilestoneWaived(Body):
    """The right to the milestone was given up."""

    kind: Literal["milestone.waived"] = "milestone.waived"
    version: int
    milestone: Ref
    reason: Prose

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"Milestone {self.milestone} waived: {self.reason}"


class TimeTolled(Body):
    """Time stands still for ``milestones`` from the day ``since`` on.

    ``ladders`` says whether the clocks of ladders past their miss stop too; by default they do
    not, so that a disputed excuse silences no escalation (law 13).
    """

    kind: Literal["time.tolled"] = "time.tolled"
    version: int
    event: Ref
    since: date
    milestones: tuple[Ref, ...]
    ladders: Literal["keep", "move"]
    clause: Prose | None = None
    note: Prose | None = None
    evidence: tuple[Document, ...] = ()

    def sentence(self, names: Names) -> str:
        """One sentence."""
        clause = f" under clause {self.clause}" if self.clause else ""
        ladders = "ladders past their miss go on"
        if self.ladders == "move":
            ladders = "ladders past their miss stop too"
        return (
            f"Time stopped from {self.since} by event {self.event}{clause} for "
            f"{', '.join(self.milestones)}; {ladders}{said(self.note)}{shown(self.evidence)}."
        )


class TimeResumed(Body):
    """Time runs again from the day ``on``."""

    kind: Literal["time.resumed"] = "time.resumed"
    version: int
    event: Ref
    on: date
    note: Prose | None = None
    evidence: tuple[Document, ...] = ()

    def sentence(self, names: Names) -> str:
        """One sentence."""
        resumed = f"Time resumed on {self.on} after event {self.event}"
        return f"{resumed}{said(self.note)}{shown(self.evidence)}."


class RolesReassigned(Body):
    """``successor`` stands where ``leaver`` stood: in these roles, or, if none, everywhere."""

    kind: Literal["roles.reassigned"] = "roles.reassigned"
    version: int
    leaver: PersonRef
    successor: Person
    roles: tuple[Role, ...] = ()
    note: Prose | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        where = f"as {' and '.join(self.roles)}" if self.roles else "everywhere"
        moved = f"{names(self.leaver)} hands over to {names(self.successor.id)}"
        return f"{moved} {where}{said(self.note)}."


class ContractClosed(Body):
    """The contract is watched no longer; ``ladders`` says what its open ladders do."""

    kind: Literal["contract.closed"] = "contract.closed"
    version: int
    ladders: Literal["keep", "withdraw"]
    reason: Prose

    def sentence(self, names: Names) -> str:
        """One sentence."""
        does = "go on to their end" if self.ladders == "keep" else "are withdrawn"
        return f"Contract closed: {self.reason}; its open ladders {does}."


class TermsFollowed(Body):
    """A ladder follows a fact of its contract, whose entry's key is ``fact``.

    What stands here is in force for the ladder from now on; ``ladder`` and ``calendar`` only if
    they have changed. ``tolls`` stop the ladder's own clock; while it is ``suspended`` the due
    date is not known. ``course`` counts how often the due date has moved under the ladder, and
    ``undoes_miss`` says that what was a miss by the earlier date is none by this one.
    """

    kind: Literal["terms.followed"] = "terms.followed"
    version: int
    fact: str
    milestone: Milestone
    standing: Standing
    day_zero: date
    ladder: Ladder | None = None
    calendar: Calendar | None = None
    tolls: tuple[TollingInterval, ...] = ()
    suspended: bool = False
    course: int
    undoes_miss: bool | None = None

    @property
    def effect(self) -> str:
        """What is in force for the ladder from now on, in a few words."""
        said = [
            "no due date, as time stands still" if self.suspended else f"due {self.milestone.due}"
        ]
        if self.undoes_miss:
            said.append("so no longer missed")
        if any(toll.until is None for toll in self.tolls):
            said.append("its own clock stands still")
        return "; ".join(said)

    def sentence(self, names: Names) -> str:
        """One sentence."""
        whom = told(self, names)
        to = "" if whom == "Nobody" else f"; {whom} told"
        return f"The ladder follows version {self.version} of the terms: {self.effect}{to}."
