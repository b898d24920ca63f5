"""A ledger that fails: no failure to record ends a ladder, loses an entry or moves a deadline."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from temporalio.api.enums.v1 import EventType

from ladders.entries import Entry, NoteAdded, RungOpened
from ladders.prose import Prose
from ledger.book import Ledger
from tests.backups import back_up, put_back
from tests.stage import BRIEF, Stage, kinds_of, silent_course, until
from tests.world import pick

_OUTAGE = timedelta(minutes=90)


async def _failures(stage: Stage) -> int:
    """How many failed activities the ladder's history tells of: retries make it no longer."""
    events = (await stage.ladder().fetch_history()).events
    return sum(event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED for event in events)


def _reminder(stage: Stage) -> datetime:
    """When the first rung's reminder is due."""
    remind_at = stage.state().rungs[0].remind_at
    assert remind_at is not None
    return remind_at


def _deadlines(entries: list[Entry]) -> list[datetime | None]:
    return [body.deadline for _, body in pick(entries, RungOpened)]


async def _goes_on_as_if_nothing_had_been(stage: Stage, before: list[Entry]) -> None:
    """Each entry once and in order, each rung with the deadline it would have had anyway."""
    end = stage.due + timedelta(days=20)
    await stage.move(end)
    expected = silent_course(before, end)
    found = [entry for entry in stage.course() if entry not in before]
    assert kinds_of(found) == kinds_of(expected)
    assert _deadlines(found) == _deadlines(expected)
    await until(stage.agrees)
    assert not await stage.is_blocked()


async def test_a_ledger_that_fails_again_and_again_loses_and_doubles_nothing(
    stage: Stage,
) -> None:
    """Every append fails at first, then succeeds with its answer lost, and is tried once more."""
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.move(stage.due)
    before = stage.entries()
    attempts: Counter[str] = Counter()

    def trouble(entry: Entry) -> None:
        attempts[entry.key] += 1
        if attempts[entry.key] == 2:
            Ledger.append(stage.ledger, entry)
        if attempts[entry.key] <= 2:
            raise OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error"))

    stage.ledger.trouble = trouble
    await stage.virtual.jump(stage.due + timedelta(days=15))
    stage.ledger.trouble = None
    await _goes_on_as_if_nothing_had_been(stage, before)
    assert max(attempts.values()) == 3
    assert attempts[f"tooling/1/rung/{BRIEF.rungs[1].id}"] == 3


async def test_a_ladder_whose_key_is_taken_waits_blocked_and_goes_on_once_mended(
    stage: Stage, tmp_path: Path
) -> None:
    """Refused for good: it shows itself as blocked, skips nothing, and goes on after a restore."""
    await stage.missed()
    due, before, backup = _reminder(stage), stage.entries(), tmp_path / "backup.sqlite"
    back_up(stage, backup)
    planted = {
        "stream": "elsewhere",
        "key": f"tooling/1/rung/plan/reminded:{due:%FT%T}",
        "body": NoteAdded(note=Prose(f"sealed:{'0' * 64}")),
    }
    stage.ledger.append(before[0].model_copy(update=planted))
    await stage.virtual.jump(due + _OUTAGE)
    await until(stage.is_blocked)
    assert stage.entries() == before
    await until(stage.agrees)
    put_back(stage, backup)
    await stage.virtual.jump(due + 2 * _OUTAGE)
    await until(lambda: len(stage.entries()) > len(before))
    await _goes_on_as_if_nothing_had_been(stage, before)


async def test_a_ladder_waits_for_a_ledger_that_was_restored_from_an_older_backup(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is appended to a ledger that is behind, it says so, and nothing is lost after."""
    older, newest = tmp_path / "older.sqlite", tmp_path / "newest.sqlite"
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.move(stage.due)
    back_up(stage, older)
    behind = stage.entries()
    await stage.act("confirm", "p-mira@ardent.example")
    await stage.move(stage.due + timedelta(days=1))
    due, before = _reminder(stage), stage.entries()
    back_up(stage, newest)
    put_back(stage, older)
    with caplog.at_level(logging.ERROR, "temporalio.workflow"):
        await stage.virtual.jump(due + timedelta(minutes=5))
        await until(stage.is_blocked)
    assert stage.entries() == behind
    (said,) = [record.getMessage() for record in caplog.records]
    assert "holdfast reconcile" in said
    await stage.virtual.jump(due + timedelta(minutes=15))
    assert await _failures(stage) == 1
    put_back(stage, newest)
    await stage.virtual.jump(due + timedelta(minutes=17))
    await until(lambda: len(stage.entries()) > len(before))
    await _goes_on_as_if_nothing_had_been(stage, before)
