"""Postings: what was, or is perhaps, posted to Slack, so that nothing is posted there twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Engine

from ledger.opening import reading, writing
from ledger.tables import PostingRow


class Posting(NamedTuple):
    """One message: when its first attempt began (UTC), where the latest one went, what came of it.

    ``receipt`` is where it stands, ``shown`` a digest of what it shows; None while not known.
    """

    begun_at: datetime
    place: str | None
    receipt: str | None
    shown: str | None


class Postings:
    """The postings. Safe to share between threads and processes; one message has one sender."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime]) -> None:
        """Keep them in the ledger's database; ``clock`` says when an attempt begins."""
        self._engine = engine
        self._clock = clock

    def find(self, key: str) -> Posting | None:
        """The posting of that key, if an attempt has begun."""
        with reading(self._engine) as session:
            row = session.get(PostingRow, key)
            return None if row is None else _read(row)

    def begin(self, key: str, place: str) -> bool:
        """Commit that an attempt begins, at ``place``; return whether it is the first one."""
        with writing(self._engine) as session:
            row = session.get(PostingRow, key)
            if row is not None:
                row.place = place
                return False
            session.add(PostingRow(key=key, begun_at=self._now(), place=place))
            return True

    def forget(self, key: str) -> None:
        """Commit that no attempt has reached Slack, which is certain."""
        with writing(self._engine) as session:
            row = session.get(PostingRow, key)
            if row is not None and row.receipt is None:
                session.delete(row)

    def show(self, key: str, receipt: str, shown: str) -> None:
        """Commit that the message stands at ``receipt`` and shows what ``shown`` is a digest of."""
        with writing(self._engine) as session:
            row = session.get(PostingRow, key)
            if row is None:
                row = PostingRow(key=key, begun_at=self._now())
                session.add(row)
            row.receipt, row.shown = receipt, shown

    def _now(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="microseconds")


def _read(row: PostingRow) -> Posting:
    begun_at = datetime.fromisoformat(row.begun_at)
    return Posting(begun_at, row.place, row.receipt, row.shown)
