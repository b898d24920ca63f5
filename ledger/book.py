"""The append-only book: a hash chain per contract, idempotent by key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from ladders.entries import Entry
from ledger.errors import KeyConflict, LedgerBehind, OutOfOrder, UnreadableLine
from ledger.lines import GENESIS, Head, Line, read, write
from ledger.opening import reading, writing
from ledger.strict import NotCanonical
from ledger.tables import EntryRow


class Receipt(NamedTuple):
    """Where an entry stands in its contract's chain, its hash, and when it was recorded (UTC)."""

    seq: int
    hash: str
    recorded_at: datetime


class Lost(NamedTuple):
    """An entry that was recorded once, with the number and the hash that its line had then.

    ``recorded_at`` is when that was (UTC); None where nobody noted it.
    """

    entry: Entry
    seq: int
    hash: str
    recorded_at: datetime | None


class Ledger:
    """The book. Safe to share between threads; several processes may append to one database."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        """``clock`` returns the present, with a zone; it stamps ``recorded_at`` alone."""
        self._engine = engine
        self._clock = clock

    @property
    def engine(self) -> Engine:
        """The database it is kept in."""
        return self._engine

    def append(self, entry: Entry, recorded: Collection[str] = ()) -> Receipt:
        """Chain ``entry`` to its contract and say where it stands; repeating it changes nothing.

        ``recorded`` are keys of the contract that the caller knows to be recorded, whatever their
        streams. Raises KeyConflict where the entry's key stands for something else, LedgerBehind
        where its predecessor or one of ``recorded`` is missing, OutOfOrder where another entry has
        come between, NotStorable where it would not read back the same. Nothing is appended then.
        """
        with writing(self._engine, lock=_lock_of(entry.contract)) as session:
            _require_recorded(session, entry, recorded)
            known = _by_key(session, entry.contract, entry.key)
            if known is not None:
                return _receipt_again(known, entry)
            return _receipt(self._chain(session, entry))

    def restore(
        self, contract: str, lost: Iterable[Lost], conclude: Callable[[list[Line]], Entry]
    ) -> list[Line]:
        """Chain again, oldest first, what ``contract`` has lost: all of it, or nothing.

        An entry stands exactly as it stood where that gives the hash it had; otherwise it is
        recorded anew. What is there already is left alone. ``conclude`` words the entry, chained
        last, that tells of the lines added, which are returned. Raises what ``append`` raises.
        """
        with writing(self._engine, lock=_lock_of(contract)) as session:
            tried = [self._chain_again(session, each) for each in lost]
            added = [line for line in tried if line is not None]
            if added:
                self._chain(session, conclude(added))
        return added

    def _chain(self, session: Session, entry: Entry, again: Lost | None = None) -> Line:
        _require_order(session, entry)
        tail = _tail(session, entry.contract)
        line = _as_it_stood(again, tail) or _following(tail, entry, self._present(tail))
        session.add(_row(line))
        return line

    def _chain_again(self, session: Session, lost: Lost) -> Line | None:
        known = _by_key(session, lost.entry.contract, lost.entry.key)
        if known is None:
            return self._chain(session, lost.entry, lost)
        _receipt_again(known, lost.entry)
        return None

    def _present(self, tail: EntryRow | None) -> datetime:
        # A clock may step back; the order of the chain may not.
        return self._clock() if tail is None else max(self._clock(), _line(tail).recorded_at)

    def lines(
        self, contract: str, stream: str | None = None, upto: int | None = None
    ) -> list[Line]:
        """Every line of a contract, or of one of its streams, oldest first; none after ``upto``.

        Raises UnreadableLine where one is not what the ledger wrote.
        """
        query = select(EntryRow).where(EntryRow.contract == contract)
        if stream is not None:
            query = query.where(EntryRow.stream == stream)
        if upto is not None:
            query = query.where(EntryRow.seq <= upto)
        with reading(self._engine) as session:
            return [_line(row) for row in session.exec(query.order_by(col(EntryRow.seq)))]

    def find(self, contract: str, key: str) -> Line | None:
        """The line of that key, if there is one."""
        with reading(self._engine) as session:
            row = _by_key(session, contract, key)
            return None if row is None else _line(row)

    def contracts(self) -> list[str]:
        """Every contract with an entry, sorted."""
        with reading(self._engine) as session:
            return sorted(session.exec(select(EntryRow.contract).where(EntryRow.seq == 1)))

    def head(self, contract: str) -> Head | None:
        """The number and hash of the contract's latest entry, if it has any."""
        with reading(self._engine) as session:
            row = _tail(session, contract)
            return None if row is None else Head(row.seq, row.hash)


def _lock_of(contract: str) -> int:
    found = hashlib.sha256(f"ledger {contract}".encode()).digest()
    return int.from_bytes(found[:8], signed=True)


def _by_key(session: Session, contract: str, key: str) -> EntryRow | None:
    query = select(EntryRow).where(EntryRow.contract == contract, EntryRow.key == key)
    return session.exec(query).one_or_none()


def _tail(session: Session, contract: str, stream: str | None = None) -> EntryRow | None:
    query = select(EntryRow).where(EntryRow.contract == contract)
    if stream is not None:
        query = query.where(EntryRow.stream == stream)
    return session.exec(query.order_by(col(EntryRow.seq).desc()).limit(1)).one_or_none()


def _require_recorded(session: Session, entry: Entry, recorded: Collection[str]) -> None:
    for key in recorded:
        if _by_key(session, entry.contract, key) is None:
            raise LedgerBehind(entry.contract, entry.stream, key)


def _require_order(session: Session, entry: Entry) -> None:
    latest = _tail(session, entry.contract, entry.stream)
    latest_key = None if latest is None else latest.key
    if entry.after == latest_key:
        return
    if entry.after is not None and _by_key(session, entry.contract, entry.after) is None:
        raise LedgerBehind(entry.contract, entry.stream, entry.after)
    raise OutOfOrder(entry.contract, entry.stream, entry.after, latest_key)


def _following(tail: EntryRow | None, entry: Entry, recorded_at: datetime) -> Line:
    if tail is None:
        return write(entry, seq=1, prev=GENESIS, recorded_at=recorded_at)
    return write(entry, seq=tail.seq + 1, prev=tail.hash, recorded_at=recorded_at)


def _as_it_stood(lost: Lost | None, tail: EntryRow | None) -> Line | None:
    if lost is None or lost.recorded_at is None:
        return None
    line = _following(tail, lost.entry, lost.recorded_at)
    return line if line.hash == lost.hash else None


def _receipt_again(row: EntryRow, entry: Entry) -> Receipt:
    line = _line(row)
    if line.entry != entry:
        raise KeyConflict(entry.contract, entry.key)
    return _receipt(line)


def _receipt(line: Line) -> Receipt:
    return Receipt(seq=line.seq, hash=line.hash, recorded_at=line.recorded_at)


def _line(row: EntryRow) -> Line:
    try:
        return read(row.line)
    except NotCanonical as error:
        raise UnreadableLine(row.contract, row.seq, str(error)) from None


def _row(line: Line) -> EntryRow:
    is_first = line.seq == 1
    return EntryRow(
        contract=line.entry.contract,
        seq=line.seq,
        prev_seq=None if is_first else line.seq - 1,
        prev_hash=None if is_first else line.prev,
        hash=line.hash,
        stream=line.entry.stream,
        key=line.entry.key,
        kind=line.entry.body.kind,
        line=line.text,
    )
