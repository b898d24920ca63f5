"""What a channel is given, what it answers, and the ways in which it can fail."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal

from channels.inert import one_line
from ladders.errors import HoldfastError
from ladders.events import ActionName
from ladders.values import Ref, Sha256, Value

Surface = Literal["console", "slack", "email"]
"""Where a message is read, and so how it is answered: by a command, a button or a link."""


class Address(Value):
    """Where one person can be reached. ``slack`` is a Slack user id; it and the name may lack."""

    email: str
    name: str | None = None
    slack: str | None = None

    def __str__(self) -> str:
        """Return what a reader recognises: the name, else the e-mail address."""
        return self.name or self.email


class Handle(Value):
    """What an answer is given to. Travels in buttons, modals and links, so it names nobody.

    ``about`` is what was asked where the answer was offered (:func:`ladders.requirements.about`).
    """

    contract: Ref
    stream: str
    rung: Ref | None = None
    about: str | None = None

    def __str__(self) -> str:
        """Return the JSON that a button carries; shorter than the 2,000 characters Slack allows."""
        return self.model_dump_json(exclude_none=True)


class Offer(Value):
    """An answer that a message offers. ``meaning`` says what it does.

    ``confirm`` is what is asked before it takes effect at once; an answer that needs words or
    dates is completed in a form first, and its ``label`` ends in an ellipsis.
    """

    action: ActionName | Literal["more"]
    label: str
    meaning: str
    handle: Handle
    style: Literal["primary", "danger"] | None = None
    confirm: str | None = None


class Mark(Value):
    """Where a message stands in the ledger: the entry it comes from, and that entry's hashes."""

    reference: str
    seq: int
    hash: Sha256
    prev: Sha256


class Letter(Value):
    """One message, worded and ready to send.

    ``key`` is the idempotency key, derived from what the message is about. It goes ``to`` a person
    or, if to nobody in particular, to the ``room``: the contract's Slack channel, by name or id.
    There ``thread`` is the receipt of the message it hangs on; None for that message itself, the
    ladder's board. A personal letter links to the board, of which ``board`` is the receipt.
    ``passages`` are the paragraphs of the text with its instants marked
    (:mod:`channels.marking`); ``facts`` stand above the answers in a board. ``instead`` is the code
    by which the channel that comes first refused it, where it goes through another one. ``aside``
    says what has become of it since it was sent, and stands where its answers changed.
    """

    key: str
    to: Address | None
    subject: str
    text: str
    passages: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    offers: tuple[Offer, ...] = ()
    mark: Mark | None = None
    room: str | None = None
    board: str | None = None
    thread: str | None = None
    broadcast: bool = False
    instead: str | None = None
    aside: str | None = None

    @property
    def body(self) -> str:
        """The text, with what has become of it before it."""
        return self.text if self.aside is None else f"{one_line(self.aside)}\n\n{self.text}"

    @property
    def address(self) -> str:
        """The recipient's e-mail address; for what is said in a room, the room."""
        return self.room or "" if self.to is None else self.to.email


class Posted(Value):
    """A channel accepted a letter; ``receipt`` is the channel's own name for it.

    Slack's is ``channel/timestamp``, e-mail's the Message-ID.
    """

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


class Gone(ChannelError):
    """What a message hangs on, or what was to be changed, is not there any more."""

    permanent = True
    remedy_for_all = "it is posted anew by itself"


class Malformed(ChannelError):
    """Refused because of what we sent: a mistake of this program."""

    permanent = True
    remedy_for_all = "report the code to whoever maintains Holdfast"
