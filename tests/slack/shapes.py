"""What Slack refuses in a message or a modal, and what it would make live. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.slack.kit.blocks import blocks_problems, view_problems
from tests.slack.world import Json

HEAVIEST = 11_000
"""Characters of text in all blocks of a message together. Slack publishes no figure, and
has refused 13,300 in one large block and 11,341 in many small ones."""

LARGEST_METADATA = 16_000  # bytes of JSON
_LONGEST_TEXT = 4_000
_EVENT_TYPE = re.compile(r"[A-Za-z0-9_]{1,255}")
_MARK = re.compile(r"<[^<>]*>")


def check_message(payload: Json) -> list[str]:
    """What Slack would refuse in a message, or cut, or refuse in an edit of it."""
    problems = check_blocks(payload.get("blocks") or [])
    text = payload.get("text") or ""
    if not text:
        problems.append("text: is missing; screen readers and notifications need it")
    if len(text) > _LONGEST_TEXT:
        problems.append(f"text: {len(text)} characters, an edit takes {_LONGEST_TEXT}")
    if "metadata" in payload:
        problems += check_metadata(payload["metadata"])
    if weight(payload.get("blocks") or []) > HEAVIEST:
        problems.append(f"blocks: together longer than {HEAVIEST} characters")
    return problems


def check_blocks(blocks: Any) -> list[str]:
    """What is wrong with a message's blocks, each with its place."""
    return list(blocks_problems(blocks, "message", most=50))


def check_view(view: Any) -> list[str]:
    """What is wrong with a modal, each with its place."""
    return list(view_problems(view))


def check_metadata(metadata: Any) -> list[str]:
    """What is wrong with a message's metadata."""
    if not isinstance(metadata, dict):
        return ["metadata: not a JSON object"]
    problems = [f"metadata: unknown key {name}" for name in metadata.keys() - _METADATA_KEYS]
    if not _EVENT_TYPE.fullmatch(str(metadata.get("event_type", ""))):
        problems.append("metadata.event_type: letters, digits and underscores")
    if not isinstance(metadata.get("event_payload"), dict):
        problems.append("metadata.event_payload: not a JSON object")
    return problems


_METADATA_KEYS = frozenset({"event_type", "event_payload"})


def weight(value: Any) -> int:
    """How many characters of text stand in blocks."""
    if isinstance(value, list):
        return sum(map(weight, value))
    if not isinstance(value, dict):
        return 0
    own = value["text"] if isinstance(value.get("text"), str) else ""
    return len(own) + sum(map(weight, value.values()))


def live_text(payload: Json) -> list[str]:
    """Every string in a message in which Slack looks for mentions and links, entities and all."""
    own = [payload["text"]] if payload.get("text") else []
    return own + list(_live(payload.get("blocks") or []))


def _live(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _live(each)
    elif isinstance(value, dict):
        if value.get("type") in {"mrkdwn", "markdown"}:
            yield str(value.get("text", ""))
        yield from _mention(value)
        for each in value.values():
            yield from _live(each)


def _mention(element: Json) -> Iterator[str]:
    """A rich text element that acts, in the form that it has in text."""
    match element:
        case {"type": "user", "user_id": str(user)}:
            yield f"<@{user}>"
        case {"type": "channel", "channel_id": str(channel)}:
            yield f"<#{channel}>"
        case {"type": "usergroup", "usergroup_id": str(group)}:
            yield f"<!subteam^{group}>"
        case {"type": "broadcast", "range": str(reach)}:
            yield f"<!{reach}>"
        case {"type": "link", "url": str(url)}:
            yield f"<{url}>"


def live_marks(payload: Json) -> list[str]:
    """Every mention, link and date in a message that acts; what is escaped does not."""
    return [mark for text in live_text(payload) for mark in _MARK.findall(text)]
