"""Backups of a stage's ledger, made and put back as an operator would, while it is in use."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.stage import Stage


def copy(source: Path, target: Path) -> None:
    """Back an SQLite database up, or restore one."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


def back_up(stage: Stage, target: Path) -> None:
    """Copy the ledger of ``stage`` to ``target``."""
    copy(_file(stage), target)


def put_back(stage: Stage, source: Path) -> None:
    """Let the ledger of ``stage`` be what it was when ``source`` was copied."""
    copy(source, _file(stage))


def _file(stage: Stage) -> Path:
    return Path(str(stage.ledger.engine.url.database))
