"""The office: a ledger that is open, with everything that reads or writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from desk.casebook import Casebook
from ledger.book import Ledger
from ledger.inbox import Inbox
from ledger.opening import open_engine
from ledger.private import PrivateRows
from ledger.standings import Standings
from ledger.upgrading import upgrade


@dataclass(frozen=True)
class Office:
    """One open ledger. ``clock`` tells the present, UTC; in a rehearsal it follows the ladders."""

    ledger: Ledger
    private: PrivateRows
    inbox: Inbox
    clock: Callable[[], datetime]

    @classmethod
    def open(cls, url: str, clock: Callable[[], datetime]) -> Office:
        """Open the database at ``url``, bringing its tables up to date."""
        engine = open_engine(url)
        upgrade(engine)
        return cls(
            ledger=Ledger(engine, clock),
            private=PrivateRows(engine),
            inbox=Inbox(engine),
            clock=clock,
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
