"""The methods of ``conversations.*`` and ``users.conversations``."""

from __future__ import annotations

from collections.abc import Iterable

from tests.slack.arguments import flag_of, micros, micros_of, page, text_of
from tests.slack.wording import listed
from tests.slack.workspace import Workspace
from tests.slack.world import BOT_USER, TEAM, Channel, Json, Posted, Refused


def shown_channel(channel: Channel) -> Json:
    """A conversation as Slack describes it."""
    if channel.partner:
        return {"id": channel.id, "is_im": True, "user": channel.partner, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.private,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_general": False,
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "is_org_shared": False,
        "is_pending_ext_shared": channel.pending_shared,
        "is_member": channel.has_bot,
        "context_team_id": TEAM,
    }


def info(workspace: Workspace, arguments: Json) -> Json:
    """One conversation."""
    channel = workspace.channel(text_of(arguments, "channel"))
    view = shown_channel(channel)
    if flag_of(arguments, "include_num_members"):
        view["num_members"] = len(channel.members)
    return {"channel": view}


def open_direct(workspace: Workspace, arguments: Json) -> Json:
    """Open the conversation between the bot and a user."""
    users = [each for each in text_of(arguments, "users").split(",") if each]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 1:
        raise Refused("method_not_supported_for_channel_type")
    user = workspace.user(users[0])
    if user.deleted:
        raise Refused("user_disabled")
    if user.is_bot:
        raise Refused("cannot_dm_bot")
    known = any(each.partner == user.id for each in workspace.channels.values())
    channel = workspace.direct(user)
    more = {"no_op": True, "already_open": True} if known else {}
    return {**more, "channel": {"id": channel.id}}


def list_all(workspace: Workspace, arguments: Json) -> Json:
    """All conversations of the workspace that the bot may know of."""
    found = (each for each in workspace.channels.values() if each.has_bot or not each.private)
    return _paged(found, arguments)


def list_own(workspace: Workspace, arguments: Json) -> Json:
    """The conversations that the bot, or another user, is in."""
    user = text_of(arguments, "user") or BOT_USER
    mine = (each for each in workspace.channels.values() if user in each.members)
    return _paged((each for each in mine if each.has_bot or not each.private), arguments)


_TYPES = {"channels": "public_channel", "groups": "private_channel", "im": "im"}


def wanted_types(arguments: Json) -> set[str]:
    """The types of conversations that are asked for. Raises Refused."""
    types = set((text_of(arguments, "types") or "public_channel").split(","))
    if not types <= {*_TYPES.values(), "mpim"}:
        raise Refused("invalid_types")
    return types


def _paged(channels: Iterable[Channel], arguments: Json) -> Json:
    types = wanted_types(arguments)
    without_archived = flag_of(arguments, "exclude_archived")
    found = [
        shown_channel(each)
        for each in channels
        if _TYPES[each.kind] in types and not (without_archived and each.archived)
    ]
    items, following = page(found, arguments, 100, 999)
    return {"channels": items, **following}


def members(workspace: Workspace, arguments: Json) -> Json:
    """Who is in a conversation."""
    channel = workspace.channel(text_of(arguments, "channel"))
    items, following = page(channel.members, arguments, 100, 1000)
    return {"members": items, **following}


def history(workspace: Workspace, arguments: Json) -> Json:
    """What was said in a conversation, the newest first, without what hangs on other messages."""
    channel = _readable(workspace, arguments)
    found = [
        each
        for each in reversed(workspace.messages)
        if each.channel == channel.id and (not each.is_reply or each.reply_broadcast)
    ]
    return _told(workspace, _within(workspace, found, arguments), arguments, 999)


def replies(workspace: Workspace, arguments: Json) -> Json:
    """A message and what hangs on it, the oldest first."""
    channel = _readable(workspace, arguments)
    ts = text_of(arguments, "ts")
    message = workspace.message(channel.id, ts)
    if message is None:
        raise Refused("thread_not_found")
    first = message.thread_ts or ts
    parent = [each for each in [workspace.message(channel.id, first)] if each]
    hanging = _within(workspace, workspace.replies(channel.id, first), arguments)
    return _told(workspace, [*parent, *hanging], arguments, 1000)


def _readable(workspace: Workspace, arguments: Json) -> Channel:
    channel = workspace.channel(text_of(arguments, "channel"))
    if not channel.has_bot:
        raise Refused("not_in_channel")
    return channel


def _within(workspace: Workspace, messages: list[Posted], arguments: Json) -> list[Posted]:
    """Those that can be read, from ``oldest`` to ``latest``, both only if so asked."""
    oldest, latest = micros_of(arguments, "oldest"), micros_of(arguments, "latest")
    slack = 0 if flag_of(arguments, "inclusive") else 1
    readable = int((workspace.now() - workspace.lag) * 1_000_000)
    return [
        each
        for each in messages
        if (not workspace.lag or micros(each.ts) <= readable)
        and (oldest is None or micros(each.ts) >= oldest + slack)
        and (latest is None or micros(each.ts) <= latest - slack)
    ]


def _told(workspace: Workspace, messages: list[Posted], arguments: Json, most: int) -> Json:
    items, following = page(messages, arguments, 100, most)
    told = flag_of(arguments, "include_all_metadata")
    hanging = workspace.hanging(text_of(arguments, "channel"))
    views = [listed(each, hanging, with_metadata=told) for each in items]
    has_more = bool(following["response_metadata"]["next_cursor"])
    return {"messages": views, "has_more": has_more, **(following if has_more else {})}
