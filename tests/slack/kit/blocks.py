"""Blocks and modals, with Slack's limits in characters and counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

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
from tests.slack.kit.elements import IMAGE, IN_ACTIONS, IN_INPUT, IN_MODAL_INPUT, IN_SECTION
from tests.slack.kit.parts import ID, URL, plain, rich
from tests.slack.kit.texts import RICH_TEXT

Surface = Literal["message", "modal"]

_TEXT = rich(3000)


def _says_something(block: Any, place: str) -> Iterator[str]:
    if "text" not in block and "fields" not in block:
        yield f"{place}: a section needs a text or fields"


def _section() -> dict[str, Check]:
    keys: dict[str, Check] = {
        "block_id": ID,
        "text": _TEXT,
        "fields": array(rich(2000), 1, 10),
        "accessory": by_type(IN_SECTION),
        "expand": boolean,
    }
    return {"section": both(typed("section", keys)["section"], _says_something)}


def _input(elements: dict[str, Check]) -> dict[str, Check]:
    keys: dict[str, Check] = {
        "block_id": ID,
        "label": plain(2000),
        "element": by_type(elements),
        "hint": plain(2000),
        "optional": boolean,
        "dispatch_action": boolean,
    }
    return typed("input", keys, ("label", "element"))


_SHARED: dict[str, Check] = {
    **_section(),
    **RICH_TEXT,
    **typed("divider", {"block_id": ID}),
    **typed("header", {"block_id": ID, "text": plain(150)}, ("text",)),
    **typed(
        "context",
        {
            "block_id": ID,
            "elements": array(by_type({**IMAGE, "plain_text": _TEXT, "mrkdwn": _TEXT}), 1, 10),
        },
        ("elements",),
    ),
    **typed(
        "actions",
        {"block_id": ID, "elements": array(by_type(IN_ACTIONS), 1, 25)},
        ("elements",),
    ),
    **typed(
        "image",
        {"block_id": ID, "image_url": URL, "alt_text": string(2000, 1), "title": plain(2000)},
        ("image_url", "alt_text"),
    ),
}

_BLOCKS: dict[Surface, Check] = {
    "message": by_type({**_SHARED, **_input(IN_INPUT)}),
    "modal": by_type({**_SHARED, **_input(IN_MODAL_INPUT)}),
}


def blocks_problems(blocks: Any, surface: Surface, most: int) -> Iterator[str]:
    """What is wrong with the blocks of a surface that takes so many."""
    wrong = list(array(_BLOCKS[surface], 0, most)(blocks, "blocks"))
    yield from wrong or _ids_problems(blocks)


def _ids_problems(blocks: list[dict[str, Any]]) -> Iterator[str]:
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    yield from (f"blocks: block_id {each!r} stands twice" for each in _doubled(ids))
    for number, block in enumerate(blocks):
        actions = [each["action_id"] for each in elements_of(block) if "action_id" in each]
        for each in _doubled(actions):
            yield f"blocks/{number}: action_id {each!r} stands twice"
    focused = [each for block in blocks for each in elements_of(block) if each.get("focus_on_load")]
    if len(focused) > 1:
        yield "blocks: more than one element wants the focus"


def _doubled(ids: list[str]) -> list[str]:
    return sorted({each for each in ids if ids.count(each) > 1})


def elements_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    """The interactive elements of a block."""
    match block:
        case {"type": "actions", "elements": list(elements)}:
            return elements
        case {"type": "section", "accessory": dict(accessory)}:
            return [accessory]
        case {"type": "input", "element": dict(element)}:
            return [element]
    return []


_VIEW = record(
    {
        "type": choice("modal"),
        "title": plain(24),
        "blocks": array(_BLOCKS["modal"], 1, 100),
        "submit": plain(24),
        "close": plain(24),
        "private_metadata": string(3000),
        "callback_id": string(255),
        "external_id": string(255),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
    ("type", "title", "blocks"),
)


def view_problems(view: Any) -> Iterator[str]:
    """What is wrong with a modal."""
    wrong = list(_VIEW(view, "view"))
    yield from wrong
    if wrong:
        return
    yield from _ids_problems(view["blocks"])
    if "submit" not in view and any(each["type"] == "input" for each in view["blocks"]):
        yield "view: lacks submit, which a modal with inputs needs"
