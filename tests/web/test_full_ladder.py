"""A ladder from the question on the due date to its acceptance, by signed clicks and nothing else.

Everything is as in production but the clock and the patience of those who click: worker, courier,
Slack channel, receiver, evidence; Slack itself is the strict fake.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from pydantic import SecretStr

from channels.pacing import Pacing
from channels.slack import SlackChannel, slack_client
from channels.slack_directory import SlackDirectory
from commands.ports import free_port
from desk.members import Members
from ladders.prose import Prose
from ledger.postings import Postings
from settings import Settings
from tests.slack.clicks import Answered, Clicks
from tests.slack.fake import FakeSlack, fake_slack
from tests.slack.world import Json, Modal, Posted, User
from tests.stage import BRIEF, CARLA, JONAS, MIRA, Stage, stage_in, until
from tests.web.people import UNHURRIED, Floor, words
from web.receiving import dispatcher
from worker import serving_all

ROOM = "#supplier-escalations"
NO_TIME = timedelta(0)


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Floor]:
    """The whole of Holdfast around a stage, in the hands of three people in Slack."""
    monkeypatch.setattr("worker.dispatcher", partial(dispatcher, patience=UNHURRIED))
    async with stage_in(tmp_path) as stage:

        def now() -> float:
            return stage.virtual.moved_to.timestamp()

        with fake_slack(clock=now) as slack:
            async with _served(stage, slack) as floor:
                yield floor


class _Served:
    """Serves all around a stage for as long as the context lasts."""

    def __init__(self, stage: Stage, slack: FakeSlack) -> None:
        self._stage, self._slack = stage, slack
        client = slack_client(slack.token, slack.base_url)
        memory = Postings(stage.ledger.engine, stage.virtual.clock)
        channel = SlackChannel(client, memory, Pacing(NO_TIME), look_again=NO_TIME)
        self._members = Members(SlackDirectory(client), stage.office.private, by_mail=False)
        self._port = free_port()
        settings = Settings(
            slack_token=SecretStr(slack.token),
            slack_signing_secret=SecretStr(slack.signing_secret),
            slack_api=slack.base_url,
            web_port=self._port,
        )
        self._all = serving_all(settings, stage.client, stage.office, channel)

    async def __aenter__(self) -> Floor:
        stage, slack = self._stage, self._slack
        await stage.stop_worker()
        stage._desk = await self._all.__aenter__()
        mira, jonas, carla = people = [slack.add_user(mail) for mail in (MIRA, JONAS, CARLA)]
        room = slack.add_channel(ROOM.removeprefix("#"), members=people)
        url = f"http://127.0.0.1:{self._port}/slack/interactions"
        terms = stage.terms(ladder=BRIEF).model_copy(
            update={"slack_channel": Prose(ROOM), "quiet_hours": "none"}
        )
        await asyncio.to_thread(self._members.introduce, terms.people[:3])
        await stage.register(terms)
        return Floor(stage, slack, Clicks(slack, url), room, mira, jonas, carla)

    async def __aexit__(self, *failure: object) -> None:
        await self._all.__aexit__(None, None, None)


def _served(stage: Stage, slack: FakeSlack) -> _Served:
    return _Served(stage, slack)


def board(floor: Floor) -> Posted:
    """The ladder's one message in its channel."""
    return next(each for each in floor.slack.messages(floor.room) if not each.is_reply)


def asked(floor: Floor, user: User, action: str) -> Posted:
    """The latest direct message that offers an answer."""
    found = [
        each
        for each in floor.slack.messages(floor.slack.dm(user))
        if f"holdfast.{action}" in actions(each)
    ]
    assert found, f"nobody asks {user.email} to {action}"
    return found[-1]


def actions(message: Posted) -> list[str]:
    """The ids of the buttons of a message."""
    rows = [each["elements"] for each in message.blocks if each["type"] == "actions"]
    return [button["action_id"] for row in rows for button in row]


async def settled(floor: Floor) -> None:
    """Everything that is owed has been said, and shown."""
    await floor.stage.move(floor.stage.virtual.now)


async def deliver(floor: Floor, payload: Json) -> Answered:
    """Tell the app of a payload that was made before."""
    return await asyncio.to_thread(floor.clicks.deliver, payload)


async def until_asked(floor: Floor, user: User, action: str) -> Posted:
    """Wait for the message that asks somebody for an answer."""

    def is_asked() -> bool:
        found = floor.slack.messages(floor.slack.dm(user))
        return any(f"holdfast.{action}" in actions(each) for each in found)

    await until(is_asked)
    return asked(floor, user, action)


async def send(floor: Floor, user: User, action: str, where: Posted, **values: object) -> str:
    """Press, fill in and send a form; what it says at the end."""
    modal = await floor.modal(user, action, where)
    answer = await floor.submit(user, modal, **values)
    assert (answer.status, answer.errors) == (200, {})
    shown = words(answer.body["view"])
    assert "Recorded as entry" in shown
    return shown


async def choose(floor: Floor, user: User, choice: str) -> Modal:
    """The form of something behind the board's last button."""
    menu = await floor.modal(user, "more", board(floor))
    await floor.submit(user, menu, choice=choice)
    return floor.slack.view(user)


