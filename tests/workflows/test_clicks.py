"""Clicks that race, repeat, or come late: each counts once, and none is left unanswered."""

from __future__ import annotations

import asyncio
import threading
import time
from datetime import datetime, timedelta

import pytest
from temporalio.client import WorkflowUpdateStage

from desk.settled import Settled
from ladders import entries as kinds
from ladders.entries import Entry
from ladders.errors import ActionRefused
from ladders.events import Action
from ladders.watch import next_start
from tests.stage import BRIEF, CARLA, CONTRACT, MIRA, Away, Stage, until
from tests.world import pick
from workflows.contract import Started
from workflows.ladder import Answer


async def _tendered(stage: Stage) -> None:
    await stage.missed()
    await stage.act("tender", MIRA, delivered=stage.due.date())


async def _at_once(stage: Stage, *actions: Action) -> list[Answer | BaseException]:
    clicks = (stage.desk.act(CONTRACT, "tooling/1", action) for action in actions)
    return await asyncio.gather(*clicks, return_exceptions=True)


async def test_of_two_who_accept_and_reject_at_once_one_wins(stage: Stage) -> None:
    """One entry of the two; the other person is refused with a reason."""
    await _tendered(stage)
    accept = stage.action("accept", CARLA)
    reject = stage.action("reject", CARLA, note="not as agreed")
    answers = await _at_once(stage, accept, reject)
    recorded = {"cure.accepted", "cure.rejected"} & set(stage.kinds())
    assert len(recorded) == 1
    assert sum(isinstance(answer, Answer) for answer in answers) == 1
    refused = answers[1] if recorded == {"cure.accepted"} else answers[0]
    assert isinstance(refused, ActionRefused)


async def test_who_closes_at_the_same_instant_as_another_learns_who_was_first(
    stage: Stage,
) -> None:
    """Accepting and withdrawing at once: the loser is told what happened, when and by whom."""
    await _tendered(stage)
    accept = stage.action("accept", CARLA)
    withdraw = stage.action("withdraw", CARLA, note="entered twice")
    answers = await _at_once(stage, accept, withdraw)
    closing = stage.state().closing
    assert closing is not None
    refused = answers[1] if "cure.accepted" in stage.kinds() else answers[0]
    assert isinstance(refused, ActionRefused)
    at = stage.state().opened.calendar.shown(closing.at)
    assert f"closed as {closing.outcome} at {at} by {CARLA}" in refused.what
    assert len({"cure.accepted", "ladder.withdrawn"} & set(stage.kinds())) == 1


async def test_the_same_click_sent_many_times_at_once_is_one_entry(stage: Stage) -> None:
    """However often it is sent, there is one entry, and every sender hears of that one."""
    await stage.missed()
    note = stage.action("note", MIRA, note="called the toolmaker")
    answers = await _at_once(stage, *[note] * 12)
    assert stage.kinds().count("note.added") == 1
    assert len({answer.model_dump_json() for answer in answers if isinstance(answer, Answer)}) == 1
    assert [entry.key for entry in stage.entries()].count(note.key) == 1


async def test_a_late_click_changes_nothing_and_is_told_who_closed_and_when(stage: Stage) -> None:
    """The ladder's workflow has ended; the ledger answers, and the inbox keeps the answer."""
    await _tendered(stage)
    accept = stage.action("accept", CARLA)
    await stage.desk.act(CONTRACT, "tooling/1", accept)
    await stage.ladder().result()
    before = stage.entries()
    late = stage.action("reject", CARLA, note="on second thoughts")
    with pytest.raises(ActionRefused) as refused:
        await stage.desk.act(CONTRACT, "tooling/1", late)
    closing = stage.state().closing
    assert closing is not None
    at = stage.state().opened.calendar.shown(closing.at)
    closed = f"closed as {closing.outcome} at {at} by"
    assert f"{closed} {CARLA}" in refused.value.what
    assert (await stage.desk.act(CONTRACT, "tooling/1", accept)) is not None
    assert stage.entries() == before
    row = stage.office.inbox.find(late.key)
    assert row is not None
    assert row.answer is not None
    kept = Settled.model_validate_json(row.answer).refused
    assert kept is not None
    assert f"{closed} {stage.person(CARLA)}" in kept


@pytest.mark.parametrize("in_time", [True, False])
async def test_a_click_counts_from_when_it_was_received(stage: Stage, *, in_time: bool) -> None:
    """Applied long after the deadline: silence comes before it only if it came after that."""
    await stage.missed()
    rung = stage.state().rungs[0]
    assert rung.remind_at is not None
    assert rung.deadline is not None
    moment = rung.deadline + timedelta(minutes=-30 if in_time else 30)
    await _hold_up(stage, "rung.reminded", rung.remind_at)
    await stage.virtual.jump(moment)
    click = stage.action("complete", MIRA)
    accepted = await stage.ladder().start_update(
        "act", click, id=click.key, wait_for_stage=WorkflowUpdateStage.ACCEPTED, result_type=Answer
    )
    await stage.virtual.jump(rung.deadline + timedelta(hours=3))
    stage.ledger.trouble = None
    await stage.virtual.jump(stage.virtual.now + Away.retry_after)
    await accepted.result()
    tail = stage.kinds()[stage.kinds().index("rung.reminded") :]
    silence = [] if in_time else ["rung.silent"]
    assert tail == ["rung.reminded", *silence, "rung.completed"]
    entry, _ = pick(stage.entries(), kinds.RungCompleted)[0]
    assert entry.deemed_at == click.received_at
    assert entry.occurred_at > rung.deadline + timedelta(hours=3)


async def test_whoever_is_answered_finds_what_the_click_has_caused(stage: Stage) -> None:
    """Whoever escalates is told at once of the rung that this has opened."""
    await stage.missed()

    def slowly(entry: Entry) -> None:
        if entry.body.kind == "rung.opened":
            time.sleep(0.5)

    stage.ledger.trouble = slowly
    await stage.act("escalate", MIRA, note="they do not answer")
    assert stage.kinds()[-2:] == ["ladder.escalated", "rung.opened"]


async def _hold_up(stage: Stage, kind: str, at: datetime) -> None:
    """Let the ledger be away for entries of ``kind``, and move to where one is due."""
    refused = threading.Event()

    def trouble(entry: Entry) -> None:
        if entry.body.kind == kind:
            refused.set()
            raise Away

    stage.ledger.trouble = trouble
    await stage.virtual.jump(at)
    await until(refused.is_set)


async def test_a_ladder_asked_for_while_it_is_being_started_does_not_stall_its_contract(
    stage: Stage,
) -> None:
    """The owner reports at the very moment at which the ladder begins by itself."""
    await stage.register(stage.terms(ladder=BRIEF))
    reached, release = threading.Event(), threading.Event()

    def trouble(entry: Entry) -> None:
        if entry.body.kind == "ladder.started":
            reached.set()
            release.wait(timeout=20)

    stage.ledger.trouble = trouble
    start = next_start(stage.office.casebook.watch(CONTRACT))
    assert start is not None
    moving = asyncio.create_task(stage.virtual.jump(start.at))
    await until(reached.is_set)
    asked = await stage.contract().start_update(
        "start_ladder", "tooling",
        wait_for_stage=WorkflowUpdateStage.ACCEPTED, result_type=Started,
    )  # fmt: skip
    release.set()
    await moving
    async with asyncio.timeout(15):
        assert await asked.result() == Started(stream="tooling/1")
    assert stage.kinds("contract").count("ladder.started") == 1
