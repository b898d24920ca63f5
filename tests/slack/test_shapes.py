"""The shapes that Slack accepts, and each that it refuses; what is live in a text."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.slack import shapes
from tests.slack.samples import actions, button, entry, modal, options, plain, section
from tests.slack.world import Json

MARKED = {"type": "mrkdwn", "text": "*loud*"}
CONFIRM = {name: plain(name) for name in ("title", "text", "confirm", "deny")}
RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "Due ", "style": {"bold": True}},
                {"type": "date", "timestamp": 1791000000, "format": "{date}", "fallback": "soon"},
                {"type": "link", "url": "https://ardent.example", "text": "here"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "bullet",
            "elements": [{"type": "rich_text_section", "elements": []}],
        },
        {"type": "rich_text_quote", "elements": [{"type": "user", "user_id": "U061F7AUR"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "<!here>"}]},
    ],
}
FINE: list[Json] = [
    {"type": "header", "text": plain("Rung 2 of 5")},
    section(fields=[MARKED] * 10, accessory=button()),
    {"type": "divider"},
    {"type": "context", "elements": [MARKED, plain("L-7F3")]},
    actions(
        button(style="danger", confirm=CONFIRM, value="x" * 2000), button("b", url="https://x.y")
    ),
    RICH,
]


def test_what_is_right_passes() -> None:
    """Here as in the SDK's own models."""
    message = {"text": "Rung 2.", "blocks": FINE}
    assert shapes.check_message(message) == []
    assert all(Block.parse(each).to_dict() for each in FINE)  # type: ignore[union-attr]
    view = modal(section(), entry("note", "plain_text_input", max_length=3000))
    assert shapes.check_view(view) == []
    assert View(**view).to_dict()


def changed(block: Json, **more: Any) -> Json:
    """A block with other values."""
    return {**block, **more}


@pytest.mark.parametrize(
    ("block", "why"),
    [
        (changed(FINE[0], text=plain("x" * 151)), "151 characters"),
        (changed(FINE[0], text=MARKED), "'mrkdwn' is not allowed"),
        (section("x" * 3001), "3001 characters"),
        (section(""), "0 characters"),
        (section(fields=[MARKED] * 11), "11 items"),
        (section(fields=[{"type": "mrkdwn", "text": "x" * 2001}]), "2001 characters"),
        (section(colour="red"), "unknown key colour"),
        (section(accessory=entry("a", "file_input")["element"]), "'file_input' is not allowed"),
        (section(block_id="x" * 256), "256 characters"),
        ({"type": "section"}, "needs a text or fields"),
        ({"type": "banner"}, "'banner' is not allowed"),
        ({"type": "context", "elements": [MARKED] * 11}, "11 items"),
        (actions(*[button(f"b{n}") for n in range(26)]), "26 items"),
        (actions(), "0 items"),
        (actions(button(), button()), "stands twice"),
        (actions(button(text=plain("x" * 76))), "76 characters"),
        (actions(button(text=MARKED)), "'mrkdwn' is not allowed"),
        (actions(button(value="x" * 2001)), "2001 characters"),
        (actions(button("x" * 256)), "256 characters"),
        (actions(button(style="green")), "'green' is none of"),
        (actions(button(confirm={"title": plain("Sure?")})), "lacks text"),
        (actions(button(confirm={**CONFIRM, "title": plain("x" * 101)})), "101 characters"),
        (actions(button(confirm={**CONFIRM, "text": plain("x" * 301)})), "301 characters"),
        (actions(button(confirm={**CONFIRM, "deny": plain("x" * 31)})), "31 characters"),
        (actions({"type": "overflow", "action_id": "o", "options": options(*"abcdef")}), "6 items"),
        (changed(RICH, elements=[MARKED]), "'mrkdwn' is not allowed"),
        (entry("f", "file_input"), "'file_input' is not allowed"),
        (entry("s", "static_select", options=options("a", "a")), "the same value"),
        (entry("s", "static_select", options=options("x" * 151)), "characters"),
        (entry("s", "static_select"), "either options or option_groups"),
        (
            entry("s", "static_select", options=options("a"), initial_option=options("b")[0]),
            "not offered",
        ),
        (entry("r", "radio_buttons", options=options(*"abcdefghijk")), "11 items"),
        (entry("d", "datepicker", initial_date="1 Oct 2026"), "wrong form"),
    ],
)
def test_what_is_wrong_is_named(block: Json, why: str) -> None:
    """Each mistake by itself, with its place."""
    problems = shapes.check_blocks([block])
    assert any(why in each for each in problems), problems
    assert all(each.startswith("blocks") for each in problems)


def test_ids_of_blocks_stand_once() -> None:
    """In one message."""
    assert shapes.check_blocks([section(block_id="a"), section(block_id="a")])


@pytest.mark.parametrize(
    ("view", "why"),
    [
        (modal(section(), title=plain("x" * 25)), "25 characters"),
        (modal(section(), submit=plain("x" * 25)), "25 characters"),
        (modal(*[section()] * 101), "101 items"),
        (modal(section(), private_metadata="x" * 3001), "3001 characters"),
        (modal(section(), callback_id="x" * 256), "256 characters"),
        (modal(section(), colour="red"), "unknown key colour"),
        (modal(entry("f", "file_input", max_files=11)), "11 is not 1 to 10"),
        (modal(entry("t", "plain_text_input", max_length=3001)), "3001 is not"),
        (modal(entry("t", "plain_text_input", min_length=5, max_length=2)), "above max_length"),
        (modal(entry("t", "plain_text_input", placeholder=plain("x" * 151))), "151 characters"),
        ({"type": "modal", "title": plain("x"), "blocks": [entry("d", "datepicker")]}, "submit"),
    ],
)
def test_what_is_wrong_in_a_modal_is_named(view: Json, why: str) -> None:
    """Each mistake by itself."""
    problems = shapes.check_view(view)
    assert any(why in each for each in problems), problems


def test_a_message_is_said_in_words_too() -> None:
    """For screen readers; and short enough to be edited."""
    assert shapes.check_message({"blocks": FINE}) != []
    assert shapes.check_message({"text": "x" * 4001}) != []
    assert shapes.check_message({"text": ".", "metadata": {"event_type": "a b"}}) != []


def test_what_is_live_is_found() -> None:
    """In texts with markup and in elements that act; not in what is plain, escaped or literal."""
    payload = {
        "text": "<!channel> &lt;!here&gt;",
        "blocks": [section("<https://x.y|z>"), actions(button(text=plain("<@U1>"))), RICH],
    }
    assert shapes.live_text(payload)[:2] == ["<!channel> &lt;!here&gt;", "<https://x.y|z>"]
    assert shapes.live_marks(payload) == [
        "<!channel>",
        "<https://x.y|z>",
        "<https://ardent.example>",
        "<@U061F7AUR>",
    ]
