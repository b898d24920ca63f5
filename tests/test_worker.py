"""The worker: wired from the settings, and a process that serves until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr
from rich.console import Console
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from channels.console import ConsoleChannel
from channels.mail import BadSender, MailChannel
from channels.slack import SlackChannel
from clients import choose_channel, choose_links, choose_mail, connect, named_address
from commands.embedded import EmbeddedServer, embedded_server
from desk.door import Desk
from ladders.entries import Doer
from ladders.errors import HoldfastError
from ladders.prose import PersonRef
from settings import Settings, open_office
from tests import world
from tests.stage import until
from worker import at_the_desk
from workflows.names import DIGESTS

PROGRAM = Path(__file__).parent.parent / "worker.py"
OPERATOR = Doer(actor=PersonRef("p-op"), authenticated_by="os-user", via="cli")
MIRA = "p-mira@ardent.example"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is set in the environment."""
    for name in list(os.environ):
        if name.startswith(("HOLDFAST_", "TEMPORAL_")):
            monkeypatch.delenv(name)


@asynccontextmanager
async def worker_process(server: EmbeddedServer, data: Path) -> AsyncIterator[list[int]]:
    """``python worker.py`` against ``server``; ended at the end, its exit code in the list."""
    host = server.client.service_client.config.target_host
    environment = {**os.environ, "TEMPORAL_ADDRESS": host, "HOLDFAST_DATA": str(data)}
    process = await asyncio.create_subprocess_exec(sys.executable, PROGRAM, env=environment)
    ended: list[int] = []
    try:
        yield ended
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            ended.append(await process.wait())
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def is_scheduled(client: Client) -> bool:
    """Whether Temporal has the schedule of the digests."""
    try:
        await client.get_schedule_handle(DIGESTS).describe()
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


def test_without_a_token_messages_go_to_the_console() -> None:
    """And with one to Slack, where the settings say it is."""
    assert isinstance(choose_channel(Settings(), Console()), ConsoleChannel)
    settings = Settings(slack_token=SecretStr("t"), slack_api="http://127.0.0.1:1/api/")
    channel = choose_channel(settings, Console())
    assert isinstance(channel, SlackChannel)


def test_without_a_mail_server_there_is_no_e_mail(tmp_path: Path) -> None:
    """An address at which pages are reached asks for none by itself."""
    settings = Settings(data=tmp_path, public_url="https://hold.example")
    office = open_office(settings)
    assert choose_mail(settings, office) is None
    assert choose_links(settings, office.clock) is None
    office.close()


def test_e_mail_that_is_set_up_in_part_says_all_that_lacks(tmp_path: Path) -> None:
    """At the start, not when the first mail is due; and whole it is e-mail."""
    part = {"data": tmp_path, "smtp_host": "mail.example"}
    office = open_office(Settings.model_validate(part))
    with pytest.raises(HoldfastError) as caught:
        choose_mail(Settings.model_validate(part), office)
    lacking = ("HOLDFAST_SMTP_FROM", "HOLDFAST_LINK_SECRET", "HOLDFAST_PUBLIC_URL")
    assert all(name in caught.value.what for name in lacking)
    rest = {"smtp_from": "h@x.y", "public_url": "https://x", "link_secret": "by chance " * 4}
    whole = Settings.model_validate(part | rest)
    assert isinstance(choose_mail(whole, office), MailChannel)
    with pytest.raises(BadSender):
        choose_mail(whole.model_copy(update={"smtp_from": "nobody"}), office)
    office.close()


def test_opening_the_office_makes_its_folder(tmp_path: Path) -> None:
    """The first command on a machine needs no preparation."""
    office = open_office(Settings(data=tmp_path / "new" / "data"))
    assert office.ledger.contracts() == []
    office.close()
    assert (tmp_path / "new" / "data" / "ledger.sqlite").exists()


async def test_where_temporal_is_stands_in_the_environment_before_the_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """TEMPORAL_ADDRESS wins over the address that ``up`` wrote down."""
    (tmp_path / "temporal.address").write_text("127.0.0.1:2\n", encoding="utf-8")
    settings = Settings(data=tmp_path)
    written = await connect(settings, lazy=True)
    assert written.service_client.config.target_host == "127.0.0.1:2"
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:3")
    named = await connect(settings, lazy=True)
    assert named.service_client.config.target_host == "127.0.0.1:3"


async def test_a_namespace_without_an_address_is_meant_for_some_other_temporal(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is typed beside ``up`` reaches the namespace that its worker serves."""
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "elsewhere")
    client = await connect(Settings(data=tmp_path), lazy=True)
    assert client.namespace == "default"
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:3")
    named = await connect(Settings(data=tmp_path), lazy=True)
    assert (named_address(), named.namespace) == ("127.0.0.1:3", "elsewhere")


async def test_the_desk_stands_open_while_temporal_is_away(tmp_path: Path) -> None:
    """A request must reach the inbox, whatever else is down."""
    (tmp_path / "temporal.address").write_text("127.0.0.1:1\n", encoding="utf-8")
    async with at_the_desk(Settings(data=tmp_path)) as (desk, office):
        assert isinstance(desk, Desk)
        assert office.inbox.unsettled() == []


async def test_a_worker_of_its_own_serves_and_ends_cleanly(tmp_path: Path) -> None:
    """Against a Temporal that the environment names, digests scheduled; SIGTERM ends it with 0."""
    office = open_office(Settings(data=tmp_path))
    async with embedded_server() as server, worker_process(server, tmp_path) as ended:
        desk = Desk(server.client, office.casebook, office.inbox, office.clock)
        await desk.register(world.by_address(world.contract()), world.SOURCE, OPERATOR)
        office.close()
        await until(lambda: is_scheduled(server.client))
    assert ended == [0]
