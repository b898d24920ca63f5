"""What Alembic runs: the migrations, in the transaction and under the lock of the caller."""

from __future__ import annotations

from alembic import context

from ledger.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
)
context.run_migrations()
