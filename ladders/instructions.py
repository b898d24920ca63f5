"""What can be asked of a contract as a whole, and by whom: one table, for every surface."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from ladders.contract import Contract, Document, Person
from ladders.entries import Doer, LaddersChoice
from ladders.prose import PersonRef, Prose
from ladders.values import Instant, Ref, Role, Value


class Amend(Value):
    """Other terms: ``affected`` are the milestones that differ, ``changes`` all that differs.

    ``reasons`` says what of it concerns each of them.
    """

    name: Literal["amend"] = "amend"
    because: Literal["signed-amendment", "entry-error"]
    ladders: LaddersChoice
    affected: tuple[Ref, ...]
    changes: tuple[Prose, ...]
    reasons: dict[Ref, Prose] = {}
    terms: Contract
    source: Document
    note: Prose | None = None


class Extend(Value):
    """A later due date for a milestone, with what is reserved in granting it."""

    name: Literal["extend"] = "extend"
    milestone: Ref
    due: date
    reservation: Prose
    ladders: LaddersChoice = "keep"


class Waive(Value):
    """The right to a milestone given up."""

    name: Literal["waive"] = "waive"
    milestone: Ref
    reason: Prose


class Toll(Value):
    """Time stopped by ``event`` from the local day ``since``; for all milestones if none is named.

    ``ladders`` says whether the clocks of ladders past their miss stop too.
    """

    name: Literal["toll"] = "toll"
    event: Ref
    since: date
    milestones: tuple[Ref, ...] = ()
    ladders: Literal["keep", "move"] = "keep"
    clause: Prose | None = None
    note: Prose | None = None
    evidence: tuple[Document, ...] = ()


class Resume(Value):
    """Time that runs again from the local day ``on``, after ``event`` had stopped it."""

    name: Literal["resume"] = "resume"
    event: Ref
    on: date
    note: Prose | None = None
    evidence: tuple[Document, ...] = ()


class Reassign(Value):
    """``successor`` in place of ``leaver``: in these roles or, if none is named, everywhere."""

    name: Literal["reassign"] = "reassign"
    leaver: PersonRef
    successor: Person
    roles: tuple[Role, ...] = ()
    note: Prose | None = None


class Close(Value):
    """The end of the watch; ``ladders`` says what open ladders do."""

    name: Literal["close"] = "close"
    ladders: Literal["keep", "withdraw"]
    reason: Prose


class Remark(Value):
    """A note on the contract."""

    name: Literal["note"] = "note"
    note: Prose


Request = Annotated[
    Amend | Extend | Waive | Toll | Resume | Reassign | Close | Remark,
    Field(discriminator="name"),
]


class Instruction(Value):
    """What somebody asks of a contract. ``key`` is the click's one key (law 4).

    ``received_at`` is when it was committed to the inbox, and what it counts from (law 14).
    """

    key: str
    by: Doer
    received_at: Instant
    request: Request


class ContractRule(NamedTuple):
    """One row of the table: what the instruction does, and by what right."""

    summary: str
    right: Literal["authority", "roster"]


INSTRUCTIONS: dict[str, ContractRule] = {
    "amend": ContractRule("put other terms in force", "authority"),
    "extend": ContractRule("give a milestone a later due date, rights reserved", "authority"),
    "waive": ContractRule("give up the right to a milestone", "authority"),
    "toll": ContractRule("stop time for milestones", "authority"),
    "resume": ContractRule("let time run again", "authority"),
    "reassign": ContractRule("put somebody in another's place", "authority"),
    "close": ContractRule("end the watch over the contract", "authority"),
    "note": ContractRule("add a note", "roster"),
}
