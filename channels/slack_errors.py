"""Slack's failures in our terms: who may try again, who has to look first, who has to mend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from email.message import Message
from fnmatch import fnmatchcase
from http import HTTPStatus
from http.client import HTTPException
from urllib.error import URLError

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from channels.message import ChannelError, Gone, Malformed, NotSent, Parked, PerhapsSent

_CODE = re.compile(r"[a-z][a-z0-9_]{0,79}")
_NOT_SENT = frozenset({"ratelimited", "rate_limited", "request_timeout"})
_PERHAPS_SENT = frozenset({"internal_error", "fatal_error", "service_unavailable"})
_GONE = frozenset(
    {
        "cant_update_message", "edit_window_closed", "is_inactive", "message_not_found",
        "thread_not_found",
    }
)  # fmt: skip
_MALFORMED = ("invalid_blocks*", "msg_*too_long", "metadata_*", "no_text")


@contextmanager
def in_our_terms() -> Iterator[None]:
    """Raise ChannelError for whatever goes wrong in a call of Slack's client."""
    try:
        yield
    except SlackApiError as error:
        raise refusal(error.response) from None
    except (OSError, HTTPException) as error:
        raise lost(error) from None
    except (ValueError, AttributeError):
        # The SDK's own words for an answer that is not text, or not a JSON object.
        raise PerhapsSent("unreadable_answer") from None


def refusal(response: SlackResponse) -> ChannelError:
    """What an answer means that is not "ok"."""
    code = str(response.get("error"))
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or code in _NOT_SENT:
        return NotSent(code if code in _NOT_SENT else "ratelimited", pause(response.headers))
    if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return PerhapsSent(f"http_{response.status_code}")
    if not _CODE.fullmatch(code):
        return PerhapsSent("unreadable_answer")
    return _kind(code)(code)


def lost(error: OSError | HTTPException) -> ChannelError:
    """What it means that there is no answer."""
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, ConnectionRefusedError):
        return NotSent("connection_refused")
    return PerhapsSent("timeout" if isinstance(reason, TimeoutError) else "connection_lost")


def _kind(code: str) -> type[ChannelError]:
    if code in _PERHAPS_SENT:
        return PerhapsSent
    if code in _GONE:
        return Gone
    if any(fnmatchcase(code, pattern) for pattern in _MALFORMED):
        return Malformed
    # Whatever else Slack says, known or new, will be said again until somebody mends it.
    return Parked


def pause(headers: Mapping[str, str] | Message) -> timedelta | None:
    """How long an answer asks to be left alone, as its headers say."""
    found = {name.lower(): value for name, value in headers.items()}
    seconds = found.get("retry-after", "")
    return timedelta(seconds=int(seconds)) if re.fullmatch(r"\d{1,5}", seconds) else None
