"""Evidence: files kept under the SHA-256 of their content, so that none can be changed unseen.

A file is written aside, brought to the disk, and only then given its name. So whatever has a name
here is whole, however the writer died.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

from ladders.values import Sha256
from ledger.errors import EvidenceChanged, EvidenceLacking, EvidenceUnwritable

_CHUNK = 1 << 20  # bytes
_NAME = re.compile(r"[0-9a-f]{64}")
_LEFT_OVER = timedelta(days=1).total_seconds()
"""A file that was begun so long before another is nobody's any more."""

Condition = Literal["kept", "missing", "changed", "unreadable"]
"""Whether a file is in the store as it was when it came."""


class Kept(NamedTuple):
    """What was kept: its name in the store, and its size in bytes."""

    sha256: Sha256
    size: int


class EvidenceStore:
    """A folder of files, each under its hash. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        """Keep in ``folder``, which is made when the first file comes."""
        self.folder = folder
        self._incoming = folder / "incoming"

    def keep(self, chunks: Iterable[bytes]) -> Kept:
        """Keep what ``chunks`` make up together; keeping it again changes nothing.

        Raises EvidenceUnwritable where the disk is full or may not be written. Then, and where
        ``chunks`` itself raises, nothing is left of it.
        """
        with self._unwritable():
            self._prepare()
            descriptor, name = tempfile.mkstemp(dir=self._incoming)
        written = Path(name)
        try:
            with FileIO(descriptor, "wb") as file:
                self._sweep(os.fstat(descriptor).st_mtime)
                kept = self._write(file, chunks)
            with self._unwritable():
                written.replace(self.folder / kept.sha256)
                _settle(self.folder)
        except BaseException:
            written.unlink(missing_ok=True)
            raise
        return kept

    def keep_file(self, path: Path) -> Kept:
        """Keep a copy of the file at ``path``, which is only read.

        Raises EvidenceUnwritable, or OSError where the file cannot be read.
        """
        with path.open("rb") as file:
            return self.keep(_chunks(file))

    def has(self, sha256: Sha256) -> bool:
        """Whether a file stands under that hash; whether it is the right one, ``examine`` says."""
        return self._path(sha256).is_file()

    def open(self, sha256: Sha256) -> BinaryIO:
        """The file of that hash, to be read and closed.

        Raises EvidenceLacking, or EvidenceChanged where its content has another hash.
        """
        try:
            file = self._path(sha256).open("rb")
        except FileNotFoundError:
            raise EvidenceLacking(sha256) from None
        if _digest(file) != sha256:
            file.close()
            raise EvidenceChanged(sha256)
        file.seek(0)
        return file

    def examine(self, sha256: Sha256) -> Condition:
        """Whether the file of that hash is there, and still has that hash; reads all of it."""
        try:
            self.open(sha256).close()
        except EvidenceLacking:
            return "missing"
        except EvidenceChanged:
            return "changed"
        except OSError:
            return "unreadable"
        return "kept"

    def erase(self, sha256: Sha256) -> bool:
        """Erase the file of that hash; return whether there was one. The chain keeps the hash."""
        if not self.has(sha256):
            return False
        with self._unwritable():
            self._path(sha256).unlink(missing_ok=True)
            _settle(self.folder)
        return True

    def _path(self, sha256: str) -> Path:
        # A hash that is none could lead out of the folder.
        if not _NAME.fullmatch(sha256):
            raise EvidenceLacking(sha256)
        return self.folder / sha256

    def _prepare(self) -> None:
        if not self._incoming.is_dir():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._incoming.mkdir(mode=0o700, exist_ok=True)
            _settle(self.folder.parent)

    def _sweep(self, now: float) -> None:
        """Remove what writers that were killed have left; ``now`` is as the disk dates files."""
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError):  # its own writer was quicker
                if path.stat().st_mtime < now - _LEFT_OVER:
                    path.unlink()

    def _write(self, file: FileIO, chunks: Iterable[bytes]) -> Kept:
        digest, size = hashlib.sha256(), 0
        for chunk in chunks:
            with self._unwritable():
                _write_all(file, chunk)
            digest.update(chunk)
            size += len(chunk)
        with self._unwritable():
            os.fsync(file.fileno())
        return Kept(digest.hexdigest(), size)

    @contextmanager
    def _unwritable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EvidenceUnwritable(str(self.folder), error.strerror or str(error)) from error


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def _write_all(file: FileIO, chunk: bytes) -> None:
    # Unbuffered, so that a full disk shows itself here and not when the file is closed.
    left = memoryview(chunk)
    while left:
        left = left[file.write(left) :]


def _settle(folder: Path) -> None:
    """Bring the names in ``folder`` to the disk, as otherwise only contents are."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
