"""Block elements: buttons, menus and inputs, with Slack's limits in characters and counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.slack.kit.checks import (
    Check,
    array,
    boolean,
    both,
    choice,
    integer,
    record,
    string,
    typed,
)
from tests.slack.kit.parts import (
    CONFIRM,
    ID,
    MENU_OPTION,
    OPTION,
    RICH_OPTION,
    STYLE,
    URL,
    menu,
    options_agree,
    plain,
)

_DATE = string(10, 10, r"\d{4}-\d{2}-\d{2}")
_TIME = string(5, 5, r"\d{2}:\d{2}")
_USER = string(20, 2, r"[UW][A-Z0-9]+")
_CONVERSATION = string(20, 2, r"[CGD][A-Z0-9]+")

_COMMON: dict[str, Check] = {"action_id": ID, "focus_on_load": boolean}
_PLACED: dict[str, Check] = {**_COMMON, "placeholder": plain(150)}
_CONFIRMED: dict[str, Check] = {**_PLACED, "confirm": CONFIRM}


def _button_acts(element: Any, place: str) -> Iterator[str]:
    if "action_id" not in element:
        yield f"{place}: a button without action_id cannot be told from others"


BUTTON = {
    "button": both(
        typed(
            "button",
            {
                "text": plain(75),
                "action_id": ID,
                "url": URL,
                "value": string(2000),
                "style": STYLE,
                "confirm": CONFIRM,
                "accessibility_label": string(75, 1),
            },
            ("text",),
        )["button"],
        _button_acts,
    )
}

IMAGE = typed("image", {"image_url": URL, "alt_text": string(2000, 1)}, ("image_url", "alt_text"))

OVERFLOW = {
    "overflow": both(
        typed(
            "overflow",
            {"action_id": ID, "options": array(MENU_OPTION, 1, 5), "confirm": CONFIRM},
            ("options",),
        )["overflow"],
        options_agree,
    )
}

_MANY = {"max_selected_items": integer(1, 100)}
MENUS = {
    **menu("static_select", {"initial_option": OPTION}),
    **menu("multi_static_select", {"initial_options": array(OPTION, 1, 100), **_MANY}),
    **typed("users_select", {**_CONFIRMED, "initial_user": _USER}),
    **typed("multi_users_select", {**_CONFIRMED, "initial_users": array(_USER, 1, 100), **_MANY}),
    **typed(
        "conversations_select",
        {
            **_CONFIRMED,
            "initial_conversation": _CONVERSATION,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": record(
                {
                    "include": array(choice("im", "mpim", "private", "public"), 1, 4),
                    "exclude_external_shared_channels": boolean,
                    "exclude_bot_users": boolean,
                }
            ),
        },
    ),
    **typed(
        "channels_select",
        {**_CONFIRMED, "initial_channel": _CONVERSATION, "response_url_enabled": boolean},
    ),
}

PICKERS = {
    **typed("datepicker", {**_CONFIRMED, "initial_date": _DATE}),
    **typed("timepicker", {**_CONFIRMED, "initial_time": _TIME, "timezone": string(100, 1)}),
    **typed(
        "datetimepicker",
        {**_COMMON, "confirm": CONFIRM, "initial_date_time": integer(10**9, 10**10 - 1)},
    ),
}


def _choices(kind: str, more: dict[str, Check]) -> dict[str, Check]:
    keys = {**_COMMON, "confirm": CONFIRM, "options": array(RICH_OPTION, 1, 10), **more}
    return {kind: both(typed(kind, keys, ("options",))[kind], options_agree)}


CHOICES = {
    **_choices("radio_buttons", {"initial_option": RICH_OPTION}),
    **_choices("checkboxes", {"initial_options": array(RICH_OPTION, 1, 10)}),
}

_DISPATCH = {
    "dispatch_action_config": record(
        {"trigger_actions_on": array(choice("on_enter_pressed", "on_character_entered"), 1, 2)}
    )
}


def _lengths_agree(element: Any, place: str) -> Iterator[str]:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if least > most:
        yield f"{place}: min_length is above max_length"
    if not element.get("initial_value") or least <= len(element["initial_value"]) <= most:
        return
    yield f"{place}: the initial value does not fit"


TEXTS = {
    "plain_text_input": both(
        typed(
            "plain_text_input",
            {
                **_PLACED,
                **_DISPATCH,
                "initial_value": string(3000),
                "multiline": boolean,
                "min_length": integer(0, 3000),
                "max_length": integer(1, 3000),
            },
        )["plain_text_input"],
        _lengths_agree,
    ),
    **typed("email_text_input", {**_PLACED, **_DISPATCH, "initial_value": string(3000)}),
    **typed("url_text_input", {**_PLACED, **_DISPATCH, "initial_value": string(3000)}),
    **typed(
        "number_input",
        {
            **_PLACED,
            **_DISPATCH,
            "is_decimal_allowed": boolean,
            "initial_value": string(30),
            "min_value": string(30, 1),
            "max_value": string(30, 1),
        },
        ("is_decimal_allowed",),
    ),
}

FILES = typed(
    "file_input",
    {
        "action_id": ID,
        "filetypes": array(string(20, 1, r"[a-z0-9]+"), 1, 100),
        "max_files": integer(1, 10),
    },
)

IN_SECTION = {**BUTTON, **IMAGE, **OVERFLOW, **MENUS, **PICKERS, **CHOICES}
IN_SECTION.pop("datetimepicker")
IN_ACTIONS = {**BUTTON, **OVERFLOW, **MENUS, **PICKERS, **CHOICES}
IN_INPUT = {**MENUS, **PICKERS, **CHOICES, **TEXTS}
IN_MODAL_INPUT = {**IN_INPUT, **FILES}
