"""The methods of ``chat.*``."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from tests.slack import shapes
from tests.slack.arguments import flag_of, text_of
from tests.slack.wording import kept_blocks, shown
from tests.slack.workspace import Workspace
from tests.slack.world import BOT, BOT_USER, DOMAIN, Channel, Ephemeral, Json, Posted, Refused

_LONGEST_POSTED = 40_000
_LONGEST_UPDATED = 4_000
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,}")
_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{2,}")
_THREAD = re.compile(r"\d{1,12}\.\d{6}")


def post_message(workspace: Workspace, arguments: Json) -> Json:
    """Post into a conversation, or to a user."""
    channel = _place(workspace, text_of(arguments, "channel"))
    _check_entry(channel)
    text, blocks = _content(arguments)
    metadata = _metadata(arguments)
    _keep_pace(workspace, channel)
    message = Posted(
        channel=channel.id,
        ts=workspace.next_ts(),
        user=BOT_USER,
        text=text[:_LONGEST_POSTED],
        blocks=kept_blocks(blocks or []),
        metadata=metadata or None,
        thread_ts=_thread(workspace, channel, arguments),
        arguments=arguments,
    )
    message.reply_broadcast = message.is_reply and flag_of(arguments, "reply_broadcast")
    workspace.messages.append(message)
    return {"channel": channel.id, "ts": message.ts, "message": shown(message)}


def _place(workspace: Workspace, place: str) -> Channel:
    if _USER_ID.fullmatch(place):
        user = workspace.user(place, "channel_not_found")
        if user.is_bot:
            raise Refused("cannot_dm_bot")
        if user.deleted:
            raise Refused("channel_not_found")
        return workspace.direct(user)
    if _CHANNEL_ID.fullmatch(place):
        return workspace.channel(place)
    return workspace.named(place.removeprefix("#"))


def _check_entry(channel: Channel) -> None:
    if channel.archived:
        raise Refused("is_archived")
    if not channel.has_bot:
        raise Refused("not_in_channel")


def _content(arguments: Json) -> tuple[str, list[Json] | None]:
    """Text and blocks; blocks are None where none were sent. Raises Refused."""
    text = text_of(arguments, "text")
    blocks = _blocks(arguments)
    if not text.strip() and not blocks:
        raise Refused("no_text")
    return text, blocks


def _blocks(arguments: Json) -> list[Json] | None:
    found = arguments.get("blocks")
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise Refused("invalid_blocks_format")
    problems = shapes.check_blocks(found)
    if problems:
        raise Refused("invalid_blocks", **explained(problems))
    if shapes.weight(found) > shapes.HEAVIEST:
        raise Refused("msg_blocks_too_long")
    return found


def explained(problems: list[str]) -> Json:
    """Mistakes as Slack's answers name them, each with its place."""
    pairs = [each.partition(": ") for each in problems]
    errors = [f"{what} [json-pointer:/{place}]" for place, _, what in pairs]
    messages = [f"[ERROR] {each}" for each in errors]
    return {"errors": errors, "response_metadata": {"messages": messages}}


def _metadata(arguments: Json) -> Json | None:
    """Metadata; None where none were sent, and empty to take them away. Raises Refused."""
    if "metadata" not in arguments:
        return None
    found: Any = arguments["metadata"]
    if found == {}:
        return {}
    if shapes.check_metadata(found):
        raise Refused("invalid_metadata_format")
    if len(json.dumps(found).encode()) > shapes.LARGEST_METADATA:
        raise Refused("metadata_too_large")
    return dict(found)


def _thread(workspace: Workspace, channel: Channel, arguments: Json) -> str | None:
    """The message to hang on; None, silently, if that is not there any more."""
    wanted = text_of(arguments, "thread_ts")
    if not wanted:
        return None
    if not _THREAD.fullmatch(wanted):
        raise Refused("invalid_thread_ts")
    parent = workspace.message(channel.id, wanted)
    return (parent.thread_ts or parent.ts) if parent else None


def _keep_pace(workspace: Workspace, channel: Channel) -> None:
    """Raises Refused where more is posted in a while than the conversation takes."""
    if workspace.rate is None:
        return
    now, window = workspace.now(), max(1, 1 / workspace.rate)
    recent = [at for at in workspace.posts.get(channel.id, []) if now - at < window]
    if len(recent) >= max(1, workspace.rate):
        raise Refused("ratelimited", retry_after=math.ceil(window))
    workspace.posts[channel.id] = [*recent, now]


def update(workspace: Workspace, arguments: Json) -> Json:
    """Change a message of the bot's own; what is not sent stays, except the text."""
    channel = _conversation(workspace, arguments)
    if channel.archived:
        raise Refused("is_inactive")
    message = _own(workspace, channel, arguments, "cant_update_message")
    text = text_of(arguments, "text")
    if len(text) > _LONGEST_UPDATED:
        raise Refused("msg_too_long")
    text, blocks = _content(arguments)
    metadata = _metadata(arguments)
    message.former.append(message.text)
    message.text = text
    message.edited = workspace.next_ts()
    message.arguments = arguments
    if blocks is not None:
        message.blocks = kept_blocks(blocks)
    if metadata is not None:
        message.metadata = metadata or None
    if message.is_reply and flag_of(arguments, "reply_broadcast"):
        message.reply_broadcast = True
    return {"channel": channel.id, "ts": message.ts, "text": text, "message": shown(message)}


def _conversation(workspace: Workspace, arguments: Json) -> Channel:
    """A conversation by id, which the bot is in. Raises Refused."""
    channel = workspace.channel(text_of(arguments, "channel"))
    if not channel.has_bot:
        raise Refused("channel_not_found")
    return channel


def _own(workspace: Workspace, channel: Channel, arguments: Json, refusal: str) -> Posted:
    message = workspace.message(channel.id, text_of(arguments, "ts"))
    if message is None:
        raise Refused("message_not_found")
    if message.user != BOT_USER:
        raise Refused(refusal)
    return message


def delete(workspace: Workspace, arguments: Json) -> Json:
    """Delete a message of the bot's own."""
    channel = _conversation(workspace, arguments)
    message = _own(workspace, channel, arguments, "cant_delete_message")
    workspace.messages.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def post_ephemeral(workspace: Workspace, arguments: Json) -> Json:
    """Show something to one member of a conversation."""
    channel = workspace.channel(text_of(arguments, "channel"))
    _check_entry(channel)
    user = text_of(arguments, "user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    text, blocks = _content(arguments)
    thread = text_of(arguments, "thread_ts") or None
    kept = kept_blocks(blocks or [])
    told = Ephemeral(channel.id, user, text, kept, "chat.postEphemeral", thread)
    workspace.ephemerals.append(told)
    return {"message_ts": workspace.next_ts()}


def get_permalink(workspace: Workspace, arguments: Json) -> Json:
    """The address of a message."""
    channel = workspace.channel(text_of(arguments, "channel"))
    message = workspace.message(channel.id, text_of(arguments, "message_ts"))
    if message is None:
        raise Refused("message_not_found")
    address = f"https://{DOMAIN}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        address += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": address}


def auth_test(workspace: Workspace, arguments: Json) -> Json:  # noqa: ARG001
    """Who the token is."""
    bot = workspace.users[BOT_USER]
    return {
        "url": f"https://{DOMAIN}.slack.com/",
        "team": "Ardent Motors",
        "user": "holdfast",
        "team_id": bot.team,
        "user_id": bot.id,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }
