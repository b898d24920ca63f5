"""Looking in Slack for a message by the key that it carries as metadata."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from slack_sdk import WebClient

from channels.slack_errors import in_our_terms

EVENT_TYPE = "holdfast_message"
"""The type of the metadata that carries a letter's key."""

_PAGE = 200


class Place(NamedTuple):
    """Where a message goes: a conversation, and there perhaps a thread by its first message."""

    channel: str
    thread: str | None = None

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read the form in which a place is remembered."""
        channel, _, thread = text.partition("/")
        return cls(channel, thread or None)

    def __str__(self) -> str:
        """Return that form: ``channel`` or ``channel/timestamp``."""
        return self.channel if self.thread is None else f"{self.channel}/{self.thread}"


class Search:
    """Reads what stands at a place. Blocks: call it in a thread."""

    def __init__(self, client: WebClient) -> None:
        """Read through this client."""
        self._client = client

    def first(self, place: Place, key: str, since: str) -> str | None:
        """The receipt of the message with that key, posted ``since`` (Slack's time), if any.

        Raises Gone where the thread is not there any more, or another ChannelError.
        """
        for message in self._messages(place, since):
            said = message.get("metadata", {})
            mine = said.get("event_type") == EVENT_TYPE
            if mine and said.get("event_payload", {}).get("key") == key:
                return f"{place.channel}/{message['ts']}"
        return None

    def _messages(self, place: Place, since: str) -> Iterator[dict[str, Any]]:
        method, where = "conversations.history", {"channel": place.channel}
        if place.thread is not None:
            method, where = "conversations.replies", {**where, "ts": place.thread}
        cursor = ""
        while True:
            page = self._ask(
                method, **where, oldest=since, limit=_PAGE, cursor=cursor, include_all_metadata=True
            )
            yield from page["messages"]
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return

    def _ask(self, method: str, **arguments: Any) -> Any:
        with in_our_terms():
            # Methods that read take no JSON.
            return self._client.api_call(method, params=arguments).data
