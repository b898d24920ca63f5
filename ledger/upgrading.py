"""Bringing the tables to the latest version; what the application's role may do with them."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from ledger.errors import LedgerNewer
from ledger.opening import writing

_LOCK = int.from_bytes(b"ledger")

APPLICATION_RIGHTS = {
    "entry": "SELECT, INSERT",
    "private_text": "SELECT, INSERT, DELETE",
    "identity": "SELECT, INSERT, DELETE",
    "inbox": "SELECT, INSERT, UPDATE (settled_at, answer)",
    "alembic_version": "SELECT",
}
"""All that the application needs on PostgreSQL. It must not own the tables: an owner may disable
the triggers that keep entries unchanged."""


def upgrade(engine: Engine) -> None:
    """Migrate to the latest version in one transaction; does nothing where that is reached.

    Safe when several processes start at once: the first migrates, the others wait for it. Raises
    LedgerNewer where a later version of the program has been here before.
    """
    with writing(engine, lock=_LOCK) as session:
        try:
            command.upgrade(_config(session.connection()), "head")
        except CommandError as error:
            raise LedgerNewer(str(error)) from error


def grant_application(connection: Connection, role: str) -> None:
    """Give the PostgreSQL role ``role`` the rights in APPLICATION_RIGHTS, and no others.

    To be run once as the owner of the tables, after upgrade; the role then serves the worker.
    """
    quoted = connection.dialect.identifier_preparer.quote(role)
    schema = connection.dialect.identifier_preparer.quote(
        connection.execute(text("SELECT current_schema()")).scalar_one()
    )
    connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {quoted}"))
    for table, rights in APPLICATION_RIGHTS.items():
        connection.execute(text(f"REVOKE ALL ON {table} FROM {quoted}, PUBLIC"))
        connection.execute(text(f"GRANT {rights} ON {table} TO {quoted}"))


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "ledger:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
