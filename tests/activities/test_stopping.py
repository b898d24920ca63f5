"""A worker that stops, in the midst of an append."""

from __future__ import annotations

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from temporalio.testing import ActivityEnvironment

from activities.recording import Recorded, Recording
from ladders.entries import Entry
from ledger.book import Receipt
from tests.world import Case

AT = datetime(2026, 9, 21, 7, tzinfo=UTC)
RECEIPT = Receipt(seq=1, hash="0" * 64, recorded_at=AT)


class SlowBook:
    """A ledger whose append is under way until it is released."""

    def __init__(self) -> None:
        """Nothing has begun."""
        self.appended: list[tuple[Entry, Collection[str]]] = []
        self.begun = threading.Event()
        self.released = threading.Event()

    def append(self, entry: Entry, recorded: Collection[str]) -> Receipt:
        """Begin, and go on once released."""
        self.begun.set()
        assert self.released.wait(timeout=10)
        self.appended.append((entry, recorded))
        return RECEIPT


def test_an_append_under_way_is_finished() -> None:
    """Cancelling its activity raises nothing in its thread: what was begun is committed."""
    book, environment = SlowBook(), ActivityEnvironment()
    entry = Case(at=AT).entries[0]
    with ThreadPoolExecutor() as threads:
        append = threads.submit(
            environment.run, Recording(book, {entry.contract: {"known"}}).record, entry
        )
        assert book.begun.wait(timeout=10)
        environment.cancel()
        book.released.set()
        assert append.result(timeout=10) == Recorded(**RECEIPT._asdict())
    assert book.appended == [(entry, ("known",))]
