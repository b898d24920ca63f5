"""The manifest asks Slack for exactly what the program's calls need, and for no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from channels.slack_scopes import SCOPES
from commands.slack_manifest import NotAPublicAddress, manifest
from tests.commands.shell import Shell
from tests.slack.world import BOT_SCOPES

ROOT = Path(__file__).parents[2]


def read(text: str) -> Any:
    """A manifest as Slack reads it."""
    return YAML(typ="safe").load(text)


def test_the_manifest_that_is_shipped_is_the_one_that_is_printed(tmp_path: Path) -> None:
    """Printed by the command of a stranger, for Socket Mode."""
    shipped = (ROOT / "deploy" / "slack-manifest.yaml").read_text(encoding="utf-8")
    assert shipped == manifest()
    assert Shell(tmp_path).type("slack-manifest").said == shipped


def test_exactly_the_needed_scopes_are_asked_for() -> None:
    """Those of the calls, which the fake Slack of the tests enforces; no user's, no others."""
    scopes = read(manifest())["oauth_config"]["scopes"]
    assert set(scopes) == {"bot"}
    assert sorted(scopes["bot"]) == scopes["bot"]
    assert set(scopes["bot"]) == SCOPES == BOT_SCOPES


def test_clicks_come_in_by_socket_unless_an_address_is_given() -> None:
    """Interactivity only: no events, no slash commands."""
    socket, http = read(manifest()), read(manifest("https://holdfast.ardent.example/"))
    assert socket["settings"]["socket_mode_enabled"] is True
    assert socket["settings"]["interactivity"] == {"is_enabled": True}
    assert http["settings"]["socket_mode_enabled"] is False
    assert http["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": "https://holdfast.ardent.example/slack/interactions",
    }
    for written in (socket, http):
        assert "event_subscriptions" not in written["settings"]
        assert set(written["features"]) == {"app_home", "bot_user"}


@pytest.mark.parametrize(
    "address", ["holdfast.example", "http://x.example", "https://", 'https://x/"', "https://x?a=1"]
)
def test_an_address_that_slack_cannot_reach_is_refused(address: str) -> None:
    """Slack sends clicks over HTTPS only, to one address."""
    with pytest.raises(NotAPublicAddress):
        manifest(address)


def test_the_command_refuses_it_in_words(tmp_path: Path) -> None:
    """With an example, and nothing that could be taken for a manifest."""
    ran = Shell(tmp_path).type("slack-manifest", "--url", "holdfast.example")
    assert ran.code == 1
    assert "https://holdfast.example.com" in ran.said
    assert "oauth_config" not in ran.said
