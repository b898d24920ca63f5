"""Socket Mode against the SDK's own client: hello, envelopes, acknowledgements, reconnection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from tests.commands.shell import wait_until
from tests.slack.clicks import Clicks
from tests.slack.conftest import Scene, client_of
from tests.slack.samples import actions, button, entry, modal
from tests.slack.sockets import Unacknowledged
from tests.slack.world import Json

ERRORS = {"response_action": "errors", "errors": {"note": "Say more."}}


@pytest.fixture
def heard(scene: Scene) -> Iterator[list[Json]]:
    """What a connected app was handed; it refuses every modal."""
    taken: list[Json] = []

    def take(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        taken.append(request.payload)
        answer = ERRORS if request.payload["type"] == "view_submission" else None
        client.send_socket_mode_response(SocketModeResponse(request.envelope_id, answer))

    client = SocketModeClient(scene.slack.app_token, web_client=client_of(scene.slack))
    client.socket_mode_request_listeners.append(take)
    client.connect()
    scene.slack.sockets.wait_for(connections=1)
    yield taken
    # A client that is listening takes three seconds to close; one that was left does not.
    client.auto_reconnect_enabled = False
    scene.slack.sockets.drop()
    wait_until(lambda: not client.is_connected())
    client.close()


def test_a_click_is_handed_over_and_acknowledged(scene: Scene, heard: list[Json]) -> None:
    """With the same payload as over HTTP, and the answer in the acknowledgement."""
    clicks, ts = Clicks(scene.slack), scene.post(blocks=[actions(button())])
    clicks.press(scene.mira, scene.room, ts, "holdfast.acknowledge")
    view = modal(entry("note", "plain_text_input"))
    scene.client.views_open(trigger_id=heard[0]["trigger_id"], view=view)
    answer = clicks.submit(scene.mira, scene.slack.view(scene.mira), {"note": "."})
    assert answer.errors == {"note": "Say more."}
    assert [each["type"] for each in heard] == ["block_actions", "view_submission"]


def test_a_connection_that_is_sent_away_comes_back(scene: Scene, heard: list[Json]) -> None:
    """With a new ticket; clicks then reach it as before, and those in between are lost."""
    scene.slack.sockets.disconnect()
    wait_until(lambda: is_taken(scene, {"type": "block_actions"}))
    assert heard[-1] == {"type": "block_actions"}
    assert len(scene.slack.called("apps.connections.open")) > 1


def is_taken(scene: Scene, payload: Json) -> bool:
    """Whether an app acknowledges a payload, in time for a test that tries again."""
    try:
        scene.slack.socket_send(payload, seconds=0.5)
    except Unacknowledged:
        return False
    return True


def test_nobody_connected_means_that_a_click_is_lost(scene: Scene) -> None:
    """Slack shows a warning and hands it over no more."""
    with pytest.raises(Unacknowledged):
        scene.slack.socket_send({"type": "block_actions"})


def test_only_the_apps_own_token_opens_a_socket(scene: Scene) -> None:
    """The bot's does not."""
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        scene.client.apps_connections_open(app_token=scene.slack.token)
