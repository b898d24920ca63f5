"""Slack: what was posted where, and who is who there. Neither is evidence; both may be lost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "posting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.String(32), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("shown", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("key", name="pk_posting"),
    )
    op.create_table(
        "slack_identity",
        sa.Column("team", sa.String(32), nullable=False),
        sa.Column("member", sa.String(32), nullable=False),
        sa.Column("ref", sa.String(16), nullable=False),
        sa.Column("zone", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("team", "member", name="pk_slack_identity"),
    )
    op.create_index("ix_slack_identity_ref", "slack_identity", ["ref"])
