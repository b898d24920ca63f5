"""Bringing the tables to the latest version; what the application's role may do with them."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, text

from ledger.opening import reading
from ledger.tables import REVISION

APPLICATION_RIGHTS = {
    "entry": "SELECT, INSERT",
    "private_text": "SELECT, INSERT, DELETE",
    "identity": "SELECT, INSERT, DELETE",
    "inbox": "SELECT, INSERT, UPDATE (settled_at, answer)",
    "standing": "SELECT, INSERT, UPDATE, DELETE",
    "posting": "SELECT, INSERT, UPDATE, DELETE",
    "slack_identity": "SELECT, INSERT, UPDATE, DELETE",
    "alembic_version": "SELECT",
}
"""All that the application needs on PostgreSQL. It must not own the tables: an owner may disable
the triggers that keep entries unchanged."""


def upgrade(engine: Engine) -> None:
    """Migrate to the latest version in one transaction; does nothing where that is reached.

    Safe when several processes start at once: the first migrates, the others wait for it. Raises
    LedgerNewer where a later version of the program has been here before.
    """
    if _revision(engine) == REVISION:
        return
    # Loaded here because most commands never come so far, and would wait for it all the same.
    from ledger.migrating import migrate  # noqa: PLC0415

    migrate(engine)


def _revision(engine: Engine) -> str | None:
    with reading(engine) as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        query = text("SELECT version_num FROM alembic_version")
        return session.connection().execute(query).scalar_one_or_none()


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
