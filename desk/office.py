"""The office: a ledger that is open, with everything that reads or writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from desk.casebook import Casebook
from ledger.book import Ledger
from ledger.evidence import EvidenceStore
from ledger.inbox import Inbox
from ledger.opening import open_engine
from ledger.private import PrivateRows
from ledger.standings import Standings
from ledger.upgrading import upgrade


@dataclass(frozen=True)
class Office:
    """One open ledger, and the evidence that belongs to it.

    ``clock`` tells the present, UTC; in a rehearsal it follows the ladders.
    """

    ledger: Ledger
    private: PrivateRows
    inbox: Inbox
    clock: Callable[[], datetime]
    evidence: EvidenceStore

    @classmethod
    def open(cls, url: str, clock: Callable[[], datetime], evidence: Path | None = None) -> Office:
        """Open the database at ``url``, bringing its tables up to date.

        Evidence is kept in the folder ``evidence``, else in one beside the database's file.
        """
        engine = open_engine(url)
        upgrade(engine)
        return cls(
            ledger=Ledger(engine, clock),
            private=PrivateRows(engine),
            inbox=Inbox(engine),
            clock=clock,
            evidence=EvidenceStore(evidence or _beside(url)),
        )

    @property
    def casebook(self) -> Casebook:
        """The ledger folded into states."""
        return Casebook(self.ledger, self.private)

    @property
    def standings(self) -> Standings:
        """Where every stream of the ledger stands, kept for quick reading."""
        return Standings(self.ledger)

    def close(self) -> None:
        """Let go of the database."""
        self.ledger.engine.dispose()


def _beside(url: str) -> Path:
    """The folder of evidence where none is named: only a file has a place beside it."""
    parsed = make_url(url)
    if parsed.database is None or parsed.get_backend_name() != "sqlite":
        raise ValueError("a database that is no file has no folder of evidence beside it; name one")
    return Path(parsed.database).parent / "evidence"
