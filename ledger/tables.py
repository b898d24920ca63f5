"""The tables. Constraints refuse forks and gaps; the migrations' triggers refuse changes."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


REVISION = "0003"
"""The migration that makes the tables what they are here."""


class Base(SQLModel):
    """Base of the tables; metadata of their own, so that nothing else is migrated with them."""

    metadata: ClassVar[MetaData] = METADATA


class EntryRow(Base, table=True):
    """One entry: ``line`` is what was hashed, the other columns are what constraints need.

    The first entry of a contract has no predecessor. A hidden row id would be one more key that
    REPLACE could hit, so SQLite keeps none.
    """

    __tablename__ = "entry"
    __table_args__ = (
        PrimaryKeyConstraint("contract", "seq"),
        UniqueConstraint("contract", "prev_seq"),
        UniqueConstraint("contract", "key"),
        UniqueConstraint("contract", "seq", "hash"),
        ForeignKeyConstraint(
            ["contract", "prev_seq", "prev_hash"],
            ["entry.contract", "entry.seq", "entry.hash"],
        ),
        CheckConstraint("seq >= 1 AND seq = coalesce(prev_seq, 0) + 1", name="gapless"),
        CheckConstraint("(seq = 1) = (prev_seq IS NULL)", name="genesis"),
        CheckConstraint("(prev_seq IS NULL) = (prev_hash IS NULL)", name="link"),
        CheckConstraint("length(hash) = 64", name="hash"),
        Index(None, "contract", "stream", "seq"),
        {"sqlite_with_rowid": False},
    )

    contract: str = Field(sa_type=String(64))
    seq: int
    prev_seq: int | None = None
    prev_hash: str | None = Field(default=None, sa_type=String(64))
    hash: str = Field(sa_type=String(64))
    stream: str = Field(sa_type=Text)
    key: str = Field(sa_type=Text)
    kind: str = Field(sa_type=String(64))
    line: str = Field(sa_type=Text)


class PrivateTextRow(Base, table=True):
    """A text the chain only committed to: SHA-256 over salt and text. May be erased."""

    __tablename__ = "private_text"

    commitment: str = Field(primary_key=True, sa_type=String(64))
    contract: str = Field(index=True, sa_type=String(64))
    salt: bytes = Field(sa_type=LargeBinary)
    text: str = Field(sa_type=Text)


class IdentityRow(Base, table=True):
    """Whom a pseudonym stands for: an e-mail address or ``os:user``, lower case. May be erased."""

    __tablename__ = "identity"

    ref: str = Field(primary_key=True, sa_type=String(16))
    identity: str = Field(unique=True, sa_type=Text)


class RequestRow(Base, table=True):
    """A person's request as received, and later its answer; instants are ISO 8601 in UTC."""

    __tablename__ = "inbox"

    key: str = Field(primary_key=True, sa_type=Text)
    contract: str = Field(index=True, sa_type=String(64))
    target: str = Field(sa_type=Text)
    request: str = Field(sa_type=Text)
    received_at: str = Field(sa_type=String(32))
    settled_at: str | None = Field(default=None, index=True, sa_type=String(32))
    answer: str | None = Field(default=None, sa_type=Text)


class StandingRow(Base, table=True):
    """What the entries of a stream up to number ``seq`` come to, as JSON; derived, never evidence.

    ``form`` numbers the way in which it was derived. ``is_open`` is false of ladders that are over
    and owe no message.
    """

    __tablename__ = "standing"

    contract: str = Field(primary_key=True, sa_type=String(64))
    stream: str = Field(primary_key=True, sa_type=Text)
    seq: int
    form: int
    is_open: bool
    standing: str = Field(sa_type=Text)


class PostingRow(Base, table=True):
    """A message that was, or is perhaps, posted to Slack: remembered, never evidence.

    ``begun_at`` (ISO 8601, UTC) and ``place`` are committed before an attempt, so that a later one
    knows that it has to look first, and where; ``receipt`` and ``shown``, a digest of what the
    message shows, after.
    """

    __tablename__ = "posting"

    key: str = Field(primary_key=True, sa_type=Text)
    begun_at: str = Field(sa_type=String(32))
    place: str | None = Field(default=None, sa_type=Text)
    receipt: str | None = Field(default=None, sa_type=Text)
    shown: str | None = Field(default=None, sa_type=String(64))


class SlackIdentityRow(Base, table=True):
    """Which person a member of a Slack workspace is, as its directory said by e-mail address.

    ``zone`` is the IANA time zone that the member has set. May be erased.
    """

    __tablename__ = "slack_identity"

    team: str = Field(primary_key=True, sa_type=String(32))
    member: str = Field(primary_key=True, sa_type=String(32))
    ref: str = Field(index=True, sa_type=String(16))
    zone: str | None = Field(default=None, sa_type=String(64))