async def the_question(floor: Floor) -> None:
    """Seen, twice in a moment; not delivered, and the same body once more."""
    await floor.stage.move(floor.stage.due)
    question = await until_asked(floor, floor.mira, "confirm")
    assert {"holdfast.tender", "holdfast.confirm", "holdfast.acknowledge"} <= set(actions(question))
    twice = (floor.press(floor.mira, "acknowledge", question) for _ in range(2))
    assert {each.status for each in await asyncio.gather(*twice)} == {200}
    await floor.told(2)
    assert floor.stage.kinds().count("rung.acknowledged") == 1
    assert (await floor.press(floor.mira, "confirm", question)).text == ""
    assert "Recorded as entry" in words((await floor.told(3)).blocks)
    await asyncio.to_thread(floor.clicks.replay)
    await floor.told(4)
    assert floor.stage.kinds().count("miss.confirmed") == 1


async def the_rung(floor: Floor) -> None:
    """Seen, and done with a file, which is fetched and kept."""
    await floor.stage.move(floor.stage.due + timedelta(days=1))
    rung = await until_asked(floor, floor.mira, "complete")
    await floor.press(floor.mira, "acknowledge", rung)
    await floor.told(5)
    file = floor.slack.attach(floor.mira, "8D-report.pdf", b"what was done")
    await send(floor, floor.mira, "complete", rung, note="contained and sorted", files=[file])
    await until(lambda: "evidence.kept" in floor.stage.kinds())


async def the_rejection(floor: Floor) -> Json:
    """Delivered; not for Jonas to answer, nor for Carla too late; rejected. Returns a press."""
    await settled(floor)
    await send(floor, floor.mira, "tender", board(floor), note="re-cut")
    tender = await until_asked(floor, floor.carla, "reject")
    stale = floor.clicks.press_payload(floor.carla, tender.channel, tender.ts, "holdfast.accept")
    await settled(floor)
    before = floor.stage.kinds()
    await floor.press(floor.jonas, "accept", board(floor))
    assert "is not for" in words((await floor.told(6)).blocks)
    expired = floor.clicks.press_payload(floor.carla, tender.channel, tender.ts, "holdfast.reject")
    floor.slack.later(4)
    await deliver(floor, expired)
    assert "expired_trigger_id" in words((await floor.told(7)).blocks)
    assert floor.stage.kinds() == before
    await send(floor, floor.carla, "reject", tender, note="burrs on the sealing lip")
    return stale


async def stopped_time(floor: Floor) -> None:
    """Time stands still for three days, and runs again."""
    await settled(floor)
    toll = await choose(floor, floor.carla, "toll")
    answer = await floor.submit(floor.carla, toll, event="FM-2026-1", clause="12.3", ladders="move")
    assert "Recorded as entry" in words(answer.body["view"])
    await until(lambda: floor.stage.state().stands_still)
    await floor.stage.move(floor.stage.virtual.now + timedelta(days=3))
    resume = await choose(floor, floor.carla, "resume")
    answer = await floor.submit(floor.carla, resume, note="the line runs again")
    assert "Recorded as entry" in words(answer.body["view"])
    await until(lambda: not floor.stage.state().stands_still)


async def the_acceptance(floor: Floor, stale: Json) -> None:
    """Delivered again; an old button is stale; accepted from the day of delivery."""
    await settled(floor)
    await send(floor, floor.mira, "tender", board(floor))
    await settled(floor)
    before = floor.stage.kinds()
    await deliver(floor, stale)
    # Slack takes no answer beside a button that was pressed days ago, so it comes as a message.
    told = floor.slack.dm(floor.carla)
    stale_one = "tender 1 is not what is asked"
    await until(lambda: any(stale_one in words(e.blocks) for e in floor.slack.messages(told)))
    assert floor.stage.kinds() == before
    accept = await until_asked(floor, floor.carla, "accept")
    shown = await send(floor, floor.carla, "accept", accept, note="rights reserved")
    assert "closed as cured" in shown
    await floor.stage.ladder().result()


async def test_a_full_ladder_is_driven_by_clicks_alone(house: Floor) -> None:
    """Question, acknowledge, done with a file, tender, reject, toll, resume, accept."""
    stage, slack = house.stage, house.slack
    await the_question(house)
    await the_rung(house)
    stale = await the_rejection(house)
    await stopped_time(house)
    await the_acceptance(house, stale)
    assert [kind for kind in stage.kinds() if kind != "rung.acknowledged"] == [
        "ladder.opened", "delivery.asked", "miss.confirmed", "milestone.missed", "rung.opened",
        "rung.completed", "evidence.kept", "cure.tendered", "cure.rejected", "terms.followed",
        "terms.followed", "cure.tendered", "cure.accepted",
    ]  # fmt: skip
    acts = [each.by for each in stage.course() if each.by.via != "timer"]
    assert {(by.via, by.authenticated_by) for by in acts} == {("slack", "slack")}
    keys = slack.posted_keys()
    assert len(keys) == len(set(keys))
    assert actions(board(house)) == []
    assert "cured" in words(board(house).blocks)
