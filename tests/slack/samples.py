"""A message with a button and a modal with an input of each kind, for the fake's own tests."""

from __future__ import annotations

from typing import Any

from tests.slack.world import Json


def plain(text: str) -> Json:
    """A text in which nothing is markup."""
    return {"type": "plain_text", "text": text}


def button(action_id: str = "holdfast.acknowledge", **more: Any) -> Json:
    """A button."""
    return {"type": "button", "action_id": action_id, "text": plain("Acknowledge"), **more}


def actions(*elements: Json) -> Json:
    """A row of buttons."""
    return {"type": "actions", "block_id": "answers", "elements": list(elements)}


def section(text: str = "Please *act*.", **more: Any) -> Json:
    """A paragraph with markup."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def entry(name: str, kind: str, *, optional: bool = False, **more: Any) -> Json:
    """An input of a modal; its block and its element have the same name."""
    element = {"type": kind, "action_id": name, **more}
    block = {"type": "input", "block_id": name, "label": plain(name.title()), "element": element}
    return {**block, "optional": True} if optional else block


def options(*values: str) -> list[Json]:
    """Options of a menu."""
    return [{"text": plain(value.title()), "value": value} for value in values]


def modal(*blocks: Json, **more: Any) -> Json:
    """A modal with a button to submit it."""
    texts = {"title": plain("Action done"), "submit": plain("Record"), "close": plain("Cancel")}
    return {"type": "modal", "callback_id": "done", "blocks": list(blocks), **texts, **more}
