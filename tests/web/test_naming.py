"""Naming: a click is safe before Slack has said whose it is, and counts from when it came."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from ladders import entries as kinds
from ladders.entries import Doer
from ladders.events import Action
from ladders.prose import PersonRef
from ledger.opening import writing
from tests.slack.world import User
from tests.stage import JONAS, MIRA, Stage, leave_in_inbox, until
from tests.web.people import Floor, floor_on, words
from tests.world import pick


def bare(floor: Floor, user: User) -> PersonRef:
    """The pseudonym of somebody as a member of Slack, who may be anybody."""
    return floor.stage.office.private.identify(f"slack:{user.team}:{user.id}")


def senders(floor: Floor) -> list[PersonRef]:
    """Who sent what lies in the inbox, as it was stored."""
    rows = floor.stage.office.inbox.unsettled()
    return [Action.model_validate_json(row.request).by.actor for row in rows]


async def test_a_click_is_safe_while_slack_does_not_say_whose_it_is(floor: Floor) -> None:
    """Stored as the member's, applied as the person's; it counts from when it was received."""
    await floor.stage.missed()
    await floor.knowing()
    floor.slack.fail("users.info", "ratelimited")
    await floor.press(floor.mira, "acknowledge")
    told = words((await floor.told()).blocks)
    assert "Received and recorded at" in told
    assert "It counts from then." in told
    assert senders(floor) == [bare(floor, floor.mira)]
    received_at = floor.stage.virtual.now
    await floor.stage.virtual.jump(received_at + timedelta(hours=3))
    await until(lambda: not floor.stage.office.inbox.unsettled())
    [(entry, _)] = pick(floor.stage.entries(), kinds.RungAcknowledged)
    mira = floor.stage.person(MIRA)
    assert entry.by == Doer(actor=mira, authenticated_by="slack", via="slack")
    assert entry.deemed_at < received_at + timedelta(hours=1)
    assert bare(floor, floor.mira) != mira


async def test_no_ladder_waits_for_slack_to_say_who_clicked(floor: Floor) -> None:
    """Slack is down over a deadline: silence is recorded, and then who had clicked in time."""
    stage = floor.stage
    await stage.missed()
    await floor.knowing()
    board, deadline = await floor.board(), stage.state().rungs[0].deadline
    assert deadline is not None
    await stage.virtual.jump(deadline - timedelta(minutes=1))
    floor.slack.pause()
    answer = await floor.press(floor.mira, "acknowledge", board)
    assert (answer.status, answer.text) == (200, "")
    await stage.virtual.jump(deadline + timedelta(hours=3))
    await until(lambda: "rung.silent" in stage.kinds())
    assert senders(floor) == [bare(floor, floor.mira)]
    floor.slack.resume()
    await until(lambda: not stage.office.inbox.unsettled())
    [(entry, _)] = pick(stage.entries(), kinds.RungAcknowledged)
    assert (entry.by.actor, entry.deemed_at < deadline) == (stage.person(MIRA), True)


async def test_who_clicked_is_found_out_before_silence_is_held_against_them(floor: Floor) -> None:
    """A click of somebody not known yet lies in the inbox while the deadline passes."""
    stage = floor.stage
    await stage.missed()
    await floor.knowing()
    deadline = stage.state().rungs[0].deadline
    assert deadline is not None
    in_time = deadline - timedelta(minutes=1)
    by = Doer(actor=bare(floor, floor.mira), authenticated_by="slack", via="slack")
    done = stage.action("complete", MIRA, note="done", received_at=in_time)
    await leave_in_inbox(stage, done.model_copy(update={"by": by}))
    await stage.virtual.jump(deadline + timedelta(hours=3))
    await until(lambda: "rung.completed" in stage.kinds())
    [(entry, _)] = pick(stage.entries(), kinds.RungCompleted)
    assert (entry.by.actor, entry.deemed_at) == (stage.person(MIRA), in_time)
    assert "rung.silent" not in stage.kinds()


async def test_a_form_opens_for_somebody_whom_slack_does_not_name(floor: Floor) -> None:
    """What they send is judged once it is known who they are."""
    await floor.stage.missed()
    floor.slack.fail("users.info", "internal_error", times=2)
    mine, others = [await floor.modal(user, "complete") for user in (floor.mira, floor.jonas)]
    refused = await floor.submit(floor.jonas, others, note="done")
    assert f"is not for {JONAS} to do" in words(refused.body["view"])
    sent = await floor.submit(floor.mira, mine, note="done")
    assert "Recorded as entry" in words(sent.body["view"])
    [(entry, _)] = pick(floor.stage.entries(), kinds.RungCompleted)
    assert entry.by.actor == floor.stage.person(MIRA)


async def test_what_somebody_may_do_is_not_guessed(floor: Floor) -> None:
    """Without a name there is nothing to choose from, and nothing was to be recorded."""
    await floor.stage.missed()
    floor.slack.fail("users.info", "ratelimited")
    await floor.press(floor.mira, "more")
    told = words((await floor.told()).blocks)
    assert "Slack does not say at present who you are" in told
    assert "press the button again" in told.lower()
    assert floor.slack.views == []


async def test_those_behind_a_click_of_nobody_known_do_not_wait_for_slack(floor: Floor) -> None:
    """It stays in the inbox, and what others sent later is applied."""
    stage = floor.stage
    await stage.missed()
    by = Doer(actor=bare(floor, floor.jonas), authenticated_by="slack", via="slack")
    early = stage.virtual.now - timedelta(minutes=1)
    unknown = stage.action("acknowledge", JONAS, received_at=early, key="first")
    await leave_in_inbox(stage, unknown.model_copy(update={"by": by}))
    known = stage.office.private.seal(stage.terms().contract, stage.action("acknowledge", MIRA))
    stage.office.inbox.receive(
        known.key, stage.terms().contract, stage.ladder().id,
        known.model_dump_json(exclude_none=True), known.received_at,
    )  # fmt: skip
    stage.look_after_inbox()
    assert await stage.desk.drain() == 1
    assert [row.key for row in stage.office.inbox.unsettled()] == ["first"]
    assert len(pick(stage.entries(), kinds.RungAcknowledged)) == 1


async def test_slack_is_answered_though_its_directory_hangs(floor: Floor) -> None:
    """While it hangs; the click is safe by then."""
    await floor.stage.missed()
    board = await floor.board()
    payload = floor.clicks.press_payload(floor.mira, floor.room, board.ts, "holdfast.acknowledge")
    with floor.slack.workspace.lock:
        answer = await asyncio.to_thread(floor.clicks.deliver, payload)
        assert answer.status == 200
        assert senders(floor) == [bare(floor, floor.mira)]


async def test_a_click_counts_from_when_it_came_in(stage: Stage) -> None:
    """However long it takes until it is safe: here the ledger is being written for an hour."""
    await stage.missed()
    came_in = stage.virtual.now
    now, has_come = [came_in], asyncio.Event()

    def clock() -> datetime:
        has_come.set()
        return now[0]

    async with floor_on(stage, clock=clock) as floor:
        board = await floor.board()
        has_come.clear()
        with writing(stage.office.ledger.engine):
            pressing = asyncio.create_task(floor.press(floor.mira, "acknowledge", board))
            await has_come.wait()
            now[0] += timedelta(hours=1)
        await pressing
        await floor.told()
    [(entry, _)] = pick(stage.entries(), kinds.RungAcknowledged)
    assert entry.deemed_at == came_in


async def test_a_form_counts_from_when_it_came_in(stage: Stage) -> None:
    """Not from when it has been read, which takes the ledger; here that takes minutes."""
    await stage.missed()
    start, passed = stage.virtual.now, list[timedelta]()

    def clock() -> datetime:
        passed.append(timedelta(minutes=len(passed)))
        return start + passed[-1]

    async with floor_on(stage, clock=clock) as floor:
        modal = await floor.modal(floor.mira, "complete")
        passed.clear()
        await floor.submit(floor.mira, modal, note="done")
    [(entry, _)] = pick(stage.entries(), kinds.RungCompleted)
    assert entry.deemed_at == start
