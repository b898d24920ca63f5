"""The fake Slack keeps threads, changes and histories as Slack does."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.slack.conftest import Scene

KEY = "KSS-2026-014/tooling/1/rung/plan>room"
METADATA = {"event_type": "holdfast_message", "event_payload": {"key": KEY}}


def test_replies_hang_on_their_parent(scene: Scene) -> None:
    """They do not stand in the history, unless broadcast."""
    parent = scene.post()
    first = scene.post(thread_ts=parent)
    nested = scene.post(thread_ts=first)
    loud = scene.post(thread_ts=parent, reply_broadcast=True)
    history = scene.client.conversations_history(channel=scene.room.id)["messages"]
    assert [each["ts"] for each in history] == [loud, parent]
    assert (history[0]["subtype"], history[1]["reply_count"]) == ("thread_broadcast", 3)
    replies = scene.client.conversations_replies(channel=scene.room.id, ts=parent)["messages"]
    assert [each["ts"] for each in replies] == [parent, first, nested, loud]


def test_a_reply_to_a_deleted_message_becomes_one_of_its_own(scene: Scene) -> None:
    """Silently; only the answer's missing thread tells."""
    parent = scene.post()
    scene.slack.delete(scene.room, parent)
    answer = scene.client.chat_postMessage(channel=scene.room.id, text=".", thread_ts=parent)
    assert "thread_ts" not in answer["message"]
    missing = scene.refusal("conversations.replies", channel=scene.room.id, ts=parent)
    assert missing == "thread_not_found"


def test_a_change_keeps_what_it_does_not_name(scene: Scene) -> None:
    """Metadata and blocks stay; an empty value takes them away."""
    block = {"type": "divider", "block_id": "line"}
    ts = scene.post(metadata=METADATA, blocks=[block])
    scene.client.chat_update(channel=scene.room.id, ts=ts, text="Done.")
    (message,) = scene.slack.messages(scene.room)
    assert (message.text, message.former) == ("Done.", ["Please act."])
    assert (message.metadata, message.blocks) == (METADATA, [block])
    assert message.edited
    scene.client.chat_update(channel=scene.room.id, ts=ts, text=".", blocks=[], metadata={})
    (message,) = scene.slack.messages(scene.room)
    assert (message.metadata, message.blocks) == (None, [])


def test_changes_that_cannot_be(scene: Scene) -> None:
    """Of what is not there, of what others wrote, of what is archived."""
    theirs = scene.slack.say(scene.mira, scene.room, "I am on it.").ts
    mine = scene.post()

    def why(method: str, ts: str) -> str:
        return scene.refusal(method, channel=scene.room.id, ts=ts, text=".")

    assert why("chat.update", "1.000001") == "message_not_found"
    assert why("chat.update", theirs) == "cant_update_message"
    assert why("chat.delete", theirs) == "cant_delete_message"
    scene.slack.archive(scene.room)
    assert why("chat.update", mine) == "is_inactive"
    scene.slack.archive(scene.room, archived=False)
    assert scene.client.chat_delete(channel=scene.room.id, ts=mine)["ok"]
    assert [each.ts for each in scene.slack.messages()] == [theirs]


def test_histories_are_read_in_parts(scene: Scene) -> None:
    """From one instant to another, and page by page."""
    stamps = [scene.post() for _ in range(5)]

    def read(**arguments: Any) -> list[str]:
        pages = scene.client.conversations_history(channel=scene.room.id, **arguments)
        return [each["ts"] for page in pages for each in page["messages"]]

    assert read(limit=2) == stamps[::-1]
    assert read(oldest=stamps[3]) == stamps[4:]
    assert read(oldest=stamps[3], inclusive=True) == [stamps[4], stamps[3]]
    assert read(latest=stamps[1], limit=1) == stamps[:1]
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        read(cursor="nowhere")


def test_a_permalink_leads_to_a_message(scene: Scene) -> None:
    """And, of a reply, into its thread."""
    parent = scene.post()
    reply = scene.post(thread_ts=parent)
    link = scene.client.chat_getPermalink(channel=scene.room.id, message_ts=parent)["permalink"]
    assert link.endswith(f"/archives/{scene.room.id}/p{parent.replace('.', '')}")
    link = scene.client.chat_getPermalink(channel=scene.room.id, message_ts=reply)["permalink"]
    assert f"thread_ts={parent}" in link


def test_ephemeral_words_reach_members_alone(scene: Scene) -> None:
    """They are no messages."""
    stranger = scene.slack.add_user("eve@elsewhere.example")
    told: dict[str, Any] = {"channel": scene.room.id, "text": "Too late."}
    scene.client.chat_postEphemeral(user=scene.mira.id, **told)
    assert [each.text for each in scene.slack.ephemerals] == ["Too late."]
    assert scene.slack.messages() == []
    why = scene.refusal("chat.postEphemeral", user=stranger.id, **told)
    assert why == "user_not_in_channel"


def test_what_was_posted_may_be_read_later(scene: Scene) -> None:
    """By so many seconds, if a test so wishes."""
    scene.slack.lag = 2
    ts = scene.post()
    assert scene.client.conversations_history(channel=scene.room.id)["messages"] == []
    scene.slack.later(2)
    history = scene.client.conversations_history(channel=scene.room.id)["messages"]
    assert [each["ts"] for each in history] == [ts]
