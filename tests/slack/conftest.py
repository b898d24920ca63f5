"""A fake Slack, the real client on it, and a room with a person in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.slack.fake import FakeSlack, fake_slack
from tests.slack.world import Channel, User


class Scene(NamedTuple):
    """What most tests stand on."""

    slack: FakeSlack
    client: WebClient
    mira: User
    room: Channel

    def post(self, **arguments: Any) -> str:
        """Post into the room; return the timestamp."""
        sent = {"channel": self.room.id, "text": "Please act.", **arguments}
        return str(self.client.chat_postMessage(**sent)["ts"])

    def refusal(self, method: str, **arguments: Any) -> str:
        """The error of a call that Slack refuses."""
        return refusal(self.client, method, **arguments)


def refusal(client: WebClient, method: str, **arguments: Any) -> str:
    """The error of a call that Slack refuses to this client."""
    with pytest.raises(SlackApiError) as caught:
        client.api_call(method, json=arguments)
    return str(caught.value.response["error"])


def client_of(slack: FakeSlack, token: str | None = None) -> WebClient:
    """The real client, which asks once."""
    return WebClient(token=token or slack.token, base_url=slack.base_url, retry_handlers=[])


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """One workspace, reached directly whatever proxy the machine names."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with fake_slack(seed=1) as slack:
        mira = slack.add_user("mira@ardent.example", name="Mira Sommer")
        room = slack.add_channel("supplier-escalations", members=[mira])
        yield Scene(slack, client_of(slack), mira, room)
