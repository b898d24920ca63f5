"""The history of the tables, for Alembic; only ever added to."""
