"""Where ``holdfast rebuild`` has not all it needs, or must not start anything."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from commands.rebuild import rebuild
from desk import rebuilding
from desk.rebuilding import NotRebuildable
from ladders.alarms import next_alarm
from ladders.decision import decide
from ladders.events import Tick
from tests.backups import back_up, put_back
from tests.commands.books import Paper
from tests.commands.test_rebuild import LADDER, client_of, lacking, typed
from tests.ledger.chronicle import disarm
from tests.stage import CARLA, CONTRACT, Stage, until, without_temporal


async def test_a_ladder_that_stands_before_the_ledger_is_rebuilt_once_terminated(
    stage: Stage,
) -> None:
    """Temporal was put back to an older copy: the ledger knows more, and is right."""
    await stage.missed()
    await stage.stop_worker()
    alarm = next_alarm(stage.state())
    assert alarm is not None
    late = alarm.at + timedelta(seconds=30)
    (entry,) = decide(stage.state(), Tick(until=late), late)
    stage.ledger.append(entry)
    await stage.start_worker()
    await stage.virtual.jump(alarm.at + timedelta(minutes=1))
    await until(lambda: _says(stage, "blocked"))
    following = _next(stage)
    await stage.ladder().terminate("stands before the ledger")
    assert (await typed(stage))["rebuilt"] == [
        {"case": LADDER, "next": following},
    ]
    await until(stage.agrees)
    assert entry in stage.entries()


async def _says(stage: Stage, word: str) -> bool:
    return word in " ".join(await lacking(stage))


def _next(stage: Stage) -> str:
    alarm = next_alarm(stage.state())
    assert alarm is not None
    return alarm.at.isoformat()


async def test_without_a_worker_nobody_vouches_for_what_was_started(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started all the same, and goes on once a worker runs; until then that is said."""
    monkeypatch.setattr(rebuilding, "PATIENCE", timedelta(seconds=1))
    await stage.missed()
    async with without_temporal(stage) as again:
        await again.stop_worker()
        paper = Paper()
        code = await rebuild(lambda: client_of(again), again.office, as_json=False, console=paper)
        assert code == 1
        assert paper.said.count("holdfast up runs") == 2
        await again.start_worker()
        await until(again.agrees)


async def test_a_ledger_that_is_behind_or_tampered_with_is_no_source(
    stage: Stage, tmp_path: Path
) -> None:
    """Nothing is started from it; the remedy names the command that comes first."""
    yesterday = tmp_path / "yesterday.sqlite"
    await stage.missed()
    back_up(stage, yesterday)
    await stage.act("withdraw", CARLA, note="entered twice")
    await until(lambda: stage.kinds("contract")[-1] == "milestone.settled")
    put_back(stage, yesterday)
    with pytest.raises(NotRebuildable, match="holdfast reconcile"):
        await typed(stage)
    disarm(stage.ledger.engine)
    with stage.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entry SET kind = 'note.added' WHERE seq = 3")
    with pytest.raises(NotRebuildable, match=f"holdfast verify {CONTRACT}"):
        await typed(stage)
