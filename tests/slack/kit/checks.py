"""Small checks of JSON values, and their combination: each yields what is wrong, with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

Check = Callable[[Any, str], Iterator[str]]
"""Takes a value and its place in the whole; yields one sentence per mistake."""


def string(most: int, least: int = 0, pattern: str | None = None) -> Check:
    """A text of so many characters."""

    def check(value: Any, place: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{place}: not a string"
        elif not least <= len(value) <= most:
            yield f"{place}: {len(value)} characters, not {least} to {most}"
        elif pattern and not re.fullmatch(pattern, value):
            yield f"{place}: {value!r} has the wrong form"

    return check


def integer(least: int, most: int) -> Check:
    """A whole number."""

    def check(value: Any, place: str) -> Iterator[str]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield f"{place}: not a whole number"
        elif not least <= value <= most:
            yield f"{place}: {value} is not {least} to {most}"

    return check


def boolean(value: Any, place: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield f"{place}: not true or false"


def choice(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: Any, place: str) -> Iterator[str]:
        if value not in allowed:
            yield f"{place}: {value!r} is none of {', '.join(allowed)}"

    return check


def array(item: Check, least: int, most: int) -> Check:
    """A list of so many items."""

    def check(value: Any, place: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{place}: not a list"
            return
        if not least <= len(value) <= most:
            yield f"{place}: {len(value)} items, not {least} to {most}"
        for number, each in enumerate(value):
            yield from item(each, f"{place}/{number}")

    return check


def record(keys: Mapping[str, Check], required: Collection[str] = ()) -> Check:
    """An object with these keys and no others."""

    def check(value: Any, place: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{place}: not an object"
            return
        yield from (f"{place}: lacks {name}" for name in required if name not in value)
        for name, each in value.items():
            if name in keys:
                yield from keys[name](each, f"{place}/{name}")
            else:
                yield f"{place}: unknown key {name}"

    return check


def by_type(kinds: Mapping[str, Check]) -> Check:
    """An object whose ``type`` says which check it must pass."""

    def check(value: Any, place: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, str) and kind in kinds:
            yield from kinds[kind](value, place)
        else:
            yield f"{place}: type {kind!r} is not allowed here"

    return check


def typed(kind: str, keys: Mapping[str, Check], required: Collection[str] = ()) -> dict[str, Check]:
    """An object of one type, to be put among the kinds of :func:`by_type`."""
    return {kind: record({"type": choice(kind), **keys}, ("type", *required))}


def both(first: Check, second: Check) -> Check:
    """Two checks, one after the other."""

    def check(value: Any, place: str) -> Iterator[str]:
        wrong = list(first(value, place))
        yield from wrong or second(value, place)

    return check
