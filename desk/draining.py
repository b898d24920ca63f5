"""Draining: what the inbox still holds is sent on, to each workflow in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

from desk.clickers import Unidentified
from ladders.errors import HoldfastError
from ledger.inbox import InboxRow

_LOG = logging.getLogger("holdfast.desk")
_AT_ONCE = 8

Send = Callable[[InboxRow], Awaitable[object]]


async def send_on(rows: Iterable[InboxRow], send: Send, silence: type[HoldfastError]) -> int:
    """Send on ``rows``; return how many are left. ``silence`` is what ``send`` raises unanswered.

    Those for one workflow go in the order they were received; workflows do not wait for each
    other, unless several stay silent at once.
    """
    waiting: dict[str, list[InboxRow]] = {}
    for row in rows:
        waiting.setdefault(row.target, []).append(row)
    few = asyncio.Semaphore(_AT_ONCE)

    async def in_turn(rows: list[InboxRow]) -> int:
        async with few:
            return await _in_order(rows, send, silence)

    return sum(await asyncio.gather(*map(in_turn, waiting.values())))


async def _in_order(rows: list[InboxRow], send: Send, silence: type[HoldfastError]) -> int:
    left = 0
    for index, row in enumerate(rows):
        try:
            await send(row)
        except Unidentified:
            # Only Slack knows whose it is; those behind it do not wait for Slack.
            left += 1
        except silence:
            # Those behind it would meet the same silence, or overtake it.
            return left + len(rows) - index
        except HoldfastError:
            # A refusal is an answer; it stands in the inbox row.
            continue
        except Exception:  # noqa: BLE001
            # One request that cannot be sent on keeps no other from it.
            _LOG.exception("request %s could not be sent on", row.key)
            left += 1
    return left
