"""A call's arguments, whichever way they came: as JSON, as a form or in the address."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from tests.slack.world import Json, Refused

_TS = re.compile(r"\d{1,12}(\.\d{1,6})?")
_STRUCTURED = frozenset({"blocks", "metadata", "view", "attachments"})


def parsed(query: str, content_type: str, body: bytes) -> Json:
    """All arguments of a call. Raises Refused where Slack cannot read them."""
    arguments: Json = dict(parse_qsl(query, keep_blank_values=True))
    if not body:
        return _unfolded(arguments)
    if content_type.startswith("application/json"):
        return {**arguments, **_json_object(body)}
    if content_type.startswith("application/x-www-form-urlencoded"):
        return _unfolded({**arguments, **dict(parse_qsl(body.decode(), keep_blank_values=True))})
    raise Refused("invalid_post_type" if content_type else "missing_post_type")


def _json_object(body: bytes) -> Json:
    try:
        found = json.loads(body)
    except ValueError:
        raise Refused("invalid_json") from None
    if not isinstance(found, dict):
        raise Refused("json_not_object")
    return {name: value for name, value in found.items() if value is not None}


def _unfolded(arguments: Json) -> Json:
    """Arguments of a form; those with a structure stand in it as JSON."""
    for name in _STRUCTURED & arguments.keys():
        try:
            arguments[name] = json.loads(arguments[name])
        except ValueError:
            arguments[name] = None if name == "metadata" else arguments[name]
    return arguments


def text_of(arguments: Json, name: str) -> str:
    """An argument as text; an empty one if it is missing."""
    return str(arguments.get(name) or "")


def flag_of(arguments: Json, name: str, *, absent: bool = False) -> bool:
    """An argument as a truth; forms carry it as 0 or 1."""
    value: Any = arguments.get(name, absent)
    return value if isinstance(value, bool) else str(value).lower() in {"1", "true"}


def limit_of(arguments: Json, usual: int, most: int) -> int:
    """How many things a page may hold. Raises Refused."""
    value = str(arguments.get("limit", usual))
    if not re.fullmatch(r"\d{1,6}", value):
        raise Refused("invalid_limit")
    return min(int(value) or usual, most)


def micros_of(arguments: Json, name: str) -> int | None:
    """A timestamp argument in microseconds. Raises Refused."""
    value = text_of(arguments, name)
    if value in {"", "now"}:
        return None
    if not _TS.fullmatch(value):
        raise Refused(f"invalid_ts_{name}")
    return micros(value)


def micros(ts: str) -> int:
    """A timestamp in microseconds."""
    seconds, _, rest = ts.partition(".")
    return int(seconds) * 1_000_000 + int(rest.ljust(6, "0") or "0")


def page(items: list[Any], arguments: Json, usual: int, most: int) -> tuple[list[Any], Json]:
    """One page of ``items``, and what the answer says about the next. Raises Refused."""
    limit = limit_of(arguments, usual, most)
    cursor = text_of(arguments, "cursor")
    if cursor and not re.fullmatch(r"next:\d+", cursor):
        raise Refused("invalid_cursor")
    start = int(cursor.removeprefix("next:") or 0)
    end = start + limit
    following = f"next:{end}" if end < len(items) else ""
    return items[start:end], {"response_metadata": {"next_cursor": following}}
