"""Digests into a Slack that stutters: everybody is told once, whatever Slack answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.newsagent import DigestNewsagent
from channels.message import NotSent, PerhapsSent
from channels.pacing import Pacing
from channels.slack import SlackChannel, slack_client
from desk.digests import Digests
from desk.office import Office
from ledger.postings import Postings
from settings import utc_now
from tests.commands.books import shelf_in
from tests.commands.mornings import missed
from tests.desk.rounds import write
from tests.slack.fake import FakeSlack, fake_slack
from tests.slack.faults import usual_faults
from tests.world import CARLA, MIRA

MONDAY = datetime(2026, 10, 5, 6, 30, tzinfo=UTC)
_PATIENCE = 20


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    """A workspace, reached directly whatever proxy the machine names."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with fake_slack() as running:
        running.rate = None
        yield running


@pytest.fixture
def office(tmp_path: Path, slack: FakeSlack) -> Iterator[Office]:
    """A ledger whose people are members of the workspace."""
    with shelf_in(tmp_path) as shelf:
        office = write(shelf.empty(), missed())
        for ref in (MIRA, CARLA):
            member = slack.add_user(f"{ref}@ardent.example")
            office.private.remember_slack(slack.team, member.id, ref, member.zone)
        yield office


def through(slack: FakeSlack, office: Office) -> tuple[DigestNewsagent, SlackChannel]:
    """A newsagent that remembers nothing but what is in the database, and its channel."""
    postings = Postings(office.ledger.engine, utc_now)
    client = slack_client(slack.token, slack.base_url)
    channel = SlackChannel(client, postings, Pacing(timedelta(0)), look_again=timedelta(0))
    return DigestNewsagent(Digests(office), postings, channel), channel


@pytest.mark.parametrize("seed", range(4))
async def test_everybody_is_told_once_whatever_slack_answers(
    slack: FakeSlack, office: Office, seed: int
) -> None:
    """Each attempt by a process that has just begun, as after a kill."""
    slack.faults = usual_faults(seed)
    for _ in range(_PATIENCE):
        # What may pass is tried again, as Temporal would.
        with suppress(NotSent, PerhapsSent):
            await through(slack, office)[0].send(MONDAY)
            break
    keys = Counter(slack.posted_keys())
    assert keys == {f"digest/2026-10-05/{MIRA}": 1, f"portfolio/2026-W41/{CARLA}": 1}


async def test_a_message_has_an_address_as_long_as_it_is_there(
    slack: FakeSlack, office: Office
) -> None:
    """And what Slack does not know has none, which stops no digest."""
    agent, channel = through(slack, office)
    await agent.send(MONDAY)
    posting = Postings(office.ledger.engine, utc_now).find(f"digest/2026-10-05/{MIRA}")
    assert posting is not None
    assert posting.receipt is not None
    link = await channel.link(posting.receipt)
    assert link is not None
    assert link.startswith("https://")
    assert await channel.link("C0NOWHERE/1.2") is None
    assert await channel.link("mailbox") is None
