"""The steps that ``deploy/README.md`` gives for PostgreSQL, taken from the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from ledger.book import Ledger
from ledger.opening import open_engine
from tests.ledger.chronicle import Clock, note
from tests.ledger.conftest import administer

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """The one block of the page in that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def deployed(postgres: URL) -> Iterator[URL]:
    """The database that the page's statements make, with its tables; as its owner."""
    for statement in block("sql").strip().split(";\n"):
        administer(postgres, statement.removesuffix(";"))
    owner = postgres.set(username="holdfast_owner", database="holdfast")
    try:
        subprocess.run(
            [sys.executable, "-c", block("python")],
            cwd=ROOT,
            env={**os.environ, "HOLDFAST_DATABASE": owner.render_as_string(hide_password=False)},
            check=True,
            timeout=60,
        )
        yield owner
    finally:
        administer(postgres, "DROP DATABASE holdfast WITH (FORCE)")
        for role in ("holdfast_app", "holdfast_owner"):
            administer(postgres, f"DROP ROLE {role}")


def test_the_page_leads_to_a_ledger_that_the_worker_cannot_rewrite(deployed: URL) -> None:
    """The worker's role appends, and is refused everything else (law 17)."""
    url = deployed.set(username="holdfast_app").render_as_string(hide_password=False)
    engine = open_engine(url)
    assert Ledger(engine, Clock()).append(note(1)).seq == 1
    for attack in ("UPDATE entry SET line = 'x'", "ALTER TABLE entry DISABLE TRIGGER ALL"):
        with (
            pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
            engine.begin() as connection,
        ):
            connection.execute(text(attack))
    engine.dispose()
