"""The form in which an entry is stored: one line of canonical JSON, whose bytes are hashed.

Each line carries the hash of the line before it, so that the last hash, the head, stands for
the whole history of its contract.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

import rfc8785
from pydantic import Field, ValidationError

from ladders.entries import Authentication, Doer, Entry, Via
from ladders.prose import PersonRef, Prose, leaves
from ladders.values import Instant, Ref, Sha256, Value
from ledger import strict
from ledger.errors import NotStorable, UnreadableHead

GENESIS = "0" * 64
"""What the first entry of a contract carries in place of its predecessor's hash."""

_HEAD = re.compile(r"([0-9a-f]{64})@([1-9]\d{0,14})")


class Head(NamedTuple):
    """The latest entry of a contract: its number and its hash. Printed as ``HASH@ENTRY``."""

    seq: int
    hash: str

    @classmethod
    def parse(cls, text: str) -> Head:
        """Read the printed form; raise UnreadableHead otherwise."""
        match = _HEAD.fullmatch(text.strip().lower())
        if match is None:
            raise UnreadableHead(text)
        return cls(seq=int(match[2]), hash=match[1])

    def __str__(self) -> str:
        """Return the printed form."""
        return f"{self.hash}@{self.seq}"


class Stored(Value):
    """What a line says, version 1; fields that are None are left out of it.

    ``seq``, ``prev`` and ``recorded_at`` are the ledger's own, the rest is the entry's. Instants
    are UTC, to the microsecond.
    """

    v: Literal[1] = 1
    contract: Ref
    seq: int = Field(ge=1)
    prev: Sha256
    stream: str
    key: str
    after: str | None = None
    kind: str
    occurred_at: Instant
    recorded_at: Instant
    deemed_at: Instant
    actor: PersonRef
    on_behalf_of: PersonRef | None = None
    authenticated_by: Authentication
    via: Via
    body: dict[str, Any]

    @classmethod
    def of(cls, entry: Entry, *, seq: int, prev: str, recorded_at: datetime) -> Stored:
        """``entry`` as number ``seq`` after the line whose hash is ``prev``."""
        body = entry.body.model_dump(mode="json", exclude_none=True)
        return cls(
            contract=entry.contract,
            seq=seq,
            prev=prev,
            stream=entry.stream,
            key=entry.key,
            after=entry.after,
            kind=body.pop("kind"),
            occurred_at=entry.occurred_at,
            recorded_at=recorded_at,
            deemed_at=entry.deemed_at,
            actor=entry.by.actor,
            on_behalf_of=entry.by.on_behalf_of,
            authenticated_by=entry.by.authenticated_by,
            via=entry.by.via,
            body=body,
        )

    def entry(self) -> Entry:
        """The entry alone; raises pydantic's ValidationError where the body is not of its kind."""
        return Entry.model_validate(
            {
                "contract": self.contract,
                "stream": self.stream,
                "key": self.key,
                "after": self.after,
                "occurred_at": self.occurred_at,
                "deemed_at": self.deemed_at,
                "by": Doer(
                    actor=self.actor,
                    on_behalf_of=self.on_behalf_of,
                    authenticated_by=self.authenticated_by,
                    via=self.via,
                ),
                "body": {**self.body, "kind": self.kind},
            }
        )

    def document(self) -> dict[str, Any]:
        """The JSON object of the line."""
        return self.model_dump(mode="json", exclude_none=True)


@dataclass(frozen=True)
class Line:
    """One stored line: the exact text, its hash, and what it says."""

    seq: int
    prev: str
    hash: str
    recorded_at: datetime
    text: str
    entry: Entry


def digest(text: str) -> str:
    """The SHA-256 of a line's bytes (UTF-8), lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def write(entry: Entry, *, seq: int, prev: str, recorded_at: datetime) -> Line:
    """Return the line for ``entry``.

    Raises NotStorable where it would not read back the same, or tells in clear what belongs into
    an erasable row (law 19).
    """
    if not _is_private(entry):
        raise NotStorable(entry.contract, entry.key, "it holds a text or an identity in clear")
    stored = Stored.of(entry, seq=seq, prev=prev, recorded_at=recorded_at)
    try:
        line = read(rfc8785.dumps(stored.document()).decode())
    except (rfc8785.CanonicalizationError, strict.NotCanonical) as error:
        raise NotStorable(entry.contract, entry.key, str(error)) from error
    if line.entry != entry:
        raise NotStorable(entry.contract, entry.key, "it reads back as something else")
    return line


def read(text: str) -> Line:
    """Return what a line says; raise NotCanonical, with the reason, for any other text."""
    document = strict.parse(text)
    try:
        stored = Stored.model_validate(document)
        entry = stored.entry()
    except ValidationError as error:
        raise strict.NotCanonical(_first_fault(error)) from None
    if stored.document() != document:
        message = "a time or a field is not written in the ledger's form"
        raise strict.NotCanonical(message)
    return Line(
        seq=stored.seq,
        prev=stored.prev,
        hash=digest(text),
        recorded_at=stored.recorded_at,
        text=text,
        entry=entry,
    )


def _is_private(entry: Entry) -> bool:
    texts_are_sealed = all(Prose(leaf).is_sealed for leaf in leaves(entry, Prose))
    return texts_are_sealed and not any(
        mark in ref for ref in leaves(entry, PersonRef) for mark in "@:"
    )


def _first_fault(error: ValidationError) -> str:
    # The offending value stays out of the message: it may be a name.
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"]) or "the line"
    return f"{where}: {fault['msg']}"
