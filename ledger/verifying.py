"""Checking a ledger: pure over its lines, and against what a database keeps beside them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ladders.prose import Prose, leaves
from ledger.errors import NotAnExport
from ledger.lines import GENESIS, Head, Line, read
from ledger.opening import reading
from ledger.private import is_genuine, kept
from ledger.strict import NotCanonical
from ledger.tables import EntryRow

LINES_FILE = "ledger.jsonl"
HEAD_FILE = "ledger.head"
"""What an audit calls the exact lines, and the head written down beside them."""


@dataclass(frozen=True)
class Finding:
    """Something wrong with an entry; ``key`` is None where no line tells it."""

    seq: int
    key: str | None
    what: str

    def __str__(self) -> str:
        """One sentence that names the entry."""
        key = "" if self.key is None else f" ({self.key})"
        return f"entry {self.seq}{key}: {self.what}"


@dataclass(frozen=True)
class Verdict:
    """What a check found. ``vouched`` says whether it was given a head noted elsewhere.

    ``erased`` counts texts whose private rows are gone; 0 where only lines were looked at.
    """

    entries: int
    head: Head | None
    findings: tuple[Finding, ...]
    vouched: bool
    erased: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def __str__(self) -> str:
        """The answer in one sentence, which claims no more than was checked."""
        if not self.ok:
            count = len(self.findings)
            return f"rejected: {count} {'finding' if count == 1 else 'findings'}"
        if self.vouched:
            return "consistent, and contains the head noted elsewhere"
        return "consistent, but nothing outside vouches for it"


@dataclass(frozen=True)
class _Place:
    """A text at its place: its number, its hash, and what it says or why it cannot be read."""

    seq: int
    hash: str
    line: Line | None
    problem: str = ""

    @property
    def key(self) -> str | None:
        return None if self.line is None else self.line.entry.key

    def finding(self, what: str) -> Finding:
        return Finding(self.seq, self.key, what)


def verify_lines(
    lines: Iterable[str],
    *,
    contract: str | None = None,
    seen: Head | None = None,
    stated: Head | None = None,
) -> Verdict:
    """Check the lines of one contract, given without their line ends, oldest first.

    ``contract`` is the contract they must be of, by default that of the first line. ``seen`` is a
    head noted outside: it must be among them, which alone catches a cut tail and a history
    rewritten as a whole. ``stated`` is the head written down beside the lines; it must be their
    last, but vouches for nothing.
    """
    places = list(_placed(lines))
    findings = [
        *_unreadable(places),
        *_misnumbered(places),
        *_unlinked(places),
        *_backdated(places),
        *_foreign(places, contract),
        *_astray(places),
        *_not_stated(places, stated),
        *_not_seen(places, seen),
    ]
    return Verdict(
        entries=len(places),
        head=Head(places[-1].seq, places[-1].hash) if places else None,
        findings=tuple(sorted(findings, key=lambda finding: finding.seq)),
        vouched=seen is not None,
    )


def verify_ledger(engine: Engine, contract: str, seen: Head | None = None) -> Verdict:
    """Check a contract's stored lines, the columns beside them, and the private rows."""
    query = select(EntryRow).where(EntryRow.contract == contract).order_by(col(EntryRow.seq))
    with reading(engine) as session:
        rows = session.exec(query).all()
        verdict = verify_lines((row.line for row in rows), contract=contract, seen=seen)
        readable = [(row, line) for row in rows if (line := _read_or_none(row.line)) is not None]
        erased, forged = _private_rows(session, [line for _, line in readable])
    columns = [finding for row, line in readable for finding in _columns(row, line)]
    keys = {row.seq: row.key for row in rows}
    findings = [
        replace(finding, key=finding.key or keys.get(finding.seq))
        for finding in (*verdict.findings, *columns, *forged)
    ]
    findings.sort(key=lambda finding: finding.seq)
    return replace(verdict, findings=tuple(findings), erased=erased)


def verify_export(path: Path, seen: Head | None = None) -> Verdict:
    """Check an audit's folder, or a file of lines alone. Raises NotAnExport if it is neither."""
    lines = path / LINES_FILE if path.is_dir() else path
    head = lines.with_name(HEAD_FILE)
    if not lines.is_file():
        raise NotAnExport(str(path))
    stated = Head.parse(head.read_text("utf-8", "replace")) if head.is_file() else None
    return verify_lines(split_lines(lines.read_bytes()), seen=seen, stated=stated)


