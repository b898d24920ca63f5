"""What a channel is given, what it answers, and the ways in which it can fail."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from ladders.errors import HoldfastError
from ladders.values import Value


class Address(Value):
    """Where one person can be reached. ``slack`` is a Slack user id; it and the name may lack."""

    email: str
    name: str | None = None
    slack: str | None = None

    def __str__(self) -> str:
        """Return what a reader recognises: the name, else the e-mail address."""
        return self.name or self.email


class Letter(Value):
    """One message to one person, worded and ready to send.

    ``key`` is the idempotency key, derived from what the message is about. ``room`` is the
    contract's Slack channel, which is used where the person has no Slack id.
    """

    key: str
    to: Address
    subject: str
    text: str
    room: str | None = None


class Posted(Value):
    """A channel accepted a letter; ``receipt`` is the channel's own name for it."""

    channel: str
    receipt: str


class ChannelError(HoldfastError):
    """A letter was not posted, or perhaps was.

    ``code`` is a short machine code and never free text, because it goes into histories.
    ``permanent`` says that trying again is useless until somebody mends something;
    ``retry_after`` is how long the channel asks to be left alone, where it says so.
    """

    permanent: ClassVar[bool]
    remedy_for_all: ClassVar[str]

    def __init__(self, code: str, retry_after: timedelta | None = None) -> None:
        """Keep the code and the pause."""
        super().__init__(f"the channel did not confirm the message: {code}", self.remedy_for_all)
        self.code = code
        self.retry_after = retry_after


class NotSent(ChannelError):
    """Certainly not sent, for a passing reason."""

    permanent = False
    remedy_for_all = "it is sent again by itself"


class PerhapsSent(ChannelError):
    """The answer was lost: the message may have been posted, or not."""

    permanent = False
    remedy_for_all = "look whether it arrived; it is sent again by itself"


class Parked(ChannelError):
    """Refused for a reason that lasts until an operator mends it. No clock waits for that."""

    permanent = True
    remedy_for_all = "mend the channel's access or membership; it is tried again from time to time"


class Malformed(ChannelError):
    """Refused because of what we sent: a mistake of this program."""

    permanent = True
    remedy_for_all = "report the code to whoever maintains Holdfast"
