"""What all entry bodies share: who did it, who is to be told, and how a body is worded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from ladders.contract import Attachment, Document
from ladders.prose import PersonRef, Prose
from ladders.values import Ref, Role, Value

ENGINE = PersonRef("holdfast")
"""The actor of whatever happened because time passed."""

ROOM = PersonRef("room")
"""The recipient of what is said in the contract's own channel, to nobody in particular."""

Via = Literal["timer", "cli", "slack", "email", "web", "api"]
Authentication = Literal["none", "os-user", "slack", "email-link", "sign-in", "api-key"]
Topic = Literal[
    "rung", "reminder", "question", "unconfirmed", "silence", "tender", "response", "closed",
    "climb-ended", "decision", "rejected", "miss", "moved", "clock", "ladder", "event", "evidence",
]  # fmt: skip

Names = Callable[[str], str]
"""Turns a pseudonym into what a reader may see: a name, or the pseudonym once erased."""


class Doer(Value):
    """Who did it, in three fields (law 18), and through which surface.

    ``actor`` did it, perhaps ``on_behalf_of`` somebody else; ``authenticated_by`` says how we
    know the actor. An operator who types ``act --as`` is the actor, not the person named.
    """

    actor: PersonRef = ENGINE
    on_behalf_of: PersonRef | None = None
    authenticated_by: Authentication = "none"
    via: Via = "timer"

    @property
    def person(self) -> PersonRef:
        """In whose right the action is taken."""
        return self.on_behalf_of or self.actor


class Message(Value):
    """One message owed to one person: an intent, until an entry records its outcome (law 3)."""

    key: str
    topic: Topic
    to: PersonRef
    role: Role
    rung: Ref | None = None


class Body(Value):
    """Base of the entry bodies. ``tell`` lists the messages that the entry gives rise to."""

    tell: tuple[Message, ...] = ()


def told(body: Body, names: Names) -> str:
    """Who an entry's messages are for, by name; the contract's channel is nobody."""
    people = dict.fromkeys(message.to for message in body.tell if message.to != ROOM)
    return " and ".join(map(names, people)) or "Nobody"


def recipient(to: PersonRef, names: Names) -> str:
    """Whom a message goes to, by name; or that it is said in the contract's channel."""
    return "the contract's channel" if to == ROOM else names(to)


def said(note: Prose | None) -> str:
    """A note in brackets, or nothing."""
    return "" if note is None else f" ({note})"


def attached(files: tuple[Attachment, ...] | None) -> str:
    """Files that are still to be fetched, by name; or nothing."""
    named = ", ".join(file.name for file in files or ())
    return f" [attached: {named}]" if named else ""


def shown(evidence: tuple[Document, ...]) -> str:
    """Evidence in square brackets, each file with the beginning of its hash; or nothing."""
    shown = ", ".join(f"{document.name} {document.sha256[:12]}" for document in evidence)
    return f" [{shown}]" if shown else ""
