"""What listens, and where: as the settings say, and nothing that they do not."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from rich.console import Console

from clients import choose_channel, choose_news
from commands.ports import free_port
from ladders.errors import HoldfastError
from settings import Settings, open_office
from tests.stage import Stage, until
from web.serving import CannotListen
from worker import serving_all

SECRET = SecretStr("8f742231b10e8888abcd99yyyzzz85a5")


def settings_for(folder: Path, port: int, **more: SecretStr) -> Settings:
    """Settings of a process that listens on a port, if on any."""
    return Settings.model_validate({"data": folder, "web_port": port, **more})


async def is_up(port: int) -> bool:
    """Whether something listens there."""
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            return (await http.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
        except httpx.ConnectError:
            return False


async def test_nothing_listens_where_nothing_is_set(stage: Stage, tmp_path: Path) -> None:
    """Messages go to the console, and people answer by commands."""
    port = free_port()
    settings = settings_for(tmp_path, port)
    channel = choose_channel(settings, Console())
    await stage.stop_worker()
    async with serving_all(settings, stage.client, stage.office, channel):
        assert not await is_up(port)


async def test_a_signing_secret_lets_it_listen_until_the_end(stage: Stage, tmp_path: Path) -> None:
    """And then the port is free again."""
    port = free_port()
    settings = settings_for(tmp_path, port, slack_signing_secret=SECRET, slack_token=SECRET)
    await stage.stop_worker()
    async with serving_all(settings, stage.client, stage.office, stage.mailbox):
        assert await is_up(port)
    assert not await is_up(port)
    taken = socket.create_server(("127.0.0.1", port))
    with taken, pytest.raises(CannotListen, match="HOLDFAST_WEB_PORT"):
        async with serving_all(settings, stage.client, stage.office, stage.mailbox):
            pass


def test_clicks_that_could_not_be_answered_are_not_taken(tmp_path: Path) -> None:
    """Without the bot token there would be no form and no answer."""
    settings = settings_for(tmp_path, 1, slack_app_token=SECRET)
    office = open_office(settings)
    with pytest.raises(HoldfastError, match="HOLDFAST_SLACK_TOKEN"):
        choose_news(settings, office)
    office.close()


async def test_socket_mode_that_cannot_connect_keeps_trying_and_ends_at_once(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack being away ends no worker, and no worker waits for it to end."""
    settings = settings_for(tmp_path, 1, slack_app_token=SECRET, slack_token=SECRET).model_copy(
        update={"slack_api": "http://127.0.0.1:1/api/"}
    )
    await stage.stop_worker()
    said = "Socket Mode is not connected: connection_refused"
    async with (
        asyncio.timeout(20),
        serving_all(settings, stage.client, stage.office, stage.mailbox),
    ):
        await until(lambda: said in caplog.text)
