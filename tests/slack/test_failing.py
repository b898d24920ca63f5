"""The fake Slack fails as Slack does: by script, by seed, by pace, and for days."""

from __future__ import annotations

from http.client import RemoteDisconnected
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from tests.slack.conftest import Scene
from tests.slack.fake import fake_slack
from tests.slack.faults import Faults, usual_faults


def test_scripted_failures_come_first(scene: Scene) -> None:
    """So many of them, and nothing is done."""
    scene.slack.fail("chat.postMessage", "internal_error", times=2)
    told: dict[str, Any] = {"channel": scene.room.id, "text": "."}
    for _ in range(2):
        assert scene.refusal("chat.postMessage", **told) == "internal_error"
    scene.post()
    assert len(scene.slack.messages()) == 1
    answers = [each.answer for each in scene.slack.called("chat.postMessage")]
    assert answers == ["internal_error", "internal_error", "ok"]


def test_each_fault_is_what_it_says(scene: Scene) -> None:
    """Of two the message is there, of three it is not."""
    told: dict[str, Any] = {"channel": scene.room.id, "text": "."}
    scene.slack.fail("chat.postMessage", "ratelimited")
    with pytest.raises(SlackApiError) as caught:
        scene.client.chat_postMessage(**told)
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    scene.slack.fail("chat.postMessage", "unavailable")
    with pytest.raises(SlackApiError) as caught:
        scene.client.chat_postMessage(**told)
    assert caught.value.response.status_code == 503
    for fault, there in (("refused", 0), ("lost", 1)):
        scene.slack.fail("chat.postMessage", fault)
        with pytest.raises(RemoteDisconnected):
            scene.client.chat_postMessage(**told)
        assert len(scene.slack.messages()) == there
    scene.slack.fail("chat.postMessage", "fatal")
    assert scene.refusal("chat.postMessage", **told) == "fatal_error"
    assert len(scene.slack.messages()) == 2


def test_faults_follow_from_the_seed_and_from_what_is_sent() -> None:
    """Not from the order in which it comes; their shares are those asked for."""
    faults = usual_faults(7)
    drawn = [faults.of("chat.postMessage", f"key-{number}", 1) for number in range(2000)]
    assert drawn == [usual_faults(7).of("chat.postMessage", f"key-{n}", 1) for n in range(2000)]
    assert 0.12 < drawn.count("lost") / 2000 < 0.18
    assert 0.44 < drawn.count(None) / 2000 < 0.52
    assert faults.of("conversations.history", "key-1", 1) is None


def test_seeded_faults_meet_calls(scene: Scene) -> None:
    """Every call, if so asked."""
    scene.slack.faults = Faults(seed=1, fatal=1)
    assert scene.refusal("chat.postMessage", channel=scene.room.id, text=".") == ("fatal_error")


def test_a_channel_takes_so_many_posts_a_second(scene: Scene) -> None:
    """Those beyond are refused, and are not there."""
    scene.slack.rate = 1
    scene.post()
    with pytest.raises(SlackApiError) as caught:
        scene.post()
    assert caught.value.response.headers["Retry-After"] == "1"
    scene.slack.later(1)
    scene.post()
    assert len(scene.slack.messages()) == 2
    scene.slack.rate = 0.25
    scene.slack.later(3.9)
    with pytest.raises(SlackApiError):
        scene.post()
    scene.slack.later(0.1)
    assert scene.post()


def test_slack_can_be_down_for_a_while(scene: Scene) -> None:
    """Connections are refused; back again, it has the same address and all messages."""
    scene.post()
    scene.slack.pause()
    with pytest.raises(URLError, match="refused"):
        scene.post()
    scene.slack.resume()
    scene.post()
    assert len(scene.slack.messages()) == 2


def test_a_slack_that_is_down_can_be_left() -> None:
    """Nothing is left behind."""
    with fake_slack() as slack:
        slack.pause()


def test_a_response_url_is_for_five_answers(scene: Scene) -> None:
    """To the clicker alone, or in place of the message."""
    ts = scene.post()
    workspace = scene.slack.workspace
    url = workspace.new_response_url(scene.mira.id, scene.room.id, ts)
    hook = WebhookClient(url, retry_handlers=[])
    assert hook.send(text="applying…").status_code == 200
    assert scene.slack.ephemerals[0].via == "response_url"
    assert hook.send(text="Done.", replace_original=True).status_code == 200
    assert [each.text for each in scene.slack.messages()] == ["Done."]
    assert hook.send(text="").body == "no_text"
    assert [hook.send(text=".").status_code for _ in range(4)] == [200, 200, 200, 404]


def test_a_response_url_is_for_half_an_hour(scene: Scene) -> None:
    """Later answers are refused."""
    url = scene.slack.workspace.new_response_url(scene.mira.id, scene.room.id, scene.post())
    scene.slack.later(30 * 60 + 1)
    assert WebhookClient(url, retry_handlers=[]).send(text=".").body == "expired_url"
