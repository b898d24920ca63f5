"""Parsing: what a payload of Slack's asks for, as far as it is one of ours and can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple, get_args

from pydantic import ValidationError

from channels.blocks import ACTION_PREFIX
from channels.message import Handle
from ladders.errors import HoldfastError
from ladders.events import ActionName
from web.payloads import FORM, MENU, Carried, Press, Pressed, Submission

_NAMES: tuple[ActionName, ...] = get_args(ActionName)
MORE = "more"
"""The name of the button that opens the choice of all other answers."""


class NotAPayload(HoldfastError):
    """Something that is signed by Slack, or says so, and has not the form of its payloads."""


class Click(NamedTuple):
    """A button of ours that was pressed, what it is given to, and when we received it."""

    press: Press
    pressed: Pressed
    handle: Handle
    at: datetime

    @property
    def name(self) -> ActionName | None:
        """The answer that it gives; None where it asks for others."""
        return action_named(self.pressed.action_id.removeprefix(ACTION_PREFIX))


def clicks_in(payload: Mapping[str, Any], at: datetime) -> list[Click]:
    """The presses of our own buttons, received ``at`` that instant. Raises NotAPayload."""
    with parsing():
        press = Press.model_validate(payload)
        return [
            Click(press, pressed, Handle.model_validate_json(pressed.value), at)
            for pressed in press.actions
            if _is_ours(pressed.action_id)
        ]


def submission_in(payload: Mapping[str, Any]) -> tuple[Submission, Carried | None]:
    """A form that was sent, and what it carries if it is one of ours. Raises NotAPayload."""
    with parsing():
        sent = Submission.model_validate(payload)
        if sent.view.callback_id not in (FORM, MENU):
            return sent, None
        return sent, Carried.model_validate_json(sent.view.private_metadata)


@contextmanager
def parsing() -> Iterator[None]:
    """Raise NotAPayload where Slack's own words cannot be read; nothing else belongs in here."""
    try:
        yield
    except ValidationError as error:
        what = f"a payload of Slack's has {error.error_count()} parts that cannot be read"
        raise NotAPayload(what, "nothing was recorded; press the button again") from None


def _is_ours(action_id: str) -> bool:
    name = action_id.removeprefix(ACTION_PREFIX)
    return action_id.startswith(ACTION_PREFIX) and name in (*_NAMES, MORE)


def action_named(name: str) -> ActionName | None:
    """The answer of that name; None if there is none."""
    return next((each for each in _NAMES if each == name), None)
