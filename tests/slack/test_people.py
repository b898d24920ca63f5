"""The fake Slack knows people, channels and files as Slack does."""

from __future__ import annotations

import urllib.request
from urllib.error import HTTPError

import pytest

from tests.slack.conftest import Scene


def test_people_are_found_by_address(scene: Scene) -> None:
    """Whatever its case; not those who have left, nor those of other workspaces."""
    scene.slack.add_user("tom@ardent.example", deleted=True)
    scene.slack.add_user("eve@elsewhere.example", stranger=True)
    found = scene.client.users_lookupByEmail(email="Mira@Ardent.example")["user"]
    assert (found["id"], found["team_id"]) == (scene.mira.id, scene.slack.team)
    assert found["tz"] == "Europe/Berlin"
    for address in ("tom@ardent.example", "eve@elsewhere.example", "x@y.example"):
        assert scene.refusal("users.lookupByEmail", email=address) == "users_not_found"


def test_addresses_are_shown_to_whoever_may_read_them(scene: Scene) -> None:
    """By the scope for them."""
    assert scene.client.users_info(user=scene.mira.id)["user"]["profile"]["email"]
    scene.slack.deny_scope("users:read.email")
    assert "email" not in scene.client.users_info(user=scene.mira.id)["user"]["profile"]
    assert scene.refusal("users.info", user="U0NOBODY") == "user_not_found"


def test_channels_tell_what_they_are(scene: Scene) -> None:
    """Shared, archived, with the bot or without; private ones only to their members."""
    scene.slack.add_channel("board", private=True, bot_is_member=False)
    other = scene.slack.add_channel("other", bot_is_member=False)
    scene.slack.share(scene.room)
    told = scene.client.conversations_info(channel=scene.room.id)["channel"]
    assert (told["is_ext_shared"], told["is_member"], told["is_archived"]) == (True, True, False)
    kinds = "public_channel,private_channel"
    pages = scene.client.conversations_list(types=kinds, limit=1)
    assert [c["name"] for page in pages for c in page["channels"]] == [scene.room.name, other.name]
    mine = scene.client.users_conversations(types=kinds)["channels"]
    assert [each["id"] for each in mine] == [scene.room.id]
    members = scene.client.conversations_members(channel=scene.room.id)["members"]
    assert members == [scene.mira.id, scene.slack.bot_user]


def fetched(url: str, token: str | None = None) -> tuple[str, bytes]:
    """What an address serves: its type and its content."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:  # noqa: S310
        return answer.headers.get_content_type(), answer.read()


def test_files_are_for_whoever_has_the_token(scene: Scene) -> None:
    """Others get a page to sign in; a deleted file is gone."""
    file = scene.slack.attach(scene.mira, "protocol.pdf", b"%PDF-")
    url = scene.client.files_info(file=file["id"])["file"]["url_private_download"]
    assert fetched(url, scene.slack.token) == ("application/pdf", b"%PDF-")
    assert fetched(url)[0] == "text/html"
    scene.slack.delete_file(file["id"])
    assert scene.refusal("files.info", file=file["id"]) == "file_deleted"
    with pytest.raises(HTTPError, match="404"):
        fetched(url, scene.slack.token)
