"""The Slack channel: chat.postMessage, and Slack's failures in our terms.

Slack's own client would repeat a lost request and so post twice; it must be built without retry
handlers, because Temporal alone retries.
"""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from fnmatch import fnmatchcase
from http import HTTPStatus
from http.client import HTTPException
from urllib.error import URLError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from channels.inert import clip, lines, one_line
from channels.message import (
    ChannelError,
    Letter,
    Malformed,
    NotSent,
    Parked,
    PerhapsSent,
    Posted,
)

EVENT_TYPE = "holdfast_message"
"""The type of the metadata that carries a message's key."""

_TIMEOUT = 30  # seconds; below the activity's own, so that the failure is named here
_LONGEST = 8_000
"""Characters before escaping; escaped they stay below the 40,000 at which Slack cuts."""

_CODE = re.compile(r"[a-z][a-z0-9_]{0,79}")
_NOT_SENT = frozenset({"ratelimited", "rate_limited", "request_timeout"})
_PERHAPS_SENT = frozenset({"internal_error", "fatal_error", "service_unavailable"})
_MALFORMED = ("invalid_blocks*", "msg_*too_long", "metadata_*", "no_text")


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
        try:
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
        except SlackApiError as error:
            raise _refusal(error.response) from None
        except (OSError, HTTPException) as error:
            raise _lost(error) from None
        except (ValueError, AttributeError):
            # The SDK's own words for an answer that is not text, or not a JSON object.
            raise PerhapsSent("unreadable_answer") from None


def _wording(letter: Letter) -> str:
    text = clip(f"{one_line(letter.subject)}\n\n{lines(letter.text)}", _LONGEST)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _refusal(response: SlackResponse) -> ChannelError:
    code = str(response.get("error"))
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or code in _NOT_SENT:
        return NotSent(code if code in _NOT_SENT else "ratelimited", _pause(response))
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return PerhapsSent(f"http_{response.status_code}")
    if not _CODE.fullmatch(code):
        return PerhapsSent("unreadable_answer")
    return _kind(code)(code)


def _kind(code: str) -> type[ChannelError]:
    if code in _PERHAPS_SENT:
        return PerhapsSent
    if any(fnmatchcase(code, pattern) for pattern in _MALFORMED):
        return Malformed
    # Whatever else Slack says, known or new, will be said again until somebody mends it.
    return Parked


def _pause(response: SlackResponse) -> timedelta | None:
    headers = {name.lower(): value for name, value in response.headers.items()}
    seconds = headers.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if re.fullmatch(r"\d{1,5}", seconds) else None


def _lost(error: OSError | HTTPException) -> ChannelError:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, ConnectionRefusedError):
        return NotSent("connection_refused")
    return PerhapsSent("timeout" if isinstance(reason, TimeoutError) else "connection_lost")
