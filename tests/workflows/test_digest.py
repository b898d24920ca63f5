"""Digests over a real server: scheduled once, sent once, whatever is triggered or stopped."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from temporalio.client import Client

from activities.digesting import Tally
from channels.message import Letter, Posted
from commands.embedded import embedded_server
from desk.office import Office
from desk.scheduling import keep_digests_scheduled
from settings import utc_now
from tests.desk.rounds import EVERY_DAY, asked, write
from tests.stage import Mailbox, until
from tests.world import MIRA
from worker import serving
from workflows.names import DIGEST, DIGESTS, TASK_QUEUE


@dataclass
class Place:
    """A server, a ledger on which Mira is asked something, and it is morning where she is."""

    client: Client
    office: Office

    async def send(self, number: int = 1) -> Tally:
        """Start the workflow as the schedule does, and wait for its tally."""
        tally: Tally = await self.client.execute_workflow(
            DIGEST, id=f"digest:{number}", task_queue=TASK_QUEUE, result_type=Tally
        )
        return tally


@dataclass
class Dying(Mailbox):
    """A mailbox that takes a letter and does not answer; asked again, it knows the letter."""

    hold: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, letter: Letter) -> Posted:
        """Keep the letter, once; answer when there is nothing to wait for."""
        if letter.key not in {each.key for each in self.letters}:
            await super().post(letter)
            await self.hold.wait()
        return Posted(channel="mailbox", receipt=letter.key)


def morning(now: datetime) -> str:
    """A zone in which it is between nine and ten o'clock."""
    ahead = (9 - now.hour + 12) % 24 - 12
    return f"Etc/GMT{-ahead:+d}"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """The server's clock is the true one."""
    office = Office.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}", utc_now)
    now = utc_now()
    write(office, asked((now - timedelta(days=5)).replace(hour=10)), calendar=EVERY_DAY)
    office.private.remember_slack("T1", "U1", MIRA, morning(now))
    async with embedded_server() as server:
        yield Place(server.client, office)
    office.close()


async def test_the_schedule_triggered_twice_sends_one_letter(place: Place) -> None:
    """It is there once however often a worker begins; a pause by the operator is kept."""
    mailbox = Mailbox()
    handle = place.client.get_schedule_handle(DIGESTS)
    await keep_digests_scheduled(place.client)
    await handle.pause()
    await keep_digests_scheduled(place.client)
    assert (await handle.describe()).schedule.state.paused
    await handle.unpause()

    async def ran(times: int) -> bool:
        info = (await handle.describe()).info
        return info.num_actions >= times and not info.running_actions

    async with serving(place.client, place.office, mailbox):
        for times in (1, 2):
            await handle.trigger()
            await until(partial(ran, times))
    sent = Counter(letter.key for letter in mailbox.letters)
    assert set(sent.values()) == {1}
    assert [key for key in sent if key.startswith("digest") and key.endswith(MIRA)]


async def test_a_worker_that_ends_between_post_and_answer_sends_no_second_letter(
    place: Place,
) -> None:
    """The next one finds out from the channel that the letter is there, and remembers it."""
    mailbox = Dying()
    async with AsyncExitStack() as first:
        await first.enter_async_context(serving(place.client, place.office, mailbox))
        sending = asyncio.create_task(place.send())
        await until(lambda: len(mailbox.letters) == 1)
    mailbox.hold.set()
    async with serving(place.client, place.office, mailbox):
        await sending
        again = await place.send(2)
    assert again.sent == 0
    assert set(Counter(letter.key for letter in mailbox.letters).values()) == {1}


async def test_what_temporal_keeps_of_a_round_names_nobody(place: Place) -> None:
    """Counts alone: neither people nor texts (law 19)."""
    async with serving(place.client, place.office, Mailbox()):
        await place.send()
    history = await place.client.get_workflow_handle("digest:1").fetch_history()
    kept = b"".join(event.SerializeToString() for event in history.events)
    assert b'"sent"' in kept
    assert MIRA.encode() not in kept
    assert b"ardent" not in kept
