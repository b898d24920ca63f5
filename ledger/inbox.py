"""The inbox: what a person asked for is committed here before anything acts on it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import col, select

from ledger.errors import KeyConflict, UnknownRequest
from ledger.opening import reading, writing
from ledger.tables import RequestRow


class InboxRow(NamedTuple):
    """A request and, once settled, its answer; both JSON. Instants are UTC."""

    key: str
    contract: str
    target: str
    request: str
    received_at: datetime
    settled_at: datetime | None
    answer: str | None


class Inbox:
    """The inbox. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        """Keep it in the ledger's database."""
        self._engine = engine

    def receive(
        self, key: str, contract: str, target: str, request: str, received_at: datetime
    ) -> InboxRow:
        """Commit a request for the workflow ``target``; a known key returns the first row.

        ``request`` is JSON whose texts are sealed. Raises KeyConflict where the key was received
        with another request; sealing anew makes another one, so ask ``find`` before sealing.
        """
        with writing(self._engine, lock=_lock_of(key)) as session:
            known = session.get(RequestRow, key)
            if known is None:
                known = RequestRow(
                    key=key,
                    contract=contract,
                    target=target,
                    request=request,
                    received_at=_written(received_at),
                )
                session.add(known)
            elif (known.contract, known.target, known.request) != (contract, target, request):
                raise KeyConflict(contract, key)
            return _read(known)

    def settle(self, key: str, answer: str, at: datetime) -> InboxRow:
        """Write down what became of a request; the first answer stands, whoever comes later.

        Raises UnknownRequest where nothing was received under the key.
        """
        with writing(self._engine, lock=_lock_of(key)) as session:
            row = session.get(RequestRow, key)
            if row is None:
                raise UnknownRequest(key)
            if row.settled_at is None:
                row.settled_at, row.answer = _written(at), answer
            return _read(row)

    def unsettled(self, target: str | None = None) -> list[InboxRow]:
        """Every request without an answer, oldest first; or only those for one workflow."""
        query = select(RequestRow).where(col(RequestRow.settled_at).is_(None))
        if target is not None:
            query = query.where(RequestRow.target == target)
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(RequestRow.received_at), col(RequestRow.key)))
            return [_read(row) for row in rows]

    def recent(self, since: datetime) -> list[InboxRow]:
        """Every request without an answer, or answered ``since`` then, oldest first."""
        settled_at = col(RequestRow.settled_at)
        query = select(RequestRow).where(settled_at.is_(None) | (settled_at >= _written(since)))
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(RequestRow.received_at), col(RequestRow.key)))
            return [_read(row) for row in rows]

    def find(self, key: str) -> InboxRow | None:
        """The request of that key, if one was received."""
        with reading(self._engine) as session:
            row = session.get(RequestRow, key)
            return None if row is None else _read(row)


def _lock_of(key: str) -> int:
    found = hashlib.sha256(f"inbox {key}".encode()).digest()
    return int.from_bytes(found[:8], signed=True)


def _written(instant: datetime) -> str:
    # Always with microseconds, so that the texts sort as the instants do.
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _read(row: RequestRow) -> InboxRow:
    return InboxRow(
        key=row.key,
        contract=row.contract,
        target=row.target,
        request=row.request,
        received_at=datetime.fromisoformat(row.received_at),
        settled_at=None if row.settled_at is None else datetime.fromisoformat(row.settled_at),
        answer=row.answer,
    )
