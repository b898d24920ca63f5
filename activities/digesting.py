"""Digesting: the digests that are due at an instant, sent as an activity."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from temporalio import activity

from activities.failures import translated
from ladders.values import Instant, Value

_SIGN_OF_LIFE_SECONDS = 5


class Round(Value):
    """The instant whose digests are wanted."""

    at: Instant


class Tally(Value):
    """How many digests were sent, and how many refused; of whom, stands in no history."""

    sent: int
    refused: int


class Newsagent(Protocol):
    """Sends the digests that are due, each once however often it is asked."""

    async def send(self, at: Instant) -> Tally:
        """Send all of them, or raise a Coded failure once those are sent that can be."""


class Digesting:
    """Sends digests."""

    def __init__(self, newsagent: Newsagent) -> None:
        """Keep who sends them."""
        self._newsagent = newsagent

    @activity.defn
    async def send_due(self, due: Round) -> Tally:
        """Send the digests that are due at an instant."""
        async with _signs_of_life():
            with translated():
                return await self._newsagent.send(due.at)


@asynccontextmanager
async def _signs_of_life() -> AsyncIterator[None]:
    """Tell Temporal every few seconds that this process lives, so that its death is noticed."""

    async def tell() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(_SIGN_OF_LIFE_SECONDS)

    telling = asyncio.create_task(tell())
    try:
        yield
    finally:
        telling.cancel()
