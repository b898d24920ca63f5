"""Reconciling: the ledger and Temporal's histories, entry by entry, and mending what is lost.

Each append names its predecessor, so a ledger restored from an older backup refuses whatever
follows what it lacks. Temporal still has those entries; they are chained again.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from desk.casebook import UnknownCase
from desk.histories import Remembered
from desk.office import Office
from ladders.entries import ENGINE, Doer, Entry, LedgerMended
from ladders.errors import HoldfastError
from ladders.kinds.mending import LEDGER_STREAM
from ladders.prose import PersonRef, Prose, leaves
from ledger.book import Lost
from ledger.lines import Line
from ledger.private import ERASED
from ledger.verifying import verify_ledger


class NotMendable(HoldfastError):
    """A ledger that differs from Temporal in a way that appending cannot mend."""


class Difference(NamedTuple):
    """One key under which ledger and Temporal have something else.

    ``recorded`` says whether Temporal's was ever recorded, or is what a workflow waits to record.
    """

    seq: int
    key: str
    what: str
    recorded: bool

    def __str__(self) -> str:
        """One sentence that names the entry."""
        return f"entry {self.seq} ({self.key}): {self.what}"


@dataclass(frozen=True)
class Comparison:
    """What ledger and histories of one contract have in common, and what only one of them has.

    ``lost`` was recorded once and stands in a history only; ``alone`` stands in the ledger only,
    which is no fault: histories end with Temporal's retention.
    """

    contract: str
    same: int
    lost: tuple[Lost, ...]
    alone: tuple[Line, ...]
    different: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Whether the ledger has all that Temporal has, as Temporal has it."""
        return not self.lost and not self.different

    @property
    def is_trusted(self) -> bool:
        """Whether the ledger has all that Temporal recorded, whatever a workflow wants to add."""
        return not self.lost and not any(each.recorded for each in self.different)


class Gone(NamedTuple):
    """What an older backup takes along for good: rows that stand in no history."""

    texts: int
    people: int
    requests: int


class Mended(NamedTuple):
    """The lines that were chained again, and how many of them stand exactly as they stood."""

    contract: str
    lines: tuple[Line, ...]
    restored: int


def compare(office: Office, contract: str, remembered: Iterable[Remembered]) -> Comparison:
    """Compare what the ledger has of ``contract`` with what the histories have of it.

    Raises UnknownCase where neither has anything, UnreadableLine where the ledger is spoilt.
    """
    lines = {line.entry.key: line for line in office.ledger.lines(contract)}
    by_key = {each.entry.key: each for each in remembered}
    if not lines and not by_key:
        known = ", ".join(office.ledger.contracts()) or "none yet"
        raise UnknownCase(f"contract {contract!r} is not known", f"registered contracts: {known}")
    anew = _numbered_anew(lines.values())
    both = [(lines[key], each) for key, each in by_key.items() if key in lines]
    different = [found for line, each in both if (found := _difference(line, each, anew))]
    return Comparison(
        contract=contract,
        same=len(both) - len(different),
        lost=tuple(_lost(by_key.values(), lines.keys())),
        alone=tuple(line for key, line in lines.items() if key not in by_key and _is_told(line)),
        different=tuple(different),
    )


def gone(office: Office, lost: Iterable[Lost]) -> Gone:
    """What the rows beside the chain lack of what the ``lost`` entries refer to."""
    entries = [each.entry for each in lost]
    people = {ref for ref in leaves(entries, PersonRef) if ref != ENGINE}
    asked = [entry.key for entry in entries if entry.by.actor != ENGINE]
    return Gone(
        texts=leaves(office.private.open(entries), Prose).count(ERASED),
        people=sum(office.private.identity_of(ref) is None for ref in people),
        requests=sum(office.inbox.find(key) is None for key in asked),
    )


def refuse_unmendable(office: Office, comparisons: Iterable[Comparison]) -> None:
    """Raise NotMendable where other content stands under a key, or a chain is not whole."""
    for compared in comparisons:
        if compared.different:
            named = "; ".join(str(difference) for difference in compared.different)
            raise NotMendable(
                f"{compared.contract}: nothing is appended, as ledger and Temporal have different "
                f"things under the same key: {named}",
                "find out who changed the ledger, and restore the newest backup that verifies",
            )
        verdict = verify_ledger(office.ledger.engine, compared.contract)
        if verdict.entries and not verdict.ok:
            raise NotMendable(
                f"{compared.contract}: the ledger does not verify, so nothing is appended",
                f"holdfast verify {compared.contract} names the entries; restore a backup",
            )


def mend(office: Office, compared: Comparison, by: Doer) -> Mended:
    """Chain again what the ledger lost of one contract, and record that ``by`` had it done.

    All of it or nothing. Raises HoldfastError where an entry cannot be appended.
    """
    earlier = office.ledger.lines(compared.contract, LEDGER_STREAM)
    hashes = {each.hash for each in compared.lost}

    def conclude(added: list[Line]) -> Entry:
        first, last, now = added[0].seq, added[-1].seq, office.clock()
        restored = sum(line.hash in hashes for line in added)
        body = LedgerMended(
            first=first, last=last, restored=restored, renumbered=len(added) - restored
        )
        return Entry(
            contract=compared.contract,
            stream=LEDGER_STREAM,
            key=f"{body.kind}/{first}-{last}",
            after=earlier[-1].entry.key if earlier else None,
            occurred_at=now,
            deemed_at=now,
            by=by,
            body=body,
        )

    lines = office.ledger.restore(compared.contract, compared.lost, conclude)
    restored = sum(line.hash in hashes for line in lines)
    return Mended(compared.contract, tuple(lines), restored)


def _is_told(line: Line) -> bool:
    # What was done to the ledger itself is in no history.
    return line.entry.stream != LEDGER_STREAM


def _lost(remembered: Iterable[Remembered], known: Container[str]) -> Iterator[Lost]:
    for entry, recorded in remembered:
        if recorded is not None and entry.key not in known:
            yield Lost(entry, recorded.seq, recorded.hash, recorded.recorded_at)


def _numbered_anew(lines: Iterable[Line]) -> set[int]:
    """The numbers of entries that a mending recorded anew, and says so."""
    bodies = (line.entry.body for line in lines)
    return {
        number
        for body in bodies
        if isinstance(body, LedgerMended) and body.renumbered
        for number in range(body.first, body.last + 1)
    }


def _difference(line: Line, remembered: Remembered, anew: Container[int]) -> Difference | None:
    entry, recorded = remembered
    if line.entry != entry:
        what = "it has other content in Temporal"
        return Difference(line.seq, entry.key, what, recorded is not None)
    if recorded is None or recorded.hash == line.hash or line.seq in anew:
        return None
    what = f"Temporal noted it as entry {recorded.seq} with hash {recorded.hash}"
    return Difference(line.seq, entry.key, what, recorded=True)
