"""Which failures of a real database are worth retrying, and which stay wrong."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DBAPIError

from ledger.book import Ledger, Receipt
from ledger.errors import KeyConflict, LedgerBehind, OutOfOrder, is_transient
from ledger.opening import open_engine
from tests.ledger.chronicle import CONTRACT, Clock, note, notes


def failure(engine: Engine, sql: str) -> DBAPIError:
    """What the database says to a statement."""
    with pytest.raises(DBAPIError) as caught, engine.begin() as connection:
        connection.execute(text(sql))
    return caught.value


def test_refusals_of_the_ledger() -> None:
    """Being behind is mended from outside; a conflict and a wrong order are not."""
    behind = LedgerBehind(CONTRACT, "contract", "x")
    assert is_transient(behind)
    assert (behind.permanent, behind.retry_after) == (False, timedelta(minutes=1))
    assert not is_transient(KeyConflict(CONTRACT, "x"))
    assert not is_transient(OutOfOrder(CONTRACT, "contract", "x", None))
    assert not is_transient(ValueError())


def test_a_wrong_statement_stays_wrong(engine: Engine) -> None:
    """A missing table, a broken constraint and a refused edit are permanent."""
    Ledger(engine, Clock()).append(note(1))
    assert not is_transient(failure(engine, "SELECT * FROM missing"))
    assert not is_transient(failure(engine, "INSERT INTO entry (contract, seq) VALUES ('a', 5)"))
    assert not is_transient(failure(engine, "DELETE FROM entry"))


def test_a_database_that_is_away_may_come_back(tmp_path_factory: pytest.TempPathFactory) -> None:
    """An unreachable server and a missing folder are worth retrying."""
    missing = tmp_path_factory.getbasetemp() / "missing"
    for url in (f"postgresql://user@/x?host={missing}", f"sqlite:///{missing}/ledger.db"):
        engine = open_engine(url)
        assert is_transient(failure(engine, "SELECT 1"))
        engine.dispose()


@pytest.fixture
def impatient(url: str) -> Iterator[Engine]:
    """A SQLite ledger that waits for nobody and may not grow."""
    engine = open_engine(url)

    @event.listens_for(engine, "connect")
    def restrict(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA busy_timeout = 0")
        connection.execute("PRAGMA max_page_count = 1")

    yield engine
    engine.dispose()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_locked_sqlite_file_is_worth_retrying(impatient: Engine) -> None:
    """Another process that holds the write lock lets go of it some time."""
    with closing(sqlite3.connect(str(impatient.url.database))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DBAPIError) as caught:
            Ledger(impatient, Clock()).append(note(1))
    assert is_transient(caught.value)
    assert Ledger(impatient, Clock()).append(note(1)).seq == 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_full_disk_is_worth_retrying(impatient: Engine) -> None:
    """A database that cannot grow keeps what it has, and can be given room."""
    ledger = Ledger(impatient, Clock())
    receipts: list[Receipt] = []
    with pytest.raises(DBAPIError) as caught:
        receipts.extend(ledger.append(entry) for entry in notes(1000))
    assert is_transient(caught.value)
    assert [line.hash for line in ledger.lines(CONTRACT)] == [receipt.hash for receipt in receipts]
