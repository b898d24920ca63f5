"""Pacing: messages go to one place one at a time, no faster than it takes them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic

from channels.message import NotSent

PACE = timedelta(seconds=1)
"""Slack takes about one message a second in a channel."""

LONGEST_WAIT = timedelta(seconds=20)
"""Whoever would have to wait longer for its turn is sent away, and comes back by itself."""


class Pacing:
    """The turns of one process. ``now`` counts seconds, from whenever."""

    def __init__(self, pace: timedelta = PACE, now: Callable[[], float] = monotonic) -> None:
        """Leave ``pace`` between two messages to one place."""
        self._pace = pace.total_seconds()
        self._now = now
        self._free: defaultdict[str, float] = defaultdict(float)
        self._waiting: defaultdict[str, int] = defaultdict(int)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    @asynccontextmanager
    async def turn(self, place: str) -> AsyncIterator[None]:
        """Wait for the next turn at ``place``, and have it alone.

        Raises NotSent, with how long to stay away, where that would take too long. A NotSent that
        is raised within, with a pause of its own, keeps everybody away from the place as long.
        """
        self._refuse_if_long(place, self._waiting[place] * self._pace)
        self._waiting[place] += 1
        try:
            async with self._locks[place]:
                self._refuse_if_long(place, 0)
                await asyncio.sleep(max(0, self._free[place] - self._now()))
                self._free[place] = self._now() + self._pace
                try:
                    yield
                except NotSent as error:
                    self._hold(place, error.retry_after)
                    raise
        finally:
            self._waiting[place] -= 1

    def _refuse_if_long(self, place: str, queue: float) -> None:
        wait = max(0, self._free[place] - self._now()) + queue
        if wait > LONGEST_WAIT.total_seconds():
            raise NotSent("queue_full", timedelta(seconds=wait))

    def _hold(self, place: str, pause: timedelta | None) -> None:
        if pause is not None:
            self._free[place] = max(self._free[place], self._now() + pause.total_seconds())
