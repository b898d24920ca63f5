"""Reading one line of the ledger, and refusing everything that could be read in two ways."""

from __future__ import annotations

import json
from typing import Any, Never

MAX_DEPTH = 32
_LIMIT = 2**53
_DIGITS = 16


class NotCanonical(ValueError):
    """A line that is not the one form in which the ledger writes it; says why."""


def parse(text: str) -> dict[str, Any]:
    """Return the JSON object that ``text`` is the canonical form of; raise NotCanonical otherwise.

    The profile of RFC 8785 on which every writer agrees: no floats, integers below 2**53, ASCII
    keys, no duplicate key, no surrogate, at most 32 levels deep.
    """
    document = _decode(text)
    if not isinstance(document, dict):
        message = "it is not a JSON object"
        raise NotCanonical(message)
    if _depth(document) > MAX_DEPTH:
        message = f"it is nested deeper than {MAX_DEPTH} levels"
        raise NotCanonical(message)
    if _encode(document) != text:
        message = "it is not in canonical form (order of keys, spaces, escapes or line ends)"
        raise NotCanonical(message)
    return document


def _decode(text: str) -> object:
    try:
        text.encode()
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except NotCanonical:
        raise
    except UnicodeEncodeError:
        message = "it is not valid UTF-8"
    except RecursionError:
        message = f"it is nested deeper than {MAX_DEPTH} levels"
    except ValueError as error:
        message = f"it is not JSON ({error})"
    raise NotCanonical(message) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if not key.isascii():
            message = f"the key {key!r} is not ASCII"
            raise NotCanonical(message)
        if key in found:
            message = f"the key {key!r} stands twice"
            raise NotCanonical(message)
        found[key] = value
    return found


def _integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > _DIGITS or abs(int(digits)) >= _LIMIT:
        message = f"the number {digits[:20]} is not below 2**53"
        raise NotCanonical(message)
    return int(digits)


def _no_float(digits: str) -> Never:
    message = f"the number {digits[:20]} is a float"
    raise NotCanonical(message)


def _depth(document: object) -> int:
    deepest = 0
    waiting = [(document, 1)]
    while waiting:
        value, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(value, dict):
            waiting.extend((item, depth + 1) for item in value.values())
        elif isinstance(value, list):
            waiting.extend((item, depth + 1) for item in value)
    return deepest


def _encode(document: dict[str, Any]) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
