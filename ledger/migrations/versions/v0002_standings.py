"""Standings: where every stream stands, derived from the entries and never evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, and the index that tells each stream's latest entry without its line."""
    op.create_index("ix_entry_contract_stream_seq", "entry", ["contract", "stream", "seq"])
    op.create_table(
        "standing",
        sa.Column("contract", sa.String(64), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("contract", "stream", name="pk_standing"),
    )
