"""Clicks and modals as Slack tells an app of them, and what the app's answers do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.slack.clicks import Clicks
from tests.slack.conftest import Scene
from tests.slack.forms import NotSubmittable
from tests.slack.receiver import Receiver, receiver
from tests.slack.samples import actions, button, entry, modal, options, section
from tests.slack.world import Json, Modal

NOTE = entry("note", "plain_text_input", multiline=True)


class Desk(NamedTuple):
    """A scene with an app that takes clicks."""

    scene: Scene
    app: Receiver
    clicks: Clicks

    def ask(self) -> str:
        """Post a message with a button; return its timestamp."""
        return self.scene.post(blocks=[section(), actions(button(value="7"))])

    def trigger(self) -> str:
        """Let Mira press the button of a new message; return what a modal is opened with."""
        self.press(self.ask())
        return str(self.app.payloads[-1]["trigger_id"])

    def press(self, ts: str, action_id: str = "holdfast.acknowledge") -> int:
        """Let Mira press a button; return the status of the app's answer."""
        return self.clicks.press(self.scene.mira, self.scene.room, ts, action_id).status

    def open(self, *blocks: Json, **more: object) -> Modal:
        """Open a modal before Mira."""
        self.scene.client.views_open(trigger_id=self.trigger(), view=modal(*blocks, **more))
        return self.scene.slack.view(self.scene.mira)


@pytest.fixture
def desk(scene: Scene) -> Iterator[Desk]:
    """An app beside the scene."""
    with receiver(scene.slack.signing_secret) as app:
        yield Desk(scene, app, Clicks(scene.slack, app.url))


def test_a_press_is_told_as_slack_tells_it(desk: Desk) -> None:
    """Who, where, on which message, which button with which value; plain text is escaped."""
    label = button(value="a & b", text={"type": "plain_text", "text": "Q & <A>"})
    ts = desk.scene.post(blocks=[actions(label)])
    assert desk.press(ts) == 200
    (payload,) = desk.app.payloads
    (action,) = payload["actions"]
    assert payload["type"] == "block_actions"
    assert payload["user"]["id"] == desk.scene.mira.id
    assert (payload["team"]["id"], payload["user"]["team_id"]) == (desk.scene.slack.team,) * 2
    assert payload["container"]["message_ts"] == payload["message"]["ts"] == ts
    assert (payload["channel"]["id"], action["value"]) == (desk.scene.room.id, "a & b")
    assert action["text"]["text"] == "Q &amp; &lt;A&gt;"
    assert action["block_id"] == "answers"


def test_what_is_not_there_cannot_be_pressed(desk: Desk) -> None:
    """Neither a button that was taken away nor a message that is gone."""
    ts = desk.ask()
    with pytest.raises(AssertionError, match="no button"):
        desk.press(ts, "holdfast.escalate")
    desk.scene.client.chat_update(channel=desk.scene.room.id, ts=ts, text="Done.", blocks=[])
    with pytest.raises(AssertionError, match="no button"):
        desk.press(ts)
    with pytest.raises(AssertionError, match="no message"):
        desk.press("1.000001")


def test_signatures_hold_for_the_very_bytes_and_for_five_minutes(desk: Desk) -> None:
    """Tampered with, or too old, they are worth nothing; replayed, they still hold."""
    payload = desk.clicks.press_payload(
        desk.scene.mira, desk.scene.room, desk.ask(), "holdfast.acknowledge"
    )
    headers, body = desk.clicks.signed(payload)
    assert desk.clicks.send(headers, body + b"&x=1").status == 401
    assert desk.clicks.deliver(payload, at=desk.scene.slack.workspace.now() - 310).status == 401
    assert desk.clicks.send(headers, body).status == 200
    assert desk.clicks.replay().status == 200
    assert len(desk.app.payloads) == 2


def test_a_trigger_opens_one_modal(desk: Desk) -> None:
    """Once, and for three seconds."""
    trigger, view = desk.trigger(), modal(section())
    assert desk.scene.client.views_open(trigger_id=trigger, view=view)["view"]["id"]
    again = desk.scene.refusal("views.open", trigger_id=trigger, view=view)
    assert again == "exchanged_trigger_id"
    late = desk.trigger()
    desk.scene.slack.later(3.1)
    assert desk.scene.refusal("views.open", trigger_id=late, view=view) == "expired_trigger_id"
    assert desk.scene.refusal("views.open", trigger_id="1.2.x", view=view) == "invalid_trigger_id"


def test_a_bad_modal_is_refused(desk: Desk) -> None:
    """For its shape and for its size; the trigger is not used up by it."""
    trigger = desk.trigger()
    bad = modal(section(), title={"type": "plain_text", "text": "x" * 25})
    assert desk.scene.refusal("views.open", trigger_id=trigger, view=bad) == "invalid_arguments"
    large = modal(*[section("x" * 3000)] * 100)
    assert desk.scene.refusal("views.open", trigger_id=trigger, view=large) == "view_too_large"
    assert desk.scene.client.views_open(trigger_id=trigger, view=modal(section()))["ok"]


