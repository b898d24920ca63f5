"""The nouns of the fake Slack: users, channels, messages, files, modals, refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

APP = "A0HOLDFAST"
BOT_USER = "U0HOLDFAST"
BOT = "B0HOLDFAST"
TEAM = "T0ARDENT"
DOMAIN = "ardent"

BOT_SCOPES = frozenset(
    {
        "chat:write",
        "channels:read",
        "groups:read",
        "channels:history",
        "groups:history",
        "users:read",
        "users:read.email",
        "files:read",
        "im:history",
        "im:write",
    }
)
"""What the app's manifest asks for."""


class Refused(Exception):
    """A call that Slack refuses: its error code, and what else stands in the answer."""

    def __init__(self, code: str, **more: Any) -> None:
        """Keep the code and the rest of the answer."""
        super().__init__(code)
        self.code = code
        self.more = more


@dataclass
class User:
    """A person or a bot of the workspace, or a stranger from another one. Times are in ``zone``."""

    id: str
    email: str
    name: str
    zone: str = "Europe/Berlin"
    team: str = TEAM
    deleted: bool = False
    is_bot: bool = False
    guest: bool = False
    stranger: bool = False


@dataclass
class Channel:
    """A conversation. A direct one, between the bot and ``partner``, has no name."""

    id: str
    name: str = ""
    members: list[str] = field(default_factory=list)
    private: bool = False
    archived: bool = False
    shared: bool = False
    pending_shared: bool = False
    partner: str | None = None

    @property
    def kind(self) -> str:
        """The prefix of the scopes that govern it."""
        return "im" if self.partner else "groups" if self.private else "channels"

    @property
    def has_bot(self) -> bool:
        """Whether the app's bot is in it."""
        return BOT_USER in self.members


def id_of(thing: User | Channel | str) -> str:
    """The id of a user or a conversation, of which the id itself will do."""
    return thing if isinstance(thing, str) else thing.id


@dataclass
class Posted:
    """A message as it stands now; ``former`` are the texts that it had before its edits."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str | None = None
    edited: str | None = None
    reply_broadcast: bool = False
    former: list[str] = field(default_factory=list)
    arguments: Json = field(default_factory=dict)

    @property
    def key(self) -> str | None:
        """The key in its metadata, if it carries one."""
        payload = (self.metadata or {}).get("event_payload", {})
        key = payload.get("key")
        return key if isinstance(key, str) else None

    @property
    def is_reply(self) -> bool:
        """Whether it hangs on another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass
class Ephemeral:
    """Words that only one person saw. ``via`` is ``chat.postEphemeral`` or ``response_url``."""

    channel: str
    user: str
    text: str
    blocks: list[Json]
    via: str
    thread_ts: str | None = None


@dataclass
class StoredFile:
    """A file that somebody uploaded."""

    id: str
    user: str
    name: str
    content: bytes
    mimetype: str
    deleted: bool = False


@dataclass
class Trigger:
    """What a click gives the app to open a modal with: once, and for three seconds."""

    id: str
    user: str
    made_at: float
    used: bool = False


@dataclass
class Modal:
    """A view that a user has, or had, before them.

    ``former`` are its states before updates; ``errors`` is what it says under its inputs.
    """

    user: str
    view: Json
    trigger: str
    is_open: bool = True
    former: list[Json] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The view's id."""
        return str(self.view["id"])


@dataclass
class ResponseUrl:
    """Where the app may answer a click: five times within thirty minutes."""

    token: str
    user: str
    channel: str
    ts: str
    made_at: float
    uses: int = 0


@dataclass(frozen=True)
class Call:
    """One call of the API: its arguments as they arrived, and ``ok`` or what went wrong."""

    method: str
    arguments: Json
    answer: str

    @property
    def key(self) -> str | None:
        """The key in the metadata that it brought, if any."""
        metadata = self.arguments.get("metadata")
        payload = metadata.get("event_payload", {}) if isinstance(metadata, dict) else {}
        key = payload.get("key")
        return key if isinstance(key, str) else None
