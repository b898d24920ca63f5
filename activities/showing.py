"""Showing: what a channel shows of a ladder is brought in line with the ledger, as an activity."""

from __future__ import annotations

from typing import Protocol

from temporalio import activity

from activities.failures import translated
from ladders.values import Ref, Value


class Sight(Value):
    """A ladder whose messages are to be as things stand; its ``board`` too, or people's alone."""

    contract: Ref
    stream: str
    board: bool = True


class Showed(Value):
    """What came of it. ``lost`` is why the ladder's board can be changed no more, if so.

    ``refused`` is why somebody's own message cannot be changed until somebody mends that, if so.
    """

    lost: str | None = None
    refused: str | None = None


class Signwriter(Protocol):
    """Writes boards anew."""

    async def bring_up_to_date(self, sight: Sight) -> Showed:
        """Let every message show how things stand now, or raise a Coded failure."""


class Showing:
    """Keeps what is shown up to date."""

    def __init__(self, signwriter: Signwriter) -> None:
        """Keep who writes."""
        self._signwriter = signwriter

    @activity.defn
    async def show(self, sight: Sight) -> Showed:
        """Bring what is shown of the ladder up to date."""
        with translated():
            return await self._signwriter.bring_up_to_date(sight)
