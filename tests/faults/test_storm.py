"""Two hundred ladders, a Slack that fails half the time, workers killed: each message once.

What stands in Slack is compared with the ledger by the keys that messages carry as metadata.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import pytest

from activities.archive import Archive
from channels.blocks import fallback
from channels.composing import compose_board
from desk.office import Office
from ladders.entries import ROOM, Entry, MessagePosted
from settings import utc_now
from tests.faults.machine import Machine
from tests.faults.seed import SEED
from tests.faults.storm import CONTRACTS, LADDERS, brew, populate
from tests.slack.fake import FakeSlack, fake_slack
from tests.slack.faults import Faults, usual_faults
from tests.slack.world import Posted
from tests.stage import until
from tests.world import pick


class Aftermath(NamedTuple):
    """What is left once all is quiet: the ledger, and what stands in Slack."""

    office: Office
    slack: FakeSlack
    posted: list[Posted]

    def entries(self, contract: str, stream: str) -> list[Entry]:
        """What the ledger holds of a ladder."""
        return [line.entry for line in self.office.ledger.lines(contract, stream)]


@pytest.fixture(scope="module", params=[SEED], ids="seed-{}".format)
def after(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Aftermath]:
    """One storm, which all the tests look back on."""
    folder = tmp_path_factory.mktemp("storm")
    with fake_slack() as slack:
        populate(slack)
        slack.faults = replace(usual_faults(request.param), most=4)
        machine = Machine(folder, slack.base_url, slack.token)
        office = Office.open(f"sqlite:///{machine.data / 'ledger.sqlite'}", utc_now)
        with machine.cleared():
            asyncio.run(brew(machine, office, request.param))
            slack.faults = Faults()
            asyncio.run(boards_are_current(office, slack))
            yield Aftermath(office, slack, slack.messages())
        office.close()


async def boards_are_current(office: Office, slack: FakeSlack) -> None:
    """Wait until every board shows how its ladder stands."""
    archive = Archive(office.ledger, office.private)

    def is_current(ladder: tuple[str, str]) -> bool:
        told = archive.board(*ladder)
        if told is None or told.board is None:
            return False
        channel, _, ts = told.board.partition("/")
        shown = {message.ts: message.text for message in slack.messages(channel)}
        return shown.get(ts) == fallback(compose_board(told, "slack"))

    for ladder in LADDERS:
        await until(partial(is_current, ladder))


def test_every_notification_stands_in_slack_exactly_once(after: Aftermath) -> None:
    """What the ledger intended is what it has posted, and what Slack holds; nothing twice."""
    intended, recorded = list[str](), list[str]()
    for contract, stream in LADDERS:
        entries = after.entries(contract, stream)
        intended += [f"{contract}/{told.key}" for each in entries for told in each.body.tell]
        recorded += [f"{contract}/{body.message}" for _, body in pick(entries, MessagePosted)]
    keys = [message.key for message in after.posted]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert len(intended) >= 5 * len(LADDERS)
    assert sorted(recorded) == sorted(intended)
    assert sorted(map(str, keys)) == sorted(intended)


def test_every_receipt_leads_to_its_message(after: Aftermath) -> None:
    """What the ledger says was posted where stands there."""
    stands = {f"{each.channel}/{each.ts}": each.key for each in after.posted}
    for contract, stream in LADDERS:
        for _, body in pick(after.entries(contract, stream), MessagePosted):
            assert stands[body.receipt] == f"{contract}/{body.message}"


def test_within_a_thread_everything_stands_in_order(after: Aftermath) -> None:
    """One board for each ladder, and below it each fact as the ledger has them in a row."""
    threads = defaultdict(list)
    for message in after.posted:
        if message.thread_ts is not None:
            threads[(message.channel, message.thread_ts)].append(message.key)
    for contract, stream in LADDERS:
        entries = after.entries(contract, stream)
        facts = [
            f"{contract}/{told.key}"
            for each in entries
            for told in each.body.tell
            if told.to == ROOM and told.topic == "event"
        ]
        boards = [b for _, b in pick(entries, MessagePosted) if b.topic == "ladder"]
        channel, _, ts = boards[0].receipt.partition("/")
        assert len(boards) == 1
        assert threads[(channel, ts)] == facts


def test_slack_did_fail(after: Aftermath) -> None:
    """The storm was one: every kind of fault befell somebody."""
    answers = Counter(call.answer for call in after.slack.called("chat.postMessage"))
    assert {"ok", "ratelimited", "unavailable", "refused", "lost", "fatal"} <= answers.keys()
    assert answers.total() > 1.3 * len(after.posted)
    assert len(CONTRACTS) == len({each.channel for each in after.posted if each.thread_ts})
