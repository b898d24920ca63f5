"""The newsagent: words the digests that are due, and hands each to a channel once."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol, runtime_checkable

from activities.digesting import Tally
from activities.postman import Channel
from channels.digest_facts import Board, Digest
from channels.digest_wording import word
from channels.message import ChannelError, Letter, Posted
from ladders.prose import leaves, replace_leaves

_LOG = logging.getLogger("holdfast.digests")


class Compiler(Protocol):
    """Compiles digests."""

    def due(self, now: datetime) -> Iterable[Digest]:
        """Those for whose readers it is the day and the hour."""


class Posting(Protocol):
    """What is known of a message that was, or is perhaps, posted."""

    @property
    def receipt(self) -> str | None:
        """Where it stands; None where that is not certain."""


class Postings(Protocol):
    """Remembers what was posted."""

    def find(self, key: str) -> Posting | None:
        """The posting of that key, if an attempt has begun."""

    def show(self, key: str, receipt: str, shown: str) -> None:
        """Commit that the message stands at ``receipt`` and shows what ``shown`` is a digest of."""


@runtime_checkable
class Links(Protocol):
    """A channel that knows the address of what was posted through it."""

    async def link(self, receipt: str) -> str | None:
        """The address at which people find the message of that receipt, if it is known."""


class DigestNewsagent:
    """Sends digests, one after the other, so that a channel is not flooded in the morning."""

    def __init__(
        self,
        compiler: Compiler,
        postings: Postings,
        channel: Channel,
        fallback: Channel | None = None,
    ) -> None:
        """Post through ``channel``; through ``fallback`` what that refuses to tell a person."""
        self._compiler = compiler
        self._postings = postings
        self._channel = channel
        self._fallback = fallback

    async def send(self, at: datetime) -> Tally:
        """Send what is due at an instant and was not sent before.

        One that is refused for good is logged and tried again with the next round, as long as it
        is its reader's morning. Raises the first failure worth retrying, once all were tried.
        """
        sent, failures = 0, list[ChannelError]()
        for digest in await asyncio.to_thread(lambda: list(self._compiler.due(at))):
            if await asyncio.to_thread(self._is_sent, digest.key):
                continue
            try:
                await self._post(digest)
                sent += 1
            except ChannelError as error:
                _LOG.warning("%s was not sent: %s", digest.key, error.code)
                failures.append(error)
        for failure in failures:
            if not failure.permanent:
                raise failure
        return Tally(sent=sent, refused=len(failures))

    def _is_sent(self, key: str) -> bool:
        posting = self._postings.find(key)
        return posting is not None and posting.receipt is not None

    async def _post(self, digest: Digest) -> None:
        letter = await self._letter(digest)
        posted = await self._handed_over(letter)
        # A channel that remembers by itself has done so already, and knows better what it shows.
        if not await asyncio.to_thread(self._is_sent, digest.key):
            shown = hashlib.sha256(letter.text.encode()).hexdigest()
            await asyncio.to_thread(self._postings.show, digest.key, posted.receipt, shown)

    async def _handed_over(self, letter: Letter) -> Posted:
        try:
            return await self._channel.post(letter)
        except ChannelError as refusal:
            if not refusal.permanent:
                raise
            if self._fallback is None:
                raise
            return await self._fallback.post(letter)

    async def _letter(self, digest: Digest) -> Letter:
        receipts = dict.fromkeys(leaves(digest.facts, Board))
        found = {receipt: await self._link(receipt) for receipt in receipts}
        wording = word(replace_leaves(digest.facts, Board, found.__getitem__))
        return Letter(
            key=digest.key,
            to=digest.to,
            subject=wording.subject,
            text=wording.text,
            passages=wording.passages,
        )

    async def _link(self, receipt: str) -> str:
        if not isinstance(self._channel, Links):
            return ""
        return await self._channel.link(receipt) or ""