def split_lines(data: bytes) -> list[str]:
    """The lines of an exported ledger. What is not UTF-8 stays so, for verify_lines to refuse."""
    lines = data.decode(errors="surrogateescape").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _placed(lines: Iterable[str]) -> Iterator[_Place]:
    seq = 0
    for text in lines:
        digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
        try:
            line = read(text)
        except NotCanonical as error:
            seq += 1
            yield _Place(seq, digest, None, str(error))
        else:
            seq = line.seq
            yield _Place(seq, digest, line)


def _unreadable(places: Sequence[_Place]) -> Iterator[Finding]:
    if not places:
        yield Finding(1, None, "it is missing: there is no entry at all")
    for place in places:
        if place.line is None:
            yield place.finding(place.problem)


def _misnumbered(places: Sequence[_Place]) -> Iterator[Finding]:
    last = 0
    for place in places:
        if place.seq != last + 1:
            what = f"it is missing: {place.seq} ({place.key}) stands in its place"
            yield Finding(last + 1, None, what)
        last = place.seq


def _unlinked(places: Sequence[_Place]) -> Iterator[Finding]:
    first = places[0].line if places else None
    if first is not None and first.prev != GENESIS:
        yield places[0].finding("it does not begin a ledger: it continues another entry")
    for before, place in pairwise(places):
        # One of the two was changed, and the chain alone cannot tell which.
        if place.line is not None and place.line.prev != before.hash:
            yield before.finding(f"it is not the entry that entry {place.seq} was chained to")
            yield place.finding(f"it does not continue entry {before.seq} as that stands")


def _backdated(places: Sequence[_Place]) -> Iterator[Finding]:
    for before, place in pairwise(place for place in places if place.line is not None):
        if before.line and place.line and place.line.recorded_at < before.line.recorded_at:
            yield place.finding(f"it was recorded earlier than entry {before.seq}")


def _foreign(places: Sequence[_Place], contract: str | None) -> Iterator[Finding]:
    for place in places:
        if place.line is None:
            continue
        contract = contract or place.line.entry.contract
        if place.line.entry.contract != contract:
            yield place.finding(f"it is of contract {place.line.entry.contract}, not {contract}")


def _astray(places: Sequence[_Place]) -> Iterator[Finding]:
    latest: dict[str, str] = {}
    numbers: dict[str, int] = {}
    for place in places:
        if place.line is None:
            continue
        entry = place.line.entry
        if entry.key in numbers:
            yield place.finding(f"it has the key of entry {numbers[entry.key]}")
        if entry.after != latest.get(entry.stream):
            yield place.finding(f"it does not follow the latest entry of stream {entry.stream}")
        numbers.setdefault(entry.key, place.seq)
        latest[entry.stream] = entry.key


def _not_stated(places: Sequence[_Place], stated: Head | None) -> Iterator[Finding]:
    if stated is None or not places:
        return
    last = places[-1]
    if (last.seq, last.hash) != (stated.seq, stated.hash):
        yield last.finding(f"the ledger ends here, but the head stated beside it is {stated}")


def _not_seen(places: Sequence[_Place], seen: Head | None) -> Iterator[Finding]:
    if seen is None:
        return
    there = [place for place in places if place.seq == seen.seq]
    if not there:
        end = places[-1].seq if places else 0
        what = f"it is missing: the ledger ends at {end}, but a head was noted at {seen.seq}"
        yield Finding(seen.seq, None, what)
    elif all(place.hash != seen.hash for place in there):
        yield there[0].finding("it has another hash than the head noted elsewhere")


def _read_or_none(text: str) -> Line | None:
    try:
        return read(text)
    except NotCanonical:
        return None


def _columns(row: EntryRow, line: Line) -> Iterator[Finding]:
    prev = GENESIS if row.prev_hash is None else row.prev_hash
    beside = {
        "contract": (row.contract, line.entry.contract),
        "seq": (row.seq, line.seq),
        "hash": (row.hash, line.hash),
        "prev_hash": (prev, line.prev),
        "stream": (row.stream, line.entry.stream),
        "key": (row.key, line.entry.key),
        "kind": (row.kind, line.entry.body.kind),
    }
    for name, (column, said) in beside.items():
        if column != said:
            what = f"its column {name} says {column!r}, its line {said!r}"
            yield Finding(row.seq, row.key, what)


def _private_rows(session: Session, lines: Sequence[Line]) -> tuple[int, list[Finding]]:
    sealed = [
        (line, leaf)
        for line in lines
        for leaf in leaves(line.entry, Prose)
        if Prose(leaf).is_sealed
    ]
    rows = kept(session, {leaf for _, leaf in sealed})
    forged = [
        Finding(line.seq, line.entry.key, f"the text kept for {leaf} is not the one recorded")
        for line, leaf in sealed
        if leaf in rows and not is_genuine(rows[leaf])
    ]
    return len({leaf for _, leaf in sealed} - rows.keys()), forged
