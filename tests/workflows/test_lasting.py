"""What outlives a worker and a run: a ladder goes on where it stood, and repeats nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowHandle

from channels.message import Letter, Parked
from ladders.entries import MessagePosted
from tests.stage import BRIEF, CONTRACT, MIRA, Stage, kinds_of, silent_course, stage_in, until
from tests.world import pick

_EVENTS = 60
"""After so many events, far sooner than in earnest, continuing as new is suggested here."""


@pytest.fixture
async def narrow_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A stage whose server allows short histories only."""
    limit = f"limit.historyCount.suggestContinueAsNew={_EVENTS}"
    async with stage_in(tmp_path, [limit]) as built:
        yield built


async def _run_id(handle: WorkflowHandle[object, object]) -> str:
    return str((await handle.describe()).run_id)


async def test_a_new_worker_goes_on_where_the_old_one_stopped(stage: Stage) -> None:
    """Workers stopped and started between the rungs: each entry once, nobody told twice."""
    await stage.missed()
    before = stage.entries()
    end = stage.due + timedelta(days=20)
    for day in (2, 4, 9, 15):
        await stage.stop_worker()
        await stage.start_worker()
        await stage.move(stage.due + timedelta(days=day))
    await stage.move(end)
    found = [entry for entry in stage.course() if entry not in before]
    assert kinds_of(found) == kinds_of(silent_course(before, end))
    keys = [letter.key for letter in stage.mailbox.letters]
    assert len(keys) == len(set(keys))
    await until(stage.agrees)


async def test_a_click_made_while_no_worker_runs_is_applied_once_one_does(stage: Stage) -> None:
    """The inbox keeps it, and it counts from when it was received."""
    await stage.missed()
    click = stage.action("note", MIRA, note="called the toolmaker")
    sealed = stage.office.private.seal(CONTRACT, click)
    await stage.stop_worker()
    stage.office.inbox.receive(
        click.key, CONTRACT, stage.ladder().id,
        sealed.model_dump_json(exclude_none=True), click.received_at,
    )  # fmt: skip
    await stage.start_worker()
    await until(lambda: "note.added" in stage.kinds())
    assert stage.entries()[-1].deemed_at == click.received_at
    await until(lambda: not stage.office.inbox.unsettled())


async def test_a_ladder_continued_as_new_keeps_its_state_its_clicks_and_its_messages(
    narrow_stage: Stage,
) -> None:
    """Handed on with a message parked: an old click repeated is still one entry."""
    stage = narrow_stage
    await stage.missed()
    note = stage.action("note", MIRA, note="called the toolmaker")
    await stage.desk.act(CONTRACT, "tooling/1", note)
    first = await _run_id(stage.ladder())

    async def trouble(_letter: Letter) -> None:
        raise Parked("account_inactive")

    stage.mailbox.trouble = trouble
    await stage.act("escalate", MIRA, note="no answer")
    await until(lambda: bool(stage.state().parked))
    [owed] = stage.state().parked
    await stage.virtual.jump(stage.virtual.now + timedelta(days=4))
    assert await _run_id(stage.ladder()) != first
    await until(stage.agrees)
    await stage.desk.act(CONTRACT, "tooling/1", note)
    assert stage.kinds().count("note.added") == 1
    stage.mailbox.trouble = None
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=7))
    await until(lambda: not stage.state().outbox)
    await stage.move(stage.due + timedelta(days=20))
    posted = [body.message for _, body in pick(stage.entries(), MessagePosted)]
    assert posted.count(owed) == 1
    assert len(posted) == len(set(posted))
    await until(stage.agrees)


async def test_a_contract_continued_as_new_still_answers_and_settles(stage: Stage) -> None:
    """Having started a ladder it goes on in a new run, which knows what the first one did."""
    await stage.register(stage.terms(ladder=BRIEF))
    first = await _run_id(stage.contract())
    assert await stage.desk.begin(CONTRACT, "tooling") == "tooling/1"
    await until(lambda: _has_gone_on(stage, first))
    assert await stage.desk.begin(CONTRACT, "tooling") == "tooling/1"
    await stage.register(stage.terms(ladder=BRIEF))
    assert stage.kinds("contract") == ["rehearsal.started", "contract.registered", "ladder.started"]
    await stage.act("withdraw", "p-carla@ardent.example", note="entered twice")
    await until(lambda: stage.kinds("contract")[-1] == "milestone.settled")


async def _has_gone_on(stage: Stage, first: str) -> bool:
    return await _run_id(stage.contract()) != first
