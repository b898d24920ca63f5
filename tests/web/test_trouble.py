"""Trouble: Temporal away, the inbox away; no click is lost, and nobody is told otherwise."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from desk.door import PATIENCE as DESKS_PATIENCE
from desk.settled import Settled
from ladders import entries as kinds
from tests.slack.sockets import Unacknowledged
from tests.stage import Stage, until
from tests.web.people import Floor, floor_on, words
from tests.world import pick
from web.receiving import PATIENCE


def direct(floor: Floor) -> list[str]:
    """What Mira was told as direct messages."""
    return [words(each.blocks) for each in floor.slack.messages(floor.slack.dm(floor.mira))]


async def test_a_click_before_a_deadline_counts_though_temporal_is_away(stage: Stage) -> None:
    """Safe at once and said so; applied once when Temporal is back, hours after the deadline."""
    await stage.missed()
    deadline = stage.state().rungs[0].deadline
    assert deadline is not None
    await stage.virtual.jump(deadline - timedelta(minutes=1))
    away = await Client.connect("127.0.0.1:1", lazy=True, data_converter=pydantic_data_converter)
    async with floor_on(stage, temporal=away, patience=PATIENCE) as floor:
        modal = await floor.modal(floor.mira, "complete")
        await stage.leave_inbox_alone()
        clicked_at = stage.virtual.now
        answer = await floor.submit(floor.mira, modal, note="in time")
        shown = words(answer.body["view"])
        assert "Received and recorded at" in shown
        assert "It counts from then." in shown
        assert answer.seconds < DESKS_PATIENCE.total_seconds() / 2
        await stage.virtual.jump(deadline + timedelta(hours=3))
        stage.look_after_inbox()
        await until(lambda: not stage.office.inbox.unsettled())
        assert direct(floor) == []
    [(entry, _)] = pick(stage.entries(), kinds.RungCompleted)
    assert clicked_at <= entry.deemed_at < deadline
    assert entry.occurred_at > deadline
    assert "rung.silent" not in stage.kinds()


async def test_who_was_told_that_it_is_being_applied_is_told_of_a_refusal(stage: Stage) -> None:
    """Two answers wait for the worker; the first closes the ladder, the second hears of it."""
    await stage.missed()
    async with floor_on(stage, patience=PATIENCE) as floor:
        board = await floor.board()
        withdraw = await floor.choose(floor.carla, "withdraw")
        await stage.stop_worker()
        await floor.submit(floor.carla, withdraw, note="never missed")
        await floor.press(floor.mira, "acknowledge", board)
        assert "Received and recorded at" in words((await floor.told()).blocks)
        await stage.start_worker()
        await until(lambda: len(direct(floor)) == 1)
        [told] = direct(floor)
    assert "Not recorded: ladder tooling/1 was closed as withdrawn" in told
    assert stage.kinds()[-1] == "ladder.withdrawn"
    rows = stage.office.inbox.recent(stage.started)
    refused = [Settled.model_validate_json(row.answer or "{}").refused for row in rows]
    assert sum(each is not None for each in refused) == 1


async def test_a_click_that_cannot_be_committed_is_not_said_to_be(floor: Floor) -> None:
    """The one allowed 500: Slack shows a warning, and the person presses again."""
    stage = floor.stage
    await stage.missed()
    board, modal = await floor.board(), await floor.modal(floor.mira, "complete")
    await floor.press(floor.mira, "acknowledge", board)
    await floor.told()
    floor.slack.later(60)
    with stage.ledger.engine.begin() as connection:
        connection.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
    answers = [
        await floor.press(floor.mira, "acknowledge", board),
        await floor.submit(floor.mira, modal, note="done"),
    ]
    assert {each.status for each in answers} == {500}
    with stage.ledger.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO inbox"))
    again = await floor.submit(floor.mira, modal, note="done")
    assert "Recorded as entry" in words(again.body["view"])


async def test_over_a_socket_what_cannot_be_committed_is_not_acknowledged(
    socket_floor: Floor,
) -> None:
    """Slack shows the same warning, and the next click is taken as ever."""
    floor = socket_floor
    await floor.stage.missed()
    board = await floor.board()
    payload = floor.clicks.press_payload(floor.mira, floor.room, board.ts, "holdfast.acknowledge")
    with floor.stage.ledger.engine.begin() as connection:
        connection.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
    with pytest.raises(Unacknowledged):
        await asyncio.to_thread(floor.slack.socket_send, payload, 1.0)
    with floor.stage.ledger.engine.begin() as connection:
        connection.execute(text("ALTER TABLE elsewhere RENAME TO inbox"))
    assert await asyncio.to_thread(floor.slack.socket_send, payload) is None
    assert "Recorded as entry" in words((await floor.told()).blocks)


async def test_what_is_spoilt_with_us_is_not_called_malformed(floor: Floor) -> None:
    """Slack sent it well, so it is a 500: the fault is for us to find."""
    stage = floor.stage
    await stage.missed()
    modal = await floor.modal(floor.mira, "complete")
    await floor.submit(floor.mira, modal, note="done")
    with stage.ledger.engine.begin() as connection:
        connection.execute(text("UPDATE inbox SET answer = '{}'"))
    again = await asyncio.to_thread(floor.clicks.replay)
    assert again.status == 500


async def test_over_a_socket_what_cannot_be_read_is_not_acknowledged(socket_floor: Floor) -> None:
    """A click that we cannot read must not look as if it had been taken."""
    floor = socket_floor
    await floor.stage.missed()
    board = await floor.board()
    payload = floor.clicks.press_payload(floor.mira, floor.room, board.ts, "holdfast.acknowledge")
    payload["actions"][0]["value"] = "no handle"
    with pytest.raises(Unacknowledged):
        await asyncio.to_thread(floor.slack.socket_send, payload, 1.0)
    assert floor.stage.office.inbox.unsettled() == []
