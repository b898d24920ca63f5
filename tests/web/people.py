"""Slack's people around a stage: who is who, a board with buttons, and what they click."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import Client

from channels.blocks import as_json, blocks
from channels.message import Letter
from channels.offers import offers, standing_message
from channels.slack import slack_client
from channels.slack_directory import SlackDirectory
from desk.clickers import Clickers
from ladders.entries import ROOM, Message
from ladders.state import LadderState
from tests.slack.clicks import Answered, Clicks
from tests.slack.fake import FakeSlack, fake_slack
from tests.slack.world import Channel, Ephemeral, Modal, Posted, User
from tests.stage import CARLA, CONTRACT, JONAS, MIRA, Stage, until
from web.receiving import Listener, Socket, dispatcher, receiving
from web.telling import LateNews, Teller

STREAM = "tooling/1"
UNHURRIED = timedelta(seconds=20)
"""How long those who click wait for what becomes of it, where a test is not about waiting."""


@dataclass
class Floor:
    """What a test acts with: the stage, its Slack, and people in it who click."""

    stage: Stage
    slack: FakeSlack
    clicks: Clicks
    room: Channel
    mira: User
    jonas: User
    carla: User
    presses: int = 0

    async def board(self, state: LadderState | None = None) -> Posted:
        """A message with the buttons that the ladder offers as it stands, in its channel."""
        state = state or self.stage.state()
        message = standing_message(
            state, Message(key=f"board-{self.presses}", topic="ladder", to=ROOM, role="owner")
        )
        letter = Letter(
            key=message.key, to=None, subject="A ladder", text="It stands.",
            passages=("It stands.",), offers=offers(state, message), room="#rooms",
        )  # fmt: skip
        self.presses += 1
        return await asyncio.to_thread(self._post, letter)

    def _post(self, letter: Letter) -> Posted:
        client = slack_client(self.slack.token, self.slack.base_url)
        answer = client.chat_postMessage(
            channel=self.room.id, text=letter.text, blocks=as_json(blocks(letter))
        )
        return next(each for each in self.slack.messages(self.room) if each.ts == answer["ts"])

    async def press(self, user: User, action: str, board: Posted | None = None) -> Answered:
        """Press a button on a board, by default on one that shows the ladder as it stands."""
        board = board or await self.board()
        return await asyncio.to_thread(
            self.clicks.press, user, board.channel, board.ts, f"holdfast.{action}"
        )

    async def modal(self, user: User, action: str, board: Posted | None = None) -> Modal:
        """The modal that a button opens."""
        answer = await self.press(user, action, board)
        assert (answer.status, answer.text) == (200, "")
        return self.slack.view(user)

    async def submit(self, user: User, view: Modal, **values: Any) -> Answered:
        """Fill in a modal and send it."""
        return await asyncio.to_thread(self.clicks.submit, user, view, values)

    async def fill(self, user: User, action: str, **values: Any) -> str:
        """Press, fill in, send; return what the modal says at the end."""
        answer = await self.submit(user, await self.modal(user, action), **values)
        assert (answer.status, answer.errors) == (200, {})
        return words(answer.body["view"])

    async def choose(self, user: User, choice: str) -> Modal:
        """The form of something that is behind the last button of a board."""
        menu = await self.modal(user, "more")
        answer = await self.submit(user, menu, choice=choice)
        assert answer.body["response_action"] == "update"
        return self.slack.view(user)

    async def knowing(self) -> None:
        """Start the worker anew: one that asks this Slack who it was that clicked."""
        await self.stage.stop_worker()
        directory = SlackDirectory(slack_client(self.slack.token, self.slack.base_url))
        self.stage.clickers = Clickers(self.stage.office.casebook, directory)
        await self.stage.start_worker()

    async def told(self, count: int = 1) -> Ephemeral:
        """What somebody was shown beside the button, once ``count`` such answers are there."""
        await until(lambda: len(self.slack.ephemerals) >= count)
        return self.slack.ephemerals[-1]


def words(shown: Any) -> str:
    """All that is shown in a view or in blocks, as one text."""
    match shown:
        case dict():
            own = shown.get("text") if isinstance(shown.get("text"), str) else ""
            inner = " ".join(words(value) for value in shown.values())
            return f"{own} {shown.get('fallback', '')} {inner}".strip()
        case list():
            return " ".join(words(each) for each in shown)
        case _:
            return ""


@asynccontextmanager
async def floor_on(
    stage: Stage,
    *,
    socket: bool = False,
    temporal: Client | None = None,
    clock: Callable[[], datetime] | None = None,
    patience: timedelta = UNHURRIED,
) -> AsyncIterator[Floor]:
    """People in Slack around a stage, whose clicks come in by HTTP or over a socket.

    What takes the clicks reaches the stage's own Temporal, or another one, and reads its clock, or
    another one. It has more ``patience`` with Temporal than in earnest, where Slack has little.
    """

    def now() -> float:
        # What Slack gives three seconds, a busy machine may take longer for.
        return stage.virtual.moved_to.timestamp()

    with fake_slack(clock=now) as slack:
        mira, jonas, carla = people = [slack.add_user(mail) for mail in (MIRA, JONAS, CARLA)]
        room = slack.add_channel("supplier-escalations", members=people)
        web = slack_client(slack.token, slack.base_url)
        late = LateNews(stage.office, Teller(web))
        stage.on_refused = late
        office = replace(stage.office, clock=clock or stage.office.clock)
        taking = dispatcher(temporal or stage.client, office, late, patience)
        listener = Listener("127.0.0.1", 0, None if socket else slack.signing_secret)
        way = Socket(slack.app_token, slack.base_url) if socket else None
        async with receiving(taking, stage.office.clock, listener, way) as port:
            url = None if port is None else f"http://127.0.0.1:{port}/slack/interactions"
            if socket:
                await until(lambda: slack.sockets.connections > 0)
            yield Floor(stage, slack, Clicks(slack, url), room, mira, jonas, carla)


__all__ = ["CONTRACT", "STREAM", "Floor", "floor_on", "words"]
