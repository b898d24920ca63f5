"""Opening and migrating: the tables are what the models say, whoever starts first."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from ladders.prose import Prose
from ledger.book import Ledger
from ledger.errors import LedgerNewer, UnsupportedDatabase
from ledger.inbox import Inbox
from ledger.migrating import _config
from ledger.opening import open_engine, writing
from ledger.private import PrivateRows
from ledger.standings import Standings
from ledger.tables import METADATA, REVISION
from ledger.upgrading import APPLICATION_RIGHTS, grant_application, upgrade
from tests.ledger.chronicle import CONTRACT, START, Clock, note, registration
from tests.world import contract

UPGRADE = """
import sys
from ledger.opening import open_engine
from ledger.upgrading import upgrade
upgrade(open_engine(sys.argv[1]))
"""


def test_the_migrated_tables_are_those_of_the_models(engine: Engine) -> None:
    """Alembic finds nothing to do between the migrations and the models."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_the_revision_is_that_of_the_latest_migration(engine: Engine) -> None:
    """Commands compare the two, so that they need not load Alembic."""
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(_config(connection))
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    assert REVISION == scripts.get_current_head() == found


def test_a_ledger_of_the_first_version_is_brought_up_to_date(blank_url: str) -> None:
    """Its entries stay as they are, and have standings."""
    engine = open_engine(blank_url)
    with writing(engine) as session:
        command.upgrade(_config(session.connection()), "0001")
    ledger = Ledger(engine, Clock())
    ledger.append(PrivateRows(engine).seal(CONTRACT, registration()))
    upgrade(engine)
    ledger.append(note(2).model_copy(update={"stream": "tooling/1", "after": None}))
    assert [line.seq for line in ledger.lines(CONTRACT)] == [1, 2]
    Standings(ledger).catch_up()
    assert [each.contract for each in Standings(ledger).contracts()] == [CONTRACT]
    engine.dispose()


def test_every_table_has_its_rights(engine: Engine) -> None:
    """A table without a line in the application's rights would be out of its reach."""
    assert APPLICATION_RIGHTS.keys() == {*METADATA.tables, "alembic_version"}
    with engine.connect() as connection:
        for table in APPLICATION_RIGHTS:
            connection.execute(text(f"SELECT * FROM {table}"))


def test_processes_that_start_at_once_migrate_once(blank_url: str) -> None:
    """Four processes migrate an empty database at the same time, and all succeed."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", UPGRADE, blank_url],
            stderr=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(4)
    ]
    errors = [process.communicate(timeout=60)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], errors
    engine = open_engine(blank_url)
    Ledger(engine, Clock()).append(note(1))
    upgrade(engine)
    assert Ledger(engine, Clock()).append(note(2)).seq == 2
    engine.dispose()


def test_a_newer_ledger_is_refused(engine: Engine) -> None:
    """Tables that a later version migrated are left alone, and the refusal says what to do."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerNewer, match="install the version"):
        upgrade(engine)


@pytest.mark.parametrize(
    "url", ["", "ledger.db", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "oracle://u:pw@h/x"]
)
def test_other_databases_are_refused(url: str) -> None:
    """Only SQLite files and PostgreSQL will do; the refusal shows no password."""
    with pytest.raises(UnsupportedDatabase) as refusal:
        open_engine(url)
    assert "pw" not in str(refusal.value)


def test_a_plain_postgresql_address_uses_psycopg() -> None:
    """``postgresql://`` means the driver that is installed."""
    assert open_engine("postgresql://user@nowhere/x").driver == "psycopg"


@pytest.fixture
def restricted(engine: Engine) -> Engine:
    """The database as the application's role sees it."""
    role = f"app_{uuid.uuid4().hex}"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        grant_application(connection, role)
    return open_engine(
        make_url(engine.url).set(username=role).render_as_string(hide_password=False)
    )


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_the_application_role_can_do_its_work(restricted: Engine) -> None:
    """Start, append, seal, open, identify, erase, receive and settle need no more rights."""
    upgrade(restricted)
    private, inbox = PrivateRows(restricted), Inbox(restricted)
    words = private.seal(CONTRACT, Prose("words"))
    ledger = Ledger(restricted, Clock())
    assert ledger.append(note(1, words=words)).seq == 1
    assert ledger.append(note(2)).seq == 2
    assert private.open(words) == "words"
    assert private.erase_person(private.identify("mira@ardent.example"), []) == 1
    assert private.erase([words]) == 1
    inbox.receive("click", CONTRACT, "ladder", "{}", START)
    assert inbox.settle("click", "{}", START).answer == "{}"
    other = contract().model_copy(update={"contract": "OTHER"})
    ledger.append(private.seal("OTHER", registration(other)))
    standings = Standings(ledger)
    standings.follow("OTHER", "contract")
    standings.rebuild()
    standings.follow("OTHER", "contract")
    assert [each.contract for each in standings.contracts()] == ["OTHER"]
    restricted.dispose()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE entry SET line = 'x'",
        "DELETE FROM entry",
        "TRUNCATE entry",
        "ALTER TABLE entry DISABLE TRIGGER ALL",
        "ALTER TABLE entry DROP CONSTRAINT entry_gapless",
        "DROP TRIGGER entry_never_changed ON entry",
        "DROP TABLE entry",
        "SET session_replication_role = replica",
        "ALTER FUNCTION entry_refuse_change() RENAME TO other",
        "CREATE TRIGGER hide BEFORE INSERT ON entry EXECUTE FUNCTION entry_refuse_change()",
        "UPDATE private_text SET text = 'x'",
        "UPDATE identity SET identity = 'x'",
        "UPDATE inbox SET request = 'x'",
        "DELETE FROM inbox",
        "UPDATE alembic_version SET version_num = 'x'",
        "CREATE TABLE other (a integer)",
    ],
)
def test_the_application_role_can_do_nothing_else(restricted: Engine, attack: str) -> None:
    """The role that serves the worker could not rewrite the ledger if it wanted to (law 17)."""
    with (
        pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
        restricted.begin() as connection,
    ):
        connection.execute(text(attack))
    restricted.dispose()
