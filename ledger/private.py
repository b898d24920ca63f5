"""Texts and identities that may be erased while the chain that commits to them stays verifiable.

The chain holds ``sealed:`` and SHA-256(salt + text); salt and text stand in a row of their own.
Without the random salt a short text could be guessed from its commitment; erasing the row takes
the salt along.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar, cast

from sqlalchemy import CursorResult, Delete, Engine, delete
from sqlmodel import Session, col, select

from ladders.amending import named_in
from ladders.entries import Entry
from ladders.prose import PersonRef, Prose, leaves, replace_leaves
from ledger.errors import NotSealable, PrivateRowForged
from ledger.opening import forget_deleted, reading, writing
from ledger.tables import IdentityRow, PrivateTextRow, SlackIdentityRow

T = TypeVar("T")

ERASED = "[erased]"
"""What is shown in place of a text whose row is gone."""

_PREFIX = "sealed:"
_SLACK = "slack:"
_SALT_BYTES = 32
_PSEUDONYM_BYTES = 5
_MOST_PARAMETERS = 1000
_IDENTITY_LOCK = int.from_bytes(b"identity")


class PrivateRows:
    """The erasable rows. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        """Keep them in the ledger's database, though not in its chain."""
        self._engine = engine

    def seal(self, contract: str, value: T) -> T:
        """Return ``value`` with each text replaced by a fresh commitment, all in one transaction.

        Equal texts of one call share a commitment; the same text sealed again gets another one,
        so seal once and keep the result. Raises NotSealable for a text that looks sealed already.
        """
        rows = {str(leaf): _sealed_row(contract, leaf) for leaf in leaves(value, Prose)}
        if not rows:
            return value
        with writing(self._engine) as session:
            session.add_all(rows.values())
            sealed = {leaf: _PREFIX + row.commitment for leaf, row in rows.items()}
        return replace_leaves(value, Prose, sealed.__getitem__)

    def open(self, value: T) -> T:
        """Return ``value`` with each commitment replaced by its text, or by ``[erased]``.

        Raises PrivateRowForged where a row holds another text than was committed to.
        """
        sealed = [leaf for leaf in leaves(value, Prose) if Prose(leaf).is_sealed]
        if not sealed:
            return value
        with reading(self._engine) as session:
            rows = kept(session, sealed)

        def opened(leaf: str) -> str:
            return _opened(leaf, rows) if Prose(leaf).is_sealed else leaf

        return replace_leaves(value, Prose, opened)

    def identify(self, identity: str) -> PersonRef:
        """The pseudonym of an e-mail address or ``os:user``; made by chance on first use.

        Upper and lower case mean the same person.
        """
        identity = identity.strip().lower()
        with reading(self._engine) as session:
            known = _pseudonym(session, identity)
        if known is not None:
            return known
        with writing(self._engine, lock=_IDENTITY_LOCK) as session:
            known = _pseudonym(session, identity)
            if known is None:
                known = _unused_pseudonym(session)
                session.add(IdentityRow(ref=known, identity=identity))
        return known

    def identity_of(self, ref: str) -> str | None:
        """Whom a pseudonym stands for; None once erased, or if it never stood for anybody."""
        with reading(self._engine) as session:
            row = session.get(IdentityRow, ref)
            return None if row is None else row.identity

    def remember_slack(self, team: str, user: str, ref: PersonRef, zone: str | None) -> None:
        """Remember that this member of a Slack workspace is this person, and that no other is.

        ``zone`` is the IANA time zone that the member has set.
        """
        former = delete(SlackIdentityRow).where(col(SlackIdentityRow.ref) == ref)
        with writing(self._engine, lock=_IDENTITY_LOCK) as session:
            session.connection().execute(former)
            session.merge(SlackIdentityRow(team=team, member=user, ref=ref, zone=zone))

    def slack_person(self, team: str, user: str) -> PersonRef | None:
        """Which person a member of a Slack workspace is, as far as remembered."""
        with reading(self._engine) as session:
            row = session.get(SlackIdentityRow, (team, user))
            return None if row is None else PersonRef(row.ref)

    def slack_of(self, ref: str) -> tuple[str, str, str | None] | None:
        """Workspace, member id and zone under which Slack knows a person, as far as remembered."""
        query = select(SlackIdentityRow).where(SlackIdentityRow.ref == ref)
        with reading(self._engine) as session:
            row = session.exec(query).one_or_none()
            return None if row is None else (row.team, row.member, row.zone)

    def mentioning(self, words: str, contract: str | None = None) -> list[str]:
        """The commitments of all texts in which ``words`` occur, in whatever case."""
        query = select(PrivateTextRow)
        if contract is not None:
            query = query.where(PrivateTextRow.contract == contract)
        with reading(self._engine) as session:
            rows = session.exec(query.order_by(col(PrivateTextRow.commitment)))
            return [
                _PREFIX + row.commitment for row in rows if words.casefold() in row.text.casefold()
            ]

    def erase(self, sealed: Collection[str]) -> int:
        """Erase the texts behind these commitments; return how many there were."""
        return self._erase(_erasing(sealed))

    def erase_contract(self, contract: str) -> int:
        """Erase every text of a contract; return how many there were."""
        return self._erase([delete(PrivateTextRow).where(col(PrivateTextRow.contract) == contract)])

    def erase_person(self, ref: PersonRef, entries: Iterable[Entry]) -> int:
        """Erase who a pseudonym is, and what ``entries`` say of them.

        Returns how many rows there were. Notes that name the person are found by ``mentioning``.
        """
        sealed = {
            leaf
            for entry in entries
            for person in named_in(entry)
            if person.id == ref
            for leaf in leaves(person, Prose)
        }
        identity = delete(IdentityRow).where(col(IdentityRow.ref) == ref)
        known = self.slack_of(ref)
        if known is not None:
            # Whoever clicked before Slack had said who they are has a pseudonym as a member too.
            bare = col(IdentityRow.identity) == slack_identity(known[0], known[1])
            identity = delete(IdentityRow).where((col(IdentityRow.ref) == ref) | bare)
        slack = delete(SlackIdentityRow).where(col(SlackIdentityRow.ref) == ref)
        return self._erase([*_erasing(sealed), identity, slack])

    def _erase(self, statements: Iterable[Delete]) -> int:
        with writing(self._engine) as session:
            connection = session.connection()
            results = [connection.execute(statement) for statement in statements]
            erased = sum(cast("CursorResult[object]", result).rowcount for result in results)
        forget_deleted(self._engine)
        return erased


