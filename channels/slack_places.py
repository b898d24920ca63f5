"""Places in Slack: the channel that a contract names, the conversation with a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from slack_sdk import WebClient

from channels.message import Parked
from channels.slack_directory import SlackDirectory
from channels.slack_errors import in_our_terms

OUTSIDERS = "channel_shared_with_outsiders"
"""The code by which a channel is refused that people of other companies read."""

_TRUSTED_FOR = timedelta(minutes=5).total_seconds()


class Places:
    """Finds out where a letter goes, and remembers it for a while. Blocks: call it in a thread."""

    def __init__(self, client: WebClient, now: Callable[[], float] = monotonic) -> None:
        """Ask through this client; ``now`` counts seconds."""
        self._client = client
        self._directory = SlackDirectory(client)
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
            with in_our_terms():
                opened = self._client.conversations_open(users=member)
            self._conversations[member] = str(opened["channel"]["id"])
        return self._conversations[member]

    def permalink(self, channel: str, ts: str) -> str:
        """The address of a message. Raises ChannelError."""
        with in_our_terms():
            found = self._client.chat_getPermalink(channel=channel, message_ts=ts)
        return str(found["permalink"])

    def _looked_up(self, named: str) -> str:
        room = self._directory.room(named)
        if room is None:
            raise Parked("channel_not_found")
        if room.is_shared_with_outsiders:
            raise Parked(OUTSIDERS)
        if room.is_archived:
            raise Parked("is_archived")
        if not room.is_member:
            raise Parked("not_in_channel")
        return room.id
