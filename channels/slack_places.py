"""Places in Slack: the channel that a contract names, the conversation with a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any

from slack_sdk import WebClient

from channels.message import Parked
from channels.slack_errors import SLACK_FAILURES, in_our_terms

OUTSIDERS = "channel_shared_with_outsiders"
"""The code by which a channel is refused that people of other companies read."""

_TRUSTED_FOR = timedelta(minutes=5).total_seconds()
_PAGE = 200


class Places:
    """Finds out where a letter goes, and remembers it for a while. Blocks: call it in a thread."""

    def __init__(self, client: WebClient, now: Callable[[], float] = monotonic) -> None:
        """Ask through this client; ``now`` counts seconds."""
        self._client = client
        self._now = now
        self._rooms: dict[str, tuple[float, str]] = {}
        self._conversations: dict[str, str] = {}

    def room(self, named: str) -> str:
        """The id of a channel, given by its id or as ``#name``.

        Raises Parked where it cannot be found, we are no member, it is archived, or people of
        other companies read it; another ChannelError where Slack does not answer.
        """
        until, known = self._rooms.get(named, (0.0, ""))
        if self._now() < until:
            return known
        found = self._looked_up(named)
        self._rooms[named] = (self._now() + _TRUSTED_FOR, found)
        return found

    def conversation(self, member: str) -> str:
        """The id of the conversation with a member. Raises ChannelError."""
        if member not in self._conversations:
            opened = self._ask("conversations.open", users=member)
            self._conversations[member] = str(opened["channel"]["id"])
        return self._conversations[member]

    def permalink(self, channel: str, ts: str) -> str:
        """The address of a message. Raises ChannelError."""
        found = self._ask("chat.getPermalink", channel=channel, message_ts=ts)
        return str(found["permalink"])

    def _looked_up(self, named: str) -> str:
        channel = self._by_name(named.removeprefix("#")) if _is_name(named) else named
        described = self._ask("conversations.info", channel=channel)["channel"]
        if described.get("is_ext_shared") or described.get("is_pending_ext_shared"):
            raise Parked(OUTSIDERS)
        if described.get("is_archived"):
            raise Parked("is_archived")
        if not described.get("is_member", True):
            raise Parked("not_in_channel")
        return str(described["id"])

    def _by_name(self, name: str) -> str:
        cursor = ""
        while True:
            page = self._ask(
                "users.conversations",
                types="public_channel,private_channel", limit=_PAGE, cursor=cursor,
            )  # fmt: skip
            for channel in page["channels"]:
                if channel["name"] == name:
                    return str(channel["id"])
            cursor = page.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                # Only channels that we were invited to are listed.
                raise Parked("not_in_channel")

    def _ask(self, method: str, **arguments: Any) -> Any:
        try:
            return self._client.api_call(method, params=arguments).data
        except SLACK_FAILURES as error:
            raise in_our_terms(error) from None


def _is_name(named: str) -> bool:
    """Whether a channel is called by its name: ids are upper case, names never are."""
    return named.startswith("#") or not named.isupper()
