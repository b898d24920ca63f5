"""Keeping: a file that somebody attached is fetched and kept, as an activity."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Protocol

from temporalio import activity

from activities.failures import translated
from ladders.contract import Attachment, Document
from ladders.errors import HoldfastError
from ladders.values import Ref, Value

LARGEST = 25_000_000
"""Bytes. Slack itself takes no more than 10 MB in a form."""

AT_ONCE = 2
"""Files that one worker fetches at the same time; the others wait in Temporal for their turn."""


class Fetch(Value):
    """A file to fetch, whose name stays the commitment that it is."""

    contract: Ref
    file: Attachment


class Fetcher(Protocol):
    """Where files that were attached can be had."""

    def fetch(self, file_id: str) -> Iterator[bytes]:
        """The content, piece by piece; raises a Coded failure. Blocks while it waits."""


class Stored(Protocol):
    """What was kept."""

    @property
    def sha256(self) -> str:
        """The hash of its content."""

    @property
    def size(self) -> int:
        """Its size in bytes."""


class Store(Protocol):
    """A place where files are kept under their hashes."""

    def keep(self, chunks: Iterable[bytes]) -> Stored:
        """Keep what the chunks make up; what they raise, or a Coded failure, leaves nothing."""


class TooLarge(HoldfastError):
    """A file that is larger than evidence may be. Fetching it again would not change that."""

    code = "too_large"
    permanent = True
    retry_after: timedelta | None = None

    def __init__(self) -> None:
        """Name the limit."""
        super().__init__(
            f"the file has more than {LARGEST // 1_000_000} MB", "attach it in smaller parts"
        )


class NoSlack:
    """Stands where no Slack token is set: nothing that is in Slack can be had."""

    def fetch(self, file_id: str) -> Iterator[bytes]:
        """Raise Unreachable."""
        raise Unreachable(file_id)


class Unreachable(HoldfastError):
    """A file in Slack, asked for by a worker that has no way there."""

    code = "no_slack"
    permanent = False
    retry_after: timedelta | None = timedelta(hours=1)

    def __init__(self, file_id: str) -> None:
        """Name the file's id."""
        super().__init__(
            f"file {file_id} is in Slack, and no Slack token is set",
            "set HOLDFAST_SLACK_TOKEN_FILE",
        )


class Keeping:
    """Fetches files and keeps them."""

    def __init__(self, fetcher: Fetcher, store: Store) -> None:
        """Fetch from there, keep here."""
        self._fetcher = fetcher
        self._store = store

    @activity.defn
    async def keep(self, wanted: Fetch) -> Document:
        """Fetch a file and keep it; what is kept already is the same file again."""
        with translated():
            stored = await asyncio.to_thread(self._keep, wanted.file)
        return Document(name=wanted.file.name, sha256=stored.sha256, size=stored.size)

    def _keep(self, file: Attachment) -> Stored:
        return self._store.keep(_bounded(self._fetcher.fetch(file.id)))


def _bounded(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise TooLarge
        yield chunk
