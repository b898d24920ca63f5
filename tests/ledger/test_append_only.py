"""The database itself refuses whatever would change, fork or break the chain (raw SQL)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from ledger.book import Ledger
from tests.ledger.chronicle import CONTRACT, notes

COLUMNS = "(contract, seq, prev_seq, prev_hash, hash, stream, key, kind, line)"
NEW_HASH = "f" * 64


def values(seq: int, prev_seq: str, prev_hash: str, key: str = "'new'") -> str:
    """One row to insert; ``h3`` stands for the hash of entry 3."""
    hashes = {f"h{n}": f"(SELECT hash FROM entry WHERE seq = {n})" for n in (1, 2, 3)}
    return (
        f"('{CONTRACT}', {seq}, {prev_seq}, {hashes.get(prev_hash, prev_hash)}, "
        f"'{NEW_HASH}', 'contract', {key}, 'note.added', 'x')"
    )


def insert(row: str, verb: str = "INSERT INTO", end: str = "") -> str:
    """An insert as an attacker would write it."""
    return f"{verb} entry {COLUMNS} VALUES {row} {end}"


FOURTH = values(4, "3", "h3", "'contract:note:1'")
ATTACKS = {
    "update": "UPDATE entry SET line = 'x' WHERE seq = 2",
    "update of all": "UPDATE entry SET line = line",
    "delete": "DELETE FROM entry WHERE seq = 3",
    "fork": insert(values(3, "2", "h2")),
    "fork at the end": insert(values(4, "2", "h2")),
    "gap": insert(values(5, "4", f"'{NEW_HASH}'")),
    "gap with a link": insert(values(5, "3", "h3")),
    "second beginning": insert(values(1, "NULL", "NULL")),
    "beginning later": insert(values(4, "NULL", "NULL")),
    "number zero": insert(values(0, "-1", "NULL")),
    "beginning after zero": insert(values(1, "0", "NULL")),
    "no link": insert(values(4, "3", "NULL")),
    "wrong link": insert(values(4, "3", f"'{'0' * 64}'")),
    "link to another entry": insert(values(4, "3", "h2")),
    "same key": insert(FOURTH),
    "upsert": insert(
        values(3, "2", "h2"), end="ON CONFLICT (contract, seq) DO UPDATE SET line = 'x'"
    ),
    "upsert by key": insert(FOURTH, end="ON CONFLICT (contract, key) DO UPDATE SET line = 'x'"),
}
SQLITE_ATTACKS = {
    "replace": insert(values(3, "2", "h2"), "REPLACE INTO"),
    "replace the first": insert(values(1, "NULL", "NULL"), "INSERT OR REPLACE INTO"),
    "replace by key": insert(FOURTH, "INSERT OR REPLACE INTO"),
    "replace by predecessor": insert(values(4, "2", "h2"), "INSERT OR REPLACE INTO"),
    "replace by row id": "INSERT OR REPLACE INTO entry (rowid, contract, seq, hash, stream, key, "
    f"kind, line) VALUES (1, 'OTHER', 1, '{NEW_HASH}', 'contract', 'new', 'note.added', 'x')",
    "update or replace": "UPDATE OR REPLACE entry SET seq = 2 WHERE seq = 3",
}
POSTGRESQL_ATTACKS = {
    "truncate": "TRUNCATE entry",
    "truncate cascade": "TRUNCATE entry CASCADE",
    "merge": "MERGE INTO entry USING (SELECT 2 AS seq) AS other ON entry.seq = other.seq "
    "WHEN MATCHED THEN UPDATE SET line = 'x'",
    "update by the owner as a replica": "SET session_replication_role = replica; "
    "UPDATE entry SET line = 'x' WHERE seq = 2",
    "truncate by the owner as a replica": "SET session_replication_role = replica; TRUNCATE entry",
}

REASONS = r"append-only|violates \w+|CHECK constraint failed|no column named rowid"
"""Why an attack may fail; a slip in its own SQL is none of them."""


def cases(backend: str, attacks: dict[str, str]) -> list[object]:
    """Attacks as parameters, named."""
    return [pytest.param(backend, sql, id=f"{backend}-{name}") for name, sql in attacks.items()]


@pytest.fixture
def written(ledger: Ledger) -> Iterator[list[str]]:
    """Three entries; whatever was tried, they must stand as they were."""
    for entry in notes(3):
        ledger.append(entry)
    before = [line.text for line in ledger.lines(CONTRACT)]
    yield before
    assert [line.text for line in ledger.lines(CONTRACT)] == before
    assert ledger.contracts() == [CONTRACT]


@pytest.mark.parametrize(
    ("backend", "attack"),
    [
        *cases("sqlite", ATTACKS | SQLITE_ATTACKS),
        *cases("postgresql", ATTACKS | POSTGRESQL_ATTACKS),
    ],
    indirect=["backend"],
)
@pytest.mark.usefixtures("written")
def test_the_database_refuses(engine: Engine, attack: str) -> None:
    """Neither edits, deletions, forks, gaps nor wrong links get in, even as the owner."""
    raw = create_engine(engine.url)
    with pytest.raises(DBAPIError, match=REASONS), raw.begin() as connection:
        connection.execute(text(attack))
    raw.dispose()


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("attack", ["wrong link", "link to another entry"])
@pytest.mark.usefixtures("written")
def test_sqlite_refuses_a_wrong_link_without_foreign_keys(engine: Engine, attack: str) -> None:
    """A connection that leaves foreign keys off still cannot break the chain."""
    with closing(sqlite3.connect(str(engine.url.database))) as raw:
        assert raw.execute("PRAGMA foreign_keys").fetchone() == (0,)
        with pytest.raises(sqlite3.IntegrityError):
            raw.execute(ATTACKS[attack])


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_sqlite_connections_keep_their_promises(engine: Engine) -> None:
    """Write-ahead log, full synchronisation, foreign keys, patience and secure deletion are on."""
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
        "secure_delete": 1,
    }
    with engine.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted}
    assert found == wanted


@pytest.mark.usefixtures("written")
def test_an_entry_that_continues_the_chain_is_let_in(engine: Engine) -> None:
    """The control: the same insert with the right number, link and key is not refused."""
    with engine.connect() as connection:
        connection.execute(text(insert(values(4, "3", "h3"))))
        connection.rollback()
