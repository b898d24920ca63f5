"""How Slack keeps and shows what it was sent: entities escaped, messages as answers show them."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

from tests.slack.world import APP, BOT, BOT_USER, TEAM, Json, Posted

_BARE_AMPERSAND = re.compile(r"&(?!amp;|lt;|gt;)")


def escaped(text: str) -> str:
    """Plain text as Slack hands it back: every ``& < >`` is an entity."""
    return _BARE_AMPERSAND.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def kept_blocks(blocks: list[Json]) -> list[Json]:
    """Blocks as Slack keeps them: each has an id, and plain text is escaped."""
    found: list[Json] = kept(copy.deepcopy(blocks))
    for number, block in enumerate(found):
        block.setdefault("block_id", f"b{number}")
    return found


def kept(value: Any) -> Any:
    """Anything in a block as Slack keeps it."""
    if isinstance(value, list):
        return [kept(each) for each in value]
    if not isinstance(value, dict):
        return value
    shown = {name: kept(each) for name, each in value.items()}
    if shown.get("type") == "plain_text":
        shown["text"] = escaped(shown["text"])
        shown.setdefault("emoji", True)
    if shown.get("type") == "mrkdwn":
        shown.setdefault("verbatim", False)
    return shown


def shown(message: Posted, *, with_metadata: bool = True) -> Json:
    """A message as Slack's answers and payloads show it; parts of it are the message's own."""
    view: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text}
    if message.user == BOT_USER:
        view |= {"bot_id": BOT, "app_id": APP}
    view["team"] = TEAM
    if message.blocks:
        view["blocks"] = message.blocks
    if message.edited:
        view["edited"] = {"user": message.user, "ts": message.edited}
    if message.thread_ts:
        view["thread_ts"] = message.thread_ts
    if message.reply_broadcast:
        view["subtype"] = "thread_broadcast"
    if with_metadata and message.metadata:
        view["metadata"] = message.metadata
    return view


def listed(
    message: Posted, hanging: Mapping[str | None, list[str]], *, with_metadata: bool
) -> Json:
    """A message as a history shows it, with the count of what hangs on it, by ``ts``."""
    view = shown(message, with_metadata=with_metadata)
    replies = hanging.get(message.ts)
    if replies and not message.is_reply:
        view |= {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "latest_reply": replies[-1],
        }
    return view
