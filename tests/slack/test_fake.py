"""The fake Slack is as strict as Slack: tokens, posting, through the real client."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.slack.conftest import Scene, client_of, refusal
from tests.slack.world import BOT_SCOPES

KEY = "KSS-2026-014/tooling/1/rung/plan>room"
METADATA = {"event_type": "holdfast_message", "event_payload": {"key": KEY}}


def test_the_token_says_who_it_is(scene: Scene) -> None:
    """With the ids that identities are kept under, and with its scopes."""
    answer = scene.client.auth_test()
    assert set(answer.headers["X-OAuth-Scopes"].split(",")) == BOT_SCOPES
    assert (answer["team_id"], answer["user_id"]) == (scene.slack.team, scene.slack.bot_user)


def test_tokens_must_be_known_and_of_the_right_kind(scene: Scene) -> None:
    """A missing one, a wrong one, and the app's own where the bot's is needed."""
    assert refusal(client_of(scene.slack, "xoxb-other"), "auth.test") == "invalid_auth"
    assert refusal(client_of(scene.slack, scene.slack.app_token), "auth.test") == (
        "not_allowed_token_type"
    )
    anonymous = WebClient(base_url=scene.slack.base_url, retry_handlers=[])
    assert refusal(anonymous, "auth.test") == "not_authed"
    assert scene.refusal("chat.shout") == "unknown_method"


def test_a_missing_scope_is_named(scene: Scene) -> None:
    """What is needed and what there is; granted, the call goes through."""
    scene.slack.deny_scope("chat:write")
    with pytest.raises(SlackApiError) as caught:
        scene.post()
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "chat:write"
    assert "chat:write" not in caught.value.response["provided"].split(",")
    scene.slack.grant_scope("chat:write")
    assert scene.post()


def test_each_kind_of_conversation_has_its_own_scope(scene: Scene) -> None:
    """Of reading histories, and of listing."""
    secret = scene.slack.add_channel("board", private=True)
    scene.slack.deny_scope("groups:history")
    assert scene.client.conversations_history(channel=scene.room.id)["ok"]
    assert scene.refusal("conversations.history", channel=secret.id) == "missing_scope"
    assert scene.refusal("users.conversations", types="im") == "missing_scope"


def test_a_message_comes_back_as_it_was_sent(scene: Scene) -> None:
    """Metadata only to whoever asks for it."""
    ts = scene.post(metadata=METADATA)
    (message,) = scene.slack.messages(scene.room)
    assert (message.ts, message.text, message.key) == (ts, "Please act.", KEY)
    (shy,) = scene.client.conversations_history(channel=scene.room.id)["messages"]
    assert "metadata" not in shy
    answer = scene.client.conversations_history(channel=scene.room.id, include_all_metadata=True)
    assert answer["messages"][0]["metadata"] == METADATA
    assert scene.slack.posted_keys() == [KEY]


def test_channels_are_found_by_id_and_by_name(scene: Scene) -> None:
    """With the sign before the name or without."""
    for place in (scene.room.id, "#supplier-escalations", "supplier-escalations"):
        assert scene.client.chat_postMessage(channel=place, text=".")["channel"] == scene.room.id
    assert scene.refusal("chat.postMessage", channel="#x", text=".") == "channel_not_found"


def test_channels_refuse_for_reasons_of_their_own(scene: Scene) -> None:
    """Not invited, archived, private and unknown."""

    def why(channel: str) -> str:
        return scene.refusal("chat.postMessage", channel=channel, text=".")

    scene.slack.remove_bot(scene.room)
    assert why(scene.room.id) == "not_in_channel"
    assert scene.refusal("conversations.history", channel=scene.room.id) == "not_in_channel"
    scene.slack.invite_bot(scene.room)
    scene.slack.archive(scene.room)
    assert why(scene.room.id) == "is_archived"
    hidden = scene.slack.add_channel("board", private=True, bot_is_member=False)
    assert why(hidden.id) == why("#board") == "channel_not_found"


def test_a_message_to_a_person_opens_a_conversation(scene: Scene) -> None:
    """Its id is answered, and is the one by which the message is changed later."""
    answer = scene.client.chat_postMessage(channel=scene.mira.id, text="Please act.")
    assert answer["channel"] == scene.slack.dm(scene.mira).id
    ts = answer["ts"]
    by_user = scene.refusal("chat.update", channel=scene.mira.id, ts=ts, text=".")
    assert by_user == "channel_not_found"
    assert scene.client.chat_update(channel=answer["channel"], ts=ts, text="Done.")["ok"]
    again = scene.client.conversations_open(users=scene.mira.id)
    assert again["channel"]["id"] == answer["channel"]


def test_nobody_unreachable_is_written_to(scene: Scene) -> None:
    """Unknown people, those who have left, and bots."""
    gone = scene.slack.add_user("tom@ardent.example", deleted=True)
    bot = scene.slack.add_user("", name="Robot", is_bot=True)
    assert scene.refusal("chat.postMessage", channel="U0NOBODY", text=".") == ("channel_not_found")
    assert scene.refusal("conversations.open", users=gone.id) == "user_disabled"
    assert scene.refusal("chat.postMessage", channel=bot.id, text=".") == "cannot_dm_bot"


def test_what_is_too_much_is_cut_or_refused(scene: Scene) -> None:
    """Text is cut when posted and refused when changed; other things are refused at once."""
    ts = scene.post(text="x" * 50_000)
    assert len(scene.slack.messages()[0].text) == 40_000

    def why(**arguments: Any) -> str:
        sent = {"channel": scene.room.id, "text": ".", **arguments}
        return scene.refusal("chat.postMessage", **sent)

    changed = {"channel": scene.room.id, "ts": ts, "text": "x" * 4_001}
    assert scene.refusal("chat.update", **changed) == "msg_too_long"
    large = {"event_type": "x", "event_payload": {"key": "x" * 17_000}}
    divider = {"type": "divider"}
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}
    assert why(metadata=large) == "metadata_too_large"
    assert why(metadata={"event_type": "x"}) == "invalid_metadata_format"
    assert why(text="") == "no_text"
    assert why(blocks="[]") == "invalid_blocks_format"
    assert why(blocks=[divider] * 51) == "invalid_blocks"
    assert why(blocks=[section] * 4) == "msg_blocks_too_long"
    assert why(thread_ts="yesterday") == "invalid_thread_ts"


def test_bad_blocks_are_named_with_their_place(scene: Scene) -> None:
    """As Slack does, so that a log can be understood."""
    header = {"type": "header", "text": {"type": "mrkdwn", "text": "*loud*"}}
    with pytest.raises(SlackApiError) as caught:
        scene.post(blocks=[header])
    assert caught.value.response["errors"] == [
        "type 'mrkdwn' is not allowed here [json-pointer:/blocks/0/text]"
    ]
