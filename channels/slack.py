"""The Slack channel: chat.postMessage, and Slack's failures in our terms.

Slack's own client would repeat a lost request and so post twice; it must be built without retry
handlers, because Temporal alone retries.
"""

from __future__ import annotations

import asyncio

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from channels.inert import clip, lines, one_line
from channels.message import Letter, Parked, Posted
from channels.slack_errors import in_our_terms

EVENT_TYPE = "holdfast_message"
"""The type of the metadata that carries a message's key."""

_TIMEOUT = 30  # seconds; below the activity's own, so that the failure is named here
_LONGEST = 8_000
"""Characters before escaping; escaped they stay below the 40,000 at which Slack cuts."""


def slack_client(token: str, base_url: str = WebClient.BASE_URL) -> WebClient:
    """A client that tries once and no more."""
    return WebClient(token=token, base_url=base_url, timeout=_TIMEOUT, retry_handlers=[])


class SlackChannel:
    """Posts messages to Slack."""

    name = "slack"

    def __init__(self, client: WebClient) -> None:
        """Post through this client. Raises ValueError if it would retry by itself."""
        if client.retry_handlers:
            raise ValueError("a Slack client that retries posts twice; use slack_client()")
        self._client = client

    async def post(self, letter: Letter) -> Posted:
        """Post to the person, or to the contract's channel where they have no Slack id.

        The receipt is ``channel/timestamp`` as Slack gave them. Raises ChannelError.
        """
        place = (letter.to and letter.to.slack) or letter.room
        if place is None:
            raise Parked("no_slack_address")
        answer = await asyncio.to_thread(self._send, place, letter)
        return Posted(channel=self.name, receipt=f"{answer['channel']}/{answer['ts']}")

    def _send(self, place: str, letter: Letter) -> SlackResponse:
        with in_our_terms():
            return self._client.chat_postMessage(
                channel=place,
                text=_wording(letter),
                # The text is plain: a contract's words must not turn into markup.
                mrkdwn=False,
                parse="none",
                unfurl_links=False,
                unfurl_media=False,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": letter.key}},
            )


def _wording(letter: Letter) -> str:
    text = clip(f"{one_line(letter.subject)}\n\n{lines(letter.text)}", _LONGEST)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
