"""Slack's directory: the workspace, its members and channels, as the fake Slack tells of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from slack_sdk import WebClient

from channels.message import NotSent, Parked, PerhapsSent
from channels.slack import slack_client
from channels.slack_directory import SlackDirectory, Unfit
from channels.slack_scopes import APP_SCOPES, BOT_SCOPES, SCOPES
from tests.slack.fake import FakeSlack, fake_slack

ROOT = Path(__file__).parents[2]


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A workspace of this test's own."""
    with fake_slack() as slack:
        yield slack


@pytest.fixture
def directory(slack: FakeSlack) -> SlackDirectory:
    """The directory of that workspace."""
    return SlackDirectory(slack_client(slack.token, slack.base_url))


def test_the_workspace_is_told_with_our_rights(slack: FakeSlack, directory: SlackDirectory) -> None:
    """Its id, who we are in it, and exactly the scopes that were granted."""
    team = directory.team()
    assert (team.id, team.bot) == (slack.team, slack.bot_user)
    assert team.scopes == SCOPES
    slack.deny_scope("chat:write")
    assert directory.team().scopes == SCOPES - {"chat:write"}


def test_a_member_is_found_by_address_and_by_id(
    slack: FakeSlack, directory: SlackDirectory
) -> None:
    """With name, workspace and time zone; an unknown one is nobody."""
    mira = slack.add_user("mira@ardent.example", name="Mira Sommer", zone="Asia/Tokyo")
    found = directory.member("Mira@ardent.example")
    assert found == directory.info(mira.id)
    assert found is not None
    assert (found.team, found.id, found.name) == (slack.team, mira.id, "Mira Sommer")
    assert found.zone == "Asia/Tokyo"
    assert directory.member("nobody@ardent.example") is None
    assert directory.info("U0NOBODY99") is None


def test_whoever_cannot_be_asked_is_refused_with_the_reason(
    slack: FakeSlack, directory: SlackDirectory
) -> None:
    """Guests and bots by address; those who left, and strangers, by id."""
    slack.add_user("guest@x.example", guest=True)
    slack.add_user("bot@x.example", is_bot=True)
    gone = slack.add_user("gone@x.example", deleted=True)
    stranger = slack.add_user("stranger@x.example", stranger=True)
    for ask, whom, words in (
        (directory.member, "guest@x.example", "a guest"),
        (directory.member, "bot@x.example", "a bot"),
        (directory.info, gone.id, "deactivated"),
        (directory.info, stranger.id, "from another workspace"),
    ):
        with pytest.raises(Unfit) as refused:
            ask(whom)
        assert words in refused.value.what
    assert directory.member("gone@x.example") is None


def test_a_channel_is_found_by_name_and_by_id(slack: FakeSlack, directory: SlackDirectory) -> None:
    """Private ones too, once the bot is in; a public one without the bot is seen as that."""
    mine = slack.add_channel("launch", private=True)
    public = slack.add_channel("supplier-escalations", bot_is_member=False)
    for name, channel, is_member in (
        ("#launch", mine, True),
        ("launch", mine, True),
        (mine.id, mine, True),
        ("#Supplier-Escalations", public, False),
    ):
        room = directory.room(name)
        assert room is not None
        assert (room.id, room.is_member) == (channel.id, is_member)
    assert directory.room("#elsewhere") is None
    assert directory.room("C0NOWHERE99") is None


def test_a_channel_is_found_on_a_later_page(slack: FakeSlack, directory: SlackDirectory) -> None:
    """However many there are."""
    for number in range(450):
        slack.add_channel(f"room-{number}", bot_is_member=number % 2 == 0)
    for name in ("#room-448", "#room-449"):
        room = directory.room(name)
        assert room is not None
        assert f"#{room.name}" == name


def test_what_stands_against_a_channel_is_told(slack: FakeSlack, directory: SlackDirectory) -> None:
    """That it is archived, or that outsiders read it."""
    slack.add_channel("old", archived=True)
    slack.add_channel("both", shared=True)
    old, both = directory.room("#old"), directory.room("#both")
    assert old is not None
    assert both is not None
    assert (old.is_archived, old.is_shared_with_outsiders) == (True, False)
    assert (both.is_archived, both.is_shared_with_outsiders) == (False, True)


def test_failures_are_told_in_our_terms(slack: FakeSlack, directory: SlackDirectory) -> None:
    """As of any other call: later, perhaps, or not before somebody mends it."""
    slack.fail("auth.test", "ratelimited")
    with pytest.raises(NotSent) as limited:
        directory.team()
    assert limited.value.retry_after == timedelta(seconds=slack.faults.retry_after)
    slack.fail("users.info", "unavailable")
    with pytest.raises(PerhapsSent):
        directory.info("U1")
    slack.deny_scope("users:read.email")
    with pytest.raises(Parked) as parked:
        directory.member("mira@ardent.example")
    assert parked.value.code == "missing_scope"


def test_a_client_that_retries_by_itself_is_refused(slack: FakeSlack) -> None:
    """As nothing here may be asked twice behind our back."""
    with pytest.raises(ValueError, match="retries"):
        SlackDirectory(WebClient(token=slack.token, base_url=slack.base_url))


def plain(method: str) -> str:
    """A method's name, alike for Slack (``chat.postMessage``) and for its client."""
    return method.replace(".", "_").lower()


def called_methods() -> set[str]:
    """Every method of Slack that the program calls through the client, or by its name."""
    client = {name for name in dir(WebClient) if not name.startswith("_")} - {"api_call"}
    methods = {plain(name) for name in client if "_" in name and callable(getattr(WebClient, name))}
    found = set()
    for package in ("channels", "activities", "desk", "web", "commands"):
        for path in (ROOT / package).rglob("*.py"):
            if path.name == "slack_scopes.py":
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute):
                    found.add(plain(node.attr))
                if isinstance(node, ast.Constant) and "." in str(node.value):
                    found.add(plain(str(node.value)))
    return found & methods


def test_every_call_has_its_scopes_listed() -> None:
    """So that the manifest, which asks for what is listed, asks for enough."""
    called = called_methods()
    assert {"auth_test", "chat_postmessage", "users_lookupbyemail"} <= called
    assert called <= {plain(method) for method in {**BOT_SCOPES, **APP_SCOPES}}
