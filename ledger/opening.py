"""Opening the database: connections that keep their promises, tables at the latest version."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlmodel import Session

from ledger.errors import UnsupportedDatabase

BUSY_TIMEOUT_SECONDS = 30
_BEGIN = "ledger_begin"
_LOCK = "SELECT set_config('lock_timeout', :patience, true), pg_advisory_xact_lock(:lock)"

# SQLite has one writer at a time anyway; waiting in line in the process is fair, while its own
# busy-waiting between threads is not (it costs tenfold at the 99th percentile).
_sqlite_writer = threading.Lock()


def open_engine(url: str) -> Engine:
    """Return the engine for ``sqlite:///file`` or ``postgresql+psycopg://…``; connects lazily.

    SQLite is set to write-ahead logging with full synchronisation, enforced foreign keys and
    overwriting of what is deleted. No error says what was to be written or asked for: logs keep
    what the erasable rows may forget. Raises UnsupportedDatabase for anything else.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise UnsupportedDatabase("it is not a database URL") from None
    if parsed.get_backend_name() == "postgresql":
        # Read committed, whatever the server's default: the statement after the lock must see
        # what the previous holder of the lock has written.
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            hide_parameters=True,
        )
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        raise UnsupportedDatabase(f"{parsed.drivername!r} without a file is not supported")
    engine = create_engine(
        parsed, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, hide_parameters=True
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a session that only reads."""
    with Session(engine) as session:
        yield session


@contextmanager
def writing(engine: Engine, lock: int | None = None) -> Iterator[Session]:
    """Open a session in one transaction, which commits at the end unless something is raised.

    SQLite takes its write lock at once. PostgreSQL takes the advisory ``lock``, if one is given,
    in a statement of its own: the snapshot of a statement that also read would precede the lock.
    Both wait for it as long as BUSY_TIMEOUT_SECONDS, then raise OperationalError.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    impatient = engine.execution_options(**{_BEGIN: "IMMEDIATE"})
    with _sqlite_writer if is_sqlite else nullcontext(), impatient.begin() as connection:
        if lock is not None and not is_sqlite:
            patience = f"{BUSY_TIMEOUT_SECONDS}s"
            connection.execute(text(_LOCK), {"lock": lock, "patience": patience})
        with Session(connection) as session:
            yield session
            session.flush()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own idea of when a transaction begins is switched off: it would begin late,
    # after the first read, and then fail instead of waiting.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get(_BEGIN, "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")


def forget_deleted(engine: Engine) -> None:
    """Let deleted rows vanish from SQLite's write-ahead log too, as far as no reader needs it.

    PostgreSQL forgets them when it vacuums, and in its own log when that is recycled.
    """
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