def slack_identity(team: str, user: str) -> str:
    """How a member of a Slack workspace is identified who is not known to be any person."""
    return f"{_SLACK}{team}:{user}".lower()


def slack_member(identity: str) -> tuple[str, str] | None:
    """Workspace and id of the member that ``identity`` stands for, if it is one of those."""
    if not identity.startswith(_SLACK):
        return None
    team, _, user = identity.removeprefix(_SLACK).upper().partition(":")
    return team, user


def kept(session: Session, sealed: Collection[str]) -> dict[str, PrivateTextRow]:
    """The rows that still exist, by commitment with its prefix."""
    rows: dict[str, PrivateTextRow] = {}
    for some in _portions(sealed):
        query = select(PrivateTextRow).where(col(PrivateTextRow.commitment).in_(some))
        rows |= {_PREFIX + row.commitment: row for row in session.exec(query)}
    return rows


def is_genuine(row: PrivateTextRow) -> bool:
    """Whether a row holds what its commitment was made of."""
    return row.commitment == _commitment(row.salt, row.text)


def _commitment(salt: bytes, text: str) -> str:
    return hashlib.sha256(salt + text.encode()).hexdigest()


def _sealed_row(contract: str, leaf: str) -> PrivateTextRow:
    # Whoever may type a commitment as a note would otherwise read the text it stands for.
    if Prose(leaf).is_sealed:
        raise NotSealable("it has the form of a text that is sealed already")
    if "\0" in leaf:
        raise NotSealable("it contains a NUL character")
    salt = secrets.token_bytes(_SALT_BYTES)
    commitment = _commitment(salt, leaf)
    return PrivateTextRow(commitment=commitment, contract=contract, salt=salt, text=str(leaf))


def _opened(leaf: str, rows: dict[str, PrivateTextRow]) -> str:
    row = rows.get(leaf)
    if row is None:
        return ERASED
    if not is_genuine(row):
        raise PrivateRowForged(leaf)
    return row.text


def _pseudonym(session: Session, identity: str) -> PersonRef | None:
    row = session.exec(select(IdentityRow).where(IdentityRow.identity == identity)).one_or_none()
    return None if row is None else PersonRef(row.ref)


def _unused_pseudonym(session: Session) -> PersonRef:
    while True:
        letters = base64.b32encode(secrets.token_bytes(_PSEUDONYM_BYTES)).decode().lower()
        if session.get(IdentityRow, f"p-{letters}") is None:
            return PersonRef(f"p-{letters}")


def _erasing(sealed: Collection[str]) -> Iterator[Delete]:
    for some in _portions(sealed):
        yield delete(PrivateTextRow).where(col(PrivateTextRow.commitment).in_(some))


def _portions(sealed: Collection[str]) -> Iterator[list[str]]:
    # Databases limit the parameters of one statement.
    bare = [leaf.removeprefix(_PREFIX) for leaf in sealed]
    for start in range(0, len(bare), _MOST_PARAMETERS):
        yield bare[start : start + _MOST_PARAMETERS]
