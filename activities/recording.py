"""Recording: the append of an entry to the ledger, as an activity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from temporalio import activity

from activities.failures import translated
from ladders.entries import Entry
from ladders.values import Instant, Value


class Receipt(Protocol):
    """What a ledger answers: the entry's number in its contract, its hash, and when it came."""

    @property
    def seq(self) -> int:
        """The entry's number."""

    @property
    def hash(self) -> str:
        """SHA-256 of the entry's bytes."""

    @property
    def recorded_at(self) -> datetime:
        """When the entry was appended, UTC."""


class Book(Protocol):
    """An append-only ledger; appending the same entry again answers with the first receipt."""

    def append(self, entry: Entry, recorded: Collection[str]) -> Receipt:
        """Append ``entry``, or find it; refuse if one of ``recorded`` is missing."""


class Recorded(Value):
    """Where an entry stands in the ledger, and since when.

    With ``recorded_at`` a ledger that lost the entry can chain it again exactly as it stood;
    histories of the first releases lack it.
    """

    seq: int
    hash: str
    recorded_at: Instant | None = None


class Recording:
    """Appends to the ledger, and knows what must be in it already.

    A ladder that lost nothing would go on from the end of an older backup without noticing. So
    what other streams have recorded last is named with each append.
    """

    def __init__(self, book: Book, known: Mapping[str, Collection[str]]) -> None:
        """Keep the ledger to append to, and by contract the keys ``known`` to be recorded."""
        self._book = book
        self._known = defaultdict(tuple, {ref: tuple(keys) for ref, keys in known.items()})

    # A worker that stops lets the append finish: an exception in its midst, perhaps in the commit,
    # would leave the database's locks to chance.
    @activity.defn(no_thread_cancel_exception=True)
    def record(self, entry: Entry) -> Recorded:
        """Append ``entry``, once however often this is tried."""
        with translated():
            receipt = self._book.append(entry, self._known[entry.contract])
        # A backup holds all up to some entry, so that the latest stands for those before it.
        self._known[entry.contract] = (entry.key,)
        return Recorded(seq=receipt.seq, hash=receipt.hash, recorded_at=receipt.recorded_at)
