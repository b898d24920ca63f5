"""The first tables: entries with the triggers that keep them, private rows, the inbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A row that REPLACE removes fires no delete trigger, but the insert that removes it fires this
# one first. The link is checked once more because SQLite leaves foreign keys to the connection.
SQLITE_TRIGGERS = (
    """
    CREATE TRIGGER entry_never_replaced BEFORE INSERT ON entry
    WHEN EXISTS (
        SELECT 1 FROM entry WHERE contract = NEW.contract
        AND (seq = NEW.seq OR prev_seq = NEW.prev_seq OR "key" = NEW."key")
    )
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: the entry exists'); END
    """,
    """
    CREATE TRIGGER entry_linked BEFORE INSERT ON entry
    WHEN NEW.prev_seq IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM entry WHERE contract = NEW.contract
        AND seq = NEW.prev_seq AND hash = NEW.prev_hash
    )
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: the entry does not continue it'); END
    """,
    """
    CREATE TRIGGER entry_never_updated BEFORE UPDATE ON entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no UPDATE'); END
    """,
    """
    CREATE TRIGGER entry_never_deleted BEFORE DELETE ON entry
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no DELETE'); END
    """,
)

# ENABLE ALWAYS: a session that calls itself a replica would otherwise pass by the trigger.
POSTGRESQL_TRIGGERS = (
    """
    CREATE FUNCTION entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the ledger is append-only: no %', TG_OP; END $$
    """,
    """
    CREATE TRIGGER entry_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION entry_refuse_change()
    """,
    "ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_never_changed",
)


def upgrade() -> None:
    """Create everything."""
    _create_entry()
    _create_private_rows()
    _create_inbox()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for trigger in SQLITE_TRIGGERS if is_sqlite else POSTGRESQL_TRIGGERS:
        op.execute(trigger)


def _create_entry() -> None:
    op.create_table(
        "entry",
        sa.Column("contract", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("prev_seq", sa.Integer()),
        sa.Column("prev_hash", sa.String(64)),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("contract", "seq", name="pk_entry"),
        sa.UniqueConstraint("contract", "prev_seq", name="uq_entry_contract_prev_seq"),
        sa.UniqueConstraint("contract", "key", name="uq_entry_contract_key"),
        sa.UniqueConstraint("contract", "seq", "hash", name="uq_entry_contract_seq_hash"),
        sa.ForeignKeyConstraint(
            ["contract", "prev_seq", "prev_hash"],
            ["entry.contract", "entry.seq", "entry.hash"],
            name="fk_entry_contract_prev_seq_prev_hash",
        ),
        sa.CheckConstraint(
            "seq >= 1 AND seq = coalesce(prev_seq, 0) + 1", name=op.f("ck_entry_gapless")
        ),
        sa.CheckConstraint("(seq = 1) = (prev_seq IS NULL)", name=op.f("ck_entry_genesis")),
        sa.CheckConstraint("(prev_seq IS NULL) = (prev_hash IS NULL)", name=op.f("ck_entry_link")),
        sa.CheckConstraint("length(hash) = 64", name=op.f("ck_entry_hash")),
        sqlite_with_rowid=False,
    )


def _create_private_rows() -> None:
    op.create_table(
        "private_text",
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("contract", sa.String(64), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("commitment", name="pk_private_text"),
    )
    op.create_index("ix_private_text_contract", "private_text", ["contract"])
    op.create_table(
        "identity",
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name="pk_identity"),
        sa.UniqueConstraint("identity", name="uq_identity_identity"),
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("contract", sa.String(64), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("settled_at", sa.String(32)),
        sa.Column("answer", sa.Text()),
        sa.PrimaryKeyConstraint("key", name="pk_inbox"),
    )
    op.create_index("ix_inbox_contract", "inbox", ["contract"])
    op.create_index("ix_inbox_settled_at", "inbox", ["settled_at"])
