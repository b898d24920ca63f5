"""What the ledger's tests write: a clock to set, notes that follow each other, pure chains."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, text

from ladders.contract import Contract
from ladders.entries import ContractRegistered, Doer, Entry, NoteAdded
from ladders.prose import PersonRef, Prose
from ledger.lines import GENESIS, Line, write
from tests.world import CALENDAR, SOURCE, contract

CONTRACT = "KSS-2026-014"
START = datetime(2026, 9, 1, 8, tzinfo=UTC)
NOTHING = Prose("sealed:" + "0" * 64)
MIRA = Doer(actor=PersonRef("p-miraaaaa"), authenticated_by="slack", via="slack")


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        """Begin with the contract."""
        self.now = START

    def __call__(self) -> datetime:
        """The present."""
        return self.now


def note(
    number: int,
    *,
    stream: str = "contract",
    contract: str = CONTRACT,
    words: Prose = NOTHING,
    by: Doer = MIRA,
) -> Entry:
    """The note of that number in its stream, the first being 1."""
    at = START + timedelta(minutes=number)
    return Entry(
        contract=contract,
        stream=stream,
        key=f"{stream}:note:{number}",
        after=f"{stream}:note:{number - 1}" if number > 1 else None,
        occurred_at=at,
        deemed_at=at,
        by=by,
        body=NoteAdded(note=words),
    )


def notes(count: int, *, stream: str = "contract", contract: str = CONTRACT) -> list[Entry]:
    """The first notes of a stream."""
    return [note(number, stream=stream, contract=contract) for number in range(1, count + 1)]


def chained(entries: Iterable[Entry]) -> list[Line]:
    """The lines of a ledger without a database."""
    lines: list[Line] = []
    for seq, entry in enumerate(entries, 1):
        prev = lines[-1].hash if lines else GENESIS
        lines.append(write(entry, seq=seq, prev=prev, recorded_at=entry.occurred_at))
    return lines


def registration(terms: Contract | None = None) -> Entry:
    """A contract comes under watch, in clear: seal and identify before appending."""
    terms = terms or contract()
    return Entry(
        contract=terms.contract,
        stream="contract",
        key="register",
        after=None,
        occurred_at=START,
        deemed_at=START,
        by=MIRA,
        body=ContractRegistered(terms=terms, source=SOURCE, calendar=CALENDAR),
    )


def disarm(engine: Engine) -> None:
    """Do what only the owner of the database can: take the triggers away."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            query = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for name in connection.execute(query).scalars().all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("ALTER TABLE entry DISABLE TRIGGER USER"))
