"""A stage whose messages go to a strict Slack: its people, its room, and what stands there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from channels.pacing import Pacing
from channels.slack import SlackChannel, slack_client
from ladders.contract import Contract
from ladders.entries import ROOM
from ladders.prose import Prose
from ledger.postings import Postings
from tests.slack.fake import FakeSlack, fake_slack
from tests.slack.world import Channel, Posted, User
from tests.stage import BRIEF, CARLA, CONTRACT, JONAS, MIRA, Stage, stage_in

NO_TIME = timedelta(0)


@dataclass
class Scene:
    """A stage whose messages go to a strict Slack."""

    stage: Stage
    slack: FakeSlack
    room: Channel
    mira: User
    jonas: User
    carla: User

    def channel(self) -> SlackChannel:
        """A channel that knows of earlier ones only what they have written down."""
        memory = Postings(self.stage.ledger.engine, lambda: datetime.now(UTC))
        client = slack_client(self.slack.token, self.slack.base_url)
        return SlackChannel(client, memory, Pacing(NO_TIME), look_again=NO_TIME)

    async def restart(self, channel: SlackChannel) -> None:
        """Go on with a worker that knows nothing of earlier ones, and posts through ``channel``."""
        self.stage.channel = channel
        await self.stage.stop_worker()
        await self.stage.start_worker()

    def terms(self, quiet_hours: str = "none", **milestone: object) -> Contract:
        """A contract with a channel, whose people have members in Slack."""
        stated = self.stage.terms(ladder=BRIEF, **milestone)
        members = {MIRA: self.mira.id, JONAS: self.jonas.id, CARLA: self.carla.id}
        people = tuple(
            person.model_copy(
                update={"slack": Prose(members[person.email]) if person.email in members else None}
            )
            for person in stated.people
        )
        return stated.model_copy(
            update={
                "slack_channel": Prose("#supplier-escalations"),
                "quiet_hours": quiet_hours,
                "people": people,
            }
        )

    async def missed(self) -> None:
        """Register, and let the owner confirm the miss; then it is noon of the day after."""
        stage = self.stage
        await stage.register(self.terms())
        await stage.move(stage.due)
        await stage.act("confirm", MIRA)
        await stage.move(stage.due + timedelta(days=1))

    def boards(self) -> list[Posted]:
        """What stands in the room itself."""
        return [each for each in self.slack.messages(self.room) if not each.is_reply]

    def replies(self) -> list[Posted]:
        """What stands in threads."""
        return [each for each in self.slack.messages(self.room) if each.is_reply]

    def told(self, who: User) -> list[Posted]:
        """What somebody was told in person."""
        return self.slack.messages(self.slack.dm(who))

    def facts(self) -> list[str]:
        """What the ledger says is to be told in the room, in order."""
        return [
            f"{CONTRACT}/{message.key}"
            for entry in self.stage.entries()
            for message in entry.body.tell
            if (message.to, message.topic) == (ROOM, "event")
        ]


@asynccontextmanager
async def scene_in(folder: Path) -> AsyncIterator[Scene]:
    """One server, one ledger, one worker, one Slack."""
    async with stage_in(folder) as stage:
        with fake_slack() as slack:
            people = [slack.add_user(mail) for mail in (MIRA, JONAS, CARLA)]
            room = slack.add_channel("supplier-escalations", members=people)
            built = Scene(stage, slack, room, *people)
            await built.restart(built.channel())
            yield built
            await stage.stop_worker()


def answers(message: Posted) -> list[str]:
    """The labels of the buttons of a message."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return [button["text"]["text"] for row in rows for button in row]
