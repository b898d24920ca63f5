"""What the ledger refuses, and which failures are worth retrying."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ladders.errors import HoldfastError


class KeyConflict(HoldfastError):
    """A key is taken by something else: an entry, or an inbox row, of other content."""

    def __init__(self, contract: str, key: str) -> None:
        """Name the key."""
        super().__init__(
            f"{contract}: {key!r} is already recorded with other content",
            "a retry must repeat exactly what was sent first; record a correction under a new key",
        )


class LedgerBehind(HoldfastError):
    """The predecessor that an entry names is missing: the ledger is older than its caller.

    Not permanent: appending succeeds once the newest backup is restored, or the ledger mended.
    """

    code = "ledger-behind"
    permanent = False
    retry_after: timedelta | None = timedelta(minutes=1)

    def __init__(self, contract: str, stream: str, after: str) -> None:
        """Name the missing predecessor."""
        super().__init__(
            f"{contract}, stream {stream}: the ledger lacks {after!r}, which was recorded before",
            "an older backup seems to have been restored, and nothing is appended until that is "
            "mended: restore the newest backup, or run holdfast reconcile",
        )


class OutOfOrder(HoldfastError):
    """An entry that does not follow the latest one of its stream."""

    def __init__(self, contract: str, stream: str, after: str | None, latest: str | None) -> None:
        """Name the predecessor claimed and the one found."""
        super().__init__(
            f"{contract}, stream {stream}: the entry follows {after!r}, the latest is {latest!r}",
            "rebuild the state from the ledger before appending",
        )


class NotStorable(HoldfastError):
    """An entry that would not read back as it was written, or tells what must stay erasable."""

    def __init__(self, contract: str, key: str, why: str) -> None:
        """Name the entry and the reason."""
        super().__init__(
            f"{contract}: entry {key!r} cannot be stored: {why}",
            "seal texts, identify people, write money as a string and identifiers in ASCII",
        )


class UnreadableLine(HoldfastError):
    """A stored line that is not what the ledger wrote."""

    def __init__(self, contract: str, seq: int, why: str) -> None:
        """Name the entry and the reason."""
        super().__init__(
            f"{contract}: entry {seq} cannot be read: {why}",
            "run verify, and restore the entry from a backup or an earlier audit",
        )


class UnreadableHead(HoldfastError):
    """A head that was noted in another form than ``HASH@ENTRY``."""

    def __init__(self, text: str) -> None:
        """Quote it."""
        super().__init__(
            f"{text!r} is not a head",
            "write the 64 hexadecimal digits of its hash, '@' and the number of the entry",
        )


class NothingRecorded(HoldfastError):
    """A contract of which the ledger holds no entry."""

    def __init__(self, contract: str) -> None:
        """Name the contract."""
        super().__init__(
            f"the ledger holds no entry of contract {contract!r}",
            "check the reference, or register the contract first",
        )


class NotAnExport(HoldfastError):
    """A path at which no exported ledger stands."""

    def __init__(self, path: str) -> None:
        """Name the path."""
        super().__init__(
            f"there is no exported ledger at {path}",
            "name the folder of an audit, or its ledger.jsonl",
        )


class PrivateRowForged(HoldfastError):
    """A private text that is not the one the chain committed to."""

    def __init__(self, commitment: str) -> None:
        """Name the commitment."""
        super().__init__(
            f"the text kept for {commitment} is not the one recorded",
            "somebody changed it; restore the row from a backup or erase it",
        )


class NotSealable(HoldfastError):
    """Free text that cannot be kept as it is."""

    def __init__(self, why: str) -> None:
        """Say why, without the text: it is private."""
        super().__init__(f"the text cannot be sealed: {why}", "write it in other words")


class UnknownRequest(HoldfastError):
    """An inbox key that was never received."""

    def __init__(self, key: str) -> None:
        """Name the key."""
        super().__init__(f"the inbox holds no request {key!r}", "receive it before settling it")


class EvidenceUnwritable(HoldfastError):
    """The folder of evidence cannot be written: no space, no rights, no disk.

    Not permanent: an operator mends it, and what was to be kept can still be fetched.
    """

    code = "evidence-unwritable"
    permanent = False
    retry_after: timedelta | None = timedelta(minutes=10)

    def __init__(self, folder: str, why: str) -> None:
        """Name the folder and the system's reason."""
        super().__init__(
            f"evidence cannot be kept in {folder}: {why}",
            "make room there, or let this user write there",
        )


class EvidenceLacking(HoldfastError):
    """A file of which the store holds nothing."""

    def __init__(self, sha256: str) -> None:
        """Name its hash."""
        super().__init__(
            f"no evidence is kept under {sha256}",
            "restore the folder of evidence from a backup",
        )


class EvidenceChanged(HoldfastError):
    """A file in the store that is not what its name says."""

    def __init__(self, sha256: str) -> None:
        """Name the hash it stands under."""
        super().__init__(
            f"the evidence kept under {sha256} has another content",
            "somebody changed it, or the disk did; restore the file from a backup",
        )


class UnsupportedDatabase(HoldfastError):
    """A database address that is neither SQLite nor PostgreSQL."""

    def __init__(self, why: str) -> None:
        """Say what is wrong, without the address: it may carry a password."""
        super().__init__(
            f"the ledger's database address cannot be used: {why}",
            "write sqlite:///path/to/ledger.db or postgresql+psycopg://user@host/database",
        )


class LedgerNewer(HoldfastError):
    """A database that a newer version of this program has migrated."""

    def __init__(self, why: str) -> None:
        """Repeat what the migration said."""
        super().__init__(
            f"the ledger's tables are newer than this program ({why})",
            "install the version that migrated them, or a later one",
        )


def is_transient(error: BaseException) -> bool:
    """Whether trying again later may help: the database is away, busy, full, or behind.

    A ledger that is behind counts as such, because an operator mends it by restoring the right
    backup; a conflict or a wrong order stays wrong however often it is tried.
    """
    if isinstance(error, LedgerBehind | PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if isinstance(error.orig, sqlite3.Error):
        return _is_transient_in_sqlite(error.orig)
    return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)


def _is_transient_in_sqlite(error: sqlite3.Error) -> bool:
    # SQLite raises OperationalError for a missing table as for a full disk; the code tells them
    # apart (its low byte is the primary code).
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return code in {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
    }