def test_a_submission_carries_what_was_entered(desk: Desk) -> None:
    """An input of each kind, in the form in which Slack sends it."""
    file = desk.scene.slack.attach(desk.scene.mira, "protocol.pdf", b"%PDF-")
    opened = desk.open(
        NOTE,
        entry("day", "datepicker"),
        entry("why", "static_select", options=options("strike", "flood")),
        entry("who", "multi_static_select", options=options("a", "b", "c")),
        entry("how", "radio_buttons", options=options("air", "road")),
        entry("also", "checkboxes", optional=True, options=options("x")),
        entry("proof", "file_input", filetypes=["pdf"], max_files=2),
        private_metadata="L-7",
    )
    values = {"note": "a & b", "day": "2026-10-01", "why": "flood", "who": ["a", "c"]}
    desk.clicks.submit(desk.scene.mira, opened, {**values, "how": "air", "proof": [file]})
    view = desk.app.payloads[-1]["view"]
    state = {name: block[name] for name, block in view["state"]["values"].items()}
    assert (view["id"], view["private_metadata"], view["callback_id"]) == (opened.id, "L-7", "done")
    assert state["note"] == {"type": "plain_text_input", "value": "a & b"}
    assert state["day"]["selected_date"] == "2026-10-01"
    assert state["why"]["selected_option"]["value"] == "flood"
    assert [each["value"] for each in state["who"]["selected_options"]] == ["a", "c"]
    assert state["how"]["selected_option"]["value"] == "air"
    assert state["also"] == {"type": "checkboxes", "selected_options": []}
    assert state["proof"]["files"] == [file]
    assert desk.scene.slack.views == []


def test_what_slack_lets_nobody_submit(desk: Desk) -> None:
    """An empty input that must be filled, an option that is not offered, too long a text."""
    short = entry("name", "plain_text_input", optional=True, max_length=3)
    pick = entry("why", "static_select", optional=True, options=options("strike"))
    opened = desk.open(NOTE, short, pick)
    for values in ({}, {"note": "."} | {"name": "long"}, {"note": ".", "why": "war"}, {"x": "."}):
        with pytest.raises(NotSubmittable):
            desk.clicks.submit(desk.scene.mira, opened, values)
    assert len(desk.app.payloads) == 1


def test_errors_keep_the_modal_open(desk: Desk) -> None:
    """Under their inputs, until it is submitted again; the view keeps its id."""
    opened = desk.open(NOTE)
    desk.app.answer = {"response_action": "errors", "errors": {"note": "Say more."}}
    answer = desk.clicks.submit(desk.scene.mira, opened, {"note": "."})
    assert answer.errors == {"note": "Say more."}
    assert desk.scene.slack.view(desk.scene.mira).errors == {"note": "Say more."}
    desk.app.answer = None
    desk.clicks.submit(desk.scene.mira, opened, {"note": "Called the plant."})
    assert desk.scene.slack.views == []
    ids = [each["view"]["id"] for each in desk.app.payloads[1:]]
    assert ids == [opened.id, opened.id]


def test_errors_name_inputs(desk: Desk) -> None:
    """Anything else is an error in Slack, and here."""
    opened = desk.open(NOTE)
    desk.app.answer = {"response_action": "errors", "errors": {"other": "Say more."}}
    with pytest.raises(AssertionError, match="not all inputs"):
        desk.clicks.submit(desk.scene.mira, opened, {"note": "."})


def test_an_answer_may_change_push_or_clear(desk: Desk) -> None:
    """In place, on top at most three deep, or away with all."""
    opened, mira = desk.open(NOTE), desk.scene.mira
    desk.app.answer = {"response_action": "update", "view": modal(NOTE, external_id="second")}
    desk.clicks.submit(mira, opened, {"note": "."})
    changed = desk.scene.slack.view(mira)
    assert (changed.id, changed.view["external_id"], len(changed.former)) == (
        opened.id,
        "second",
        1,
    )
    desk.app.answer = {"response_action": "push", "view": modal(NOTE)}
    desk.clicks.submit(mira, opened, {"note": "."})
    pushed = desk.scene.slack.view(mira)
    assert (pushed.view["previous_view_id"], len(desk.scene.slack.views)) == (opened.id, 2)
    desk.app.answer = {"response_action": "clear"}
    desk.clicks.submit(mira, pushed, {"note": "."})
    assert desk.scene.slack.views == []


def test_a_modal_changes_while_it_is_open(desk: Desk) -> None:
    """Unless it has changed meanwhile, or is gone."""
    opened = desk.open(NOTE)
    changed: dict[str, Any] = {"view_id": opened.id, "view": modal(section())}
    assert desk.scene.client.views_update(**changed, hash=opened.view["hash"])["ok"]
    assert desk.scene.refusal("views.update", **changed, hash="old") == "hash_conflict"
    desk.clicks.close(desk.scene.mira, opened)
    assert desk.scene.refusal("views.update", **changed) == "not_found"
    assert [each["type"] for each in desk.app.payloads] == ["block_actions"]


def test_modals_are_pushed_from_buttons_within(desk: Desk) -> None:
    """And the app is told that they were closed only if it wants to know."""
    opened = desk.open(actions(button("holdfast.more")), notify_on_close=True)
    desk.clicks.press_in_view(desk.scene.mira, opened, "holdfast.more")
    payload = desk.app.payloads[-1]
    assert payload["container"] == {"type": "view", "view_id": opened.id}
    desk.scene.client.views_push(trigger_id=payload["trigger_id"], view=modal(section()))
    assert len(desk.scene.slack.views) == 2
    desk.clicks.close(desk.scene.mira, desk.scene.slack.view(desk.scene.mira))
    desk.clicks.close(desk.scene.mira, opened)
    assert desk.app.payloads[-1]["type"] == "view_closed"


def test_a_failing_app_leaves_the_modal_open(desk: Desk) -> None:
    """Slack says that it had trouble connecting."""
    opened = desk.open(NOTE)
    desk.app.status = 500
    assert desk.clicks.submit(desk.scene.mira, opened, {"note": "."}).status == 500
    assert [each.id for each in desk.scene.slack.views] == [opened.id]
