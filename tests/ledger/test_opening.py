"""Opening: what an error of the database says, and what it keeps to itself."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ladders.prose import Prose
from ledger.private import PrivateRows


def test_no_error_says_what_was_to_be_written(private: PrivateRows, engine: Engine) -> None:
    """Logs outlive the rows that may be erased: they name the statement, not what is in it."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE private_text RENAME TO elsewhere"))
    with pytest.raises(DBAPIError, match="private_text") as caught:
        private.seal("KSS-1", Prose("private note of Mira"))
    assert "private note of Mira" not in str(caught.value)
