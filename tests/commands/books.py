"""Ledgers for the tests of commands, written without a server, and paper to print on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from rich.console import Console

from desk.office import Office
from ladders.contract import Contract
from ladders.watch import STREAM, begin_watch, start_ladder
from tests.ledger.chronicle import CONTRACT, Clock, notes, registration
from tests.world import Case

LADDER = "tooling/1"


class Paper(Console):
    """A console that is a pipe, unless told otherwise, and keeps what is printed."""

    def __init__(self, width: int = 200, *, is_terminal: bool = False) -> None:
        """Begin with nothing."""
        self._kept = StringIO()
        super().__init__(file=self._kept, width=width, force_terminal=is_terminal)

    @property
    def said(self) -> str:
        """All that was printed."""
        return self._kept.getvalue()


class Shelf:
    """Ledgers in a folder, each in a file of its own, closed together."""

    def __init__(self, folder: Path) -> None:
        """Keep them in ``folder``."""
        self._folder = folder
        self._opened: list[Office] = []

    @property
    def latest(self) -> Path:
        """The file of the ledger that was opened last."""
        return self._folder / f"ledger-{len(self._opened)}.sqlite"

    def empty(self) -> Office:
        """A ledger in which nothing stands."""
        path = self._folder / f"ledger-{len(self._opened) + 1}.sqlite"
        office = Office.open(f"sqlite:///{path}", Clock())
        self._opened.append(office)
        return office

    def registered(self, terms: Contract | None = None) -> Office:
        """A ledger in which the contract is registered, and no ladder has begun."""
        office = self.empty()
        office.ledger.append(office.private.seal(CONTRACT, registration(terms)))
        return office

    def noted(self, count: int = 4) -> Office:
        """A ledger of a registration and some notes."""
        office = self.registered()
        for entry in notes(count, stream=LADDER):
            office.ledger.append(entry)
        return office

    def of(self, case: Case, terms: Contract | None = None) -> Office:
        """A ledger in which the entries of ``case`` stand, perhaps under other ``terms``."""
        office = self.registered(terms)
        (first,) = office.ledger.lines(CONTRACT, STREAM)
        started = start_ladder(begin_watch(first.entry), "tooling", case.entries[0].occurred_at)
        for entry in (started, *case.entries):
            office.ledger.append(office.private.seal(CONTRACT, entry))
        return office

    def close(self) -> None:
        """Close them all."""
        for office in self._opened:
            office.close()


@contextmanager
def shelf_in(folder: Path) -> Iterator[Shelf]:
    """A shelf whose ledgers are closed at the end."""
    shelf = Shelf(folder)
    yield shelf
    shelf.close()
