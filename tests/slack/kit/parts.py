"""Composition objects: texts, options and confirm dialogs, with Slack's limits in characters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.slack.kit.checks import (
    Check,
    array,
    boolean,
    both,
    by_type,
    choice,
    record,
    string,
    typed,
)

ID = string(255, 1)
URL = string(3000, 1, r"(?:https?|mailto|slack):.+")
STYLE = choice("primary", "danger")


def plain(most: int) -> Check:
    """A text in which nothing is markup."""
    return by_type(_plain(most))


def rich(most: int) -> Check:
    """A text, plain or with markup."""
    return by_type(_plain(most) | _mrkdwn(most))


def _plain(most: int) -> dict[str, Check]:
    keys = {"text": string(most, 1), "emoji": boolean}
    return typed("plain_text", keys, ("text",))


def _mrkdwn(most: int) -> dict[str, Check]:
    keys = {"text": string(most, 1), "verbatim": boolean}
    return typed("mrkdwn", keys, ("text",))


CONFIRM = record(
    {
        "title": plain(100),
        "text": plain(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": STYLE,
    },
    ("title", "text", "confirm", "deny"),
)

_VALUE = string(150, 1)
OPTION = record(
    {"text": plain(75), "value": _VALUE, "description": plain(75)},
    ("text", "value"),
)
RICH_OPTION = record(
    {"text": rich(75), "value": _VALUE, "description": rich(75)},
    ("text", "value"),
)
MENU_OPTION = record(
    {"text": plain(75), "value": _VALUE, "description": plain(75), "url": URL},
    ("text", "value"),
)
OPTION_GROUP = record(
    {"label": plain(75), "options": array(OPTION, 1, 100)},
    ("label", "options"),
)


def options_agree(element: Any, place: str) -> Iterator[str]:
    """Values differ from one another, and what is chosen at first is among the options."""
    options = [*element.get("options", [])]
    for group in element.get("option_groups", []):
        options += group["options"]
    values = [each["value"] for each in options]
    if len(set(values)) < len(values):
        yield f"{place}: two options have the same value"
    first = [element["initial_option"]] if "initial_option" in element else []
    for each in [*first, *element.get("initial_options", [])]:
        if each not in options:
            yield f"{place}: the initial option {each['value']!r} is not offered"


def one_source(element: Any, place: str) -> Iterator[str]:
    """A menu has options or groups of them, not both."""
    if ("options" in element) == ("option_groups" in element):
        yield f"{place}: needs either options or option_groups"


def menu(kind: str, more: dict[str, Check]) -> dict[str, Check]:
    """A select menu with options of its own."""
    keys = {
        "action_id": ID,
        "placeholder": plain(150),
        "options": array(OPTION, 1, 100),
        "option_groups": array(OPTION_GROUP, 1, 100),
        "confirm": CONFIRM,
        "focus_on_load": boolean,
        **more,
    }
    shape = typed(kind, keys)[kind]
    return {kind: both(shape, both(one_source, options_agree))}
