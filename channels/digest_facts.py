"""What a digest says: to one person what is asked of them, to an approver where everything stands.

A digest repeats what was told before, so that nothing is forgotten; it asks for nothing new.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Literal, NamedTuple

from channels.marking import mark
from channels.message import Address
from channels.moments import Moment
from ladders.ladder import LAST_DAY
from ladders.prose import Prose
from ladders.values import Ref, Value


class Board(Prose):
    """The receipt of a ladder's board; what is read has the link to it in its place."""

    __slots__ = ()


class AskFacts(Value):
    """Something that waits for the recipient, or for ``holder``, in whose place they stand."""

    reference: str
    supplier: str
    milestone: Ref
    what: Literal["question", "rung", "answer", "decision"]
    rung: Ref | None = None
    action: str | None = None
    role: str
    holder: str | None = None
    until: Moment | None = None
    overdue: bool = False
    board: Board | None = None


class ComingFacts(Value):
    """Something that falls due ``at``; or ``begins`` then, so that a midnight is that day's."""

    reference: str
    what: str
    at: Moment
    begins: bool = False

    @property
    def when(self) -> str:
        """When, marked."""
        return self.at.beginning if self.begins else self.at.marked


class DigestFacts(Value):
    """What is asked of somebody on the local day ``on``, and what falls due within a week of it.

    The most urgent first; ``more`` count what is left out at the end. ``overdue`` are so many of
    all asks.
    """

    template: ClassVar[str] = "digest"

    recipient: str
    on: date
    asks: tuple[AskFacts, ...] = ()
    more_asks: int = 0
    overdue: int = 0
    coming: tuple[ComingFacts, ...] = ()
    more_coming: int = 0


class LadderFacts(Value):
    """An open ladder, in one line. ``day`` is its own; it is the turn of ``person``, as ``role``.

    It ``waits`` where nothing is asked of anybody until ``until``.
    ``late`` says that ``until`` has passed, ``parked`` counts messages that wait for somebody to
    mend something.
    """

    reference: str
    phase: Literal["watching", "climbing", "exhausted"]
    day: int
    last_day: int = LAST_DAY
    person: str
    role: str
    until: Moment | None = None
    late: bool = False
    tendered: bool = False
    stands_still: bool = False
    waits: bool = False
    parked: int = 0
    board: Board | None = None

    @property
    def when(self) -> str | None:
        """``until`` in the contract's zone, which is said once for all of its ladders; marked."""
        return None if self.until is None else mark(self.until.at, self.until.local)


class DueFacts(Value):
    """A milestone that is due soon."""

    milestone: Ref
    due: date


class ClosedFacts(Value):
    """A ladder that was closed on a local day, and how."""

    reference: str
    outcome: str
    on: date


class ContractFacts(Value):
    """One contract of a portfolio; ``more_ladders`` are left out at the end."""

    contract: Ref
    supplier: str
    zone: str
    ladders: tuple[LadderFacts, ...] = ()
    more_ladders: int = 0
    due: tuple[DueFacts, ...] = ()
    closed: tuple[ClosedFacts, ...] = ()


class PortfolioFacts(Value):
    """Where the contracts of an approver stand in the week of the local day ``on``.

    ``asks`` are the decisions that wait for the recipient. The counts are of all contracts, those
    ``more_contracts`` included that are left out at the end. ``contracts`` are told in full, those
    ``beside`` in a line each.
    """

    template: ClassVar[str] = "portfolio"

    recipient: str
    on: date
    open: int
    late: int
    tendered: int
    parked: int
    asks: tuple[AskFacts, ...] = ()
    more_asks: int = 0
    contracts: tuple[ContractFacts, ...] = ()
    beside: tuple[ContractFacts, ...] = ()
    more_contracts: int = 0


class Digest(NamedTuple):
    """A digest that is due: its idempotency key, to whom it goes, and what it says."""

    key: str
    to: Address
    facts: DigestFacts | PortfolioFacts
