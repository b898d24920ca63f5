"""Running the migrations. Alembic takes a while to load, so only who must migrate loads this."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, Engine

from ledger.errors import LedgerNewer
from ledger.opening import writing

_LOCK = int.from_bytes(b"ledger")


def migrate(engine: Engine) -> None:
    """Migrate to the latest version in one transaction, under a lock.

    Raises LedgerNewer where a later version of the program has been here before.
    """
    with writing(engine, lock=_LOCK) as session:
        try:
            command.upgrade(_config(session.connection()), "head")
        except CommandError as error:
            raise LedgerNewer(str(error)) from error


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "ledger:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
