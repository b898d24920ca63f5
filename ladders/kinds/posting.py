"""Entries of messages: posted, parked, dropped. Each is the outcome of an intent (law 3)."""

from __future__ import annotations

from typing import Literal

from ladders.kinds.common import Body, Names, Topic, recipient
from ladders.prose import PersonRef, Wording

_CHANNELS = {"slack": "Slack", "email": "e-mail", "console": "the console"}


class MessagePosted(Body):
    """A message reached its channel. Posted is not read, and not notice (law 11).

    ``wording`` is the whole message: its subject, an empty line, its text. ``instead`` is why the
    channel that comes first would not take it.
    """

    kind: Literal["message.posted"] = "message.posted"
    message: str
    topic: Topic
    to: PersonRef
    channel: str
    receipt: str
    wording: Wording
    instead: str | None = None

    def sentence(self, names: Names) -> str:
        """One sentence."""
        subject = self.wording.partition("\n")[0]
        instead = f" ({self.instead})" if self.instead else ""
        channel = _CHANNELS.get(self.channel, self.channel)
        return f"Posted to {recipient(self.to, names)} through {channel}{instead}: {subject}"


class MessageParked(Body):
    """A message could not be posted for a lasting reason; it is tried again, more slowly."""

    kind: Literal["message.parked"] = "message.parked"
    message: str
    topic: Topic
    to: PersonRef
    problem: str

    def sentence(self, names: Names) -> str:
        """One sentence."""
        what = f"The {self.topic} message to {recipient(self.to, names)}"
        return f"{what} is parked ({self.problem}); no clock waits for it."


class MessageDropped(Body):
    """A message was not sent because events overtook it, or was given up after the close."""

    kind: Literal["message.dropped"] = "message.dropped"
    message: str
    topic: Topic
    to: PersonRef
    because: Literal["superseded", "given up"]

    def sentence(self, names: Names) -> str:
        """One sentence."""
        to = recipient(self.to, names)
        return f"The {self.topic} message to {to} was not sent: {self.because}."


class MessageLost(Body):
    """What was posted can be neither changed nor answered any more; a new one takes its place."""

    kind: Literal["message.lost"] = "message.lost"
    message: str
    problem: str

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return f"The ladder's message in the channel is gone ({self.problem}); it is posted anew."
