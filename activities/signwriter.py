"""The signwriter: writes a ladder's board anew, and lets messages carry what is still answered."""

from __future__ import annotations

import asyncio
from typing import Protocol, runtime_checkable

from activities.archive import Archive, Asking
from activities.showing import Showed, Sight
from channels.composing import compose, compose_board
from channels.message import Address, ChannelError, Gone, Letter, Offer, Surface


@runtime_checkable
class Canvas(Protocol):
    """A channel whose messages can be changed after they were posted."""

    name: str

    @property
    def surface(self) -> Surface:
        """Where its letters are read."""

    async def show(self, letter: Letter, receipt: str) -> bool:
        """Let the message at ``receipt`` show ``letter``. Raises Gone or another Coded failure."""

    async def find(self, key: str) -> str | None:
        """Where a message stands that was perhaps posted; None where it was not."""

    async def offers(self, key: str, answers: tuple[Offer, ...]) -> bool:
        """Whether the personal message of that key carries these answers and no others."""


class LedgerSignwriter:
    """Shows what the ledger says, and nothing else."""

    def __init__(self, archive: Archive, channel: object) -> None:
        """Write on ``channel``, if it is one whose messages can be changed."""
        self._archive = archive
        self._canvas = channel if isinstance(channel, Canvas) else None

    async def bring_up_to_date(self, sight: Sight) -> Showed:
        """Change the board, then every personal message whose answers are others by now."""
        canvas = self._canvas
        if canvas is None:
            return Showed()
        try:
            lost = await self._write_board(sight, canvas) if sight.board else None
        except Exception:
            # A room that refuses keeps no answer standing that has been given elsewhere.
            await self._change_answers(sight, canvas)
            raise
        return Showed(lost=lost, refused=await self._change_answers(sight, canvas))

    async def _change_answers(self, sight: Sight, canvas: Canvas) -> str | None:
        """Change what can be changed; return why something is refused until that is mended.

        One that cannot be changed keeps no other as it is. Raises the first failure that may pass.
        """
        found = self._archive.asking(sight.contract, sight.stream, canvas.name)
        failures: list[ChannelError] = []
        for each in await asyncio.to_thread(list, found):
            if not await canvas.offers(each.key, each.answers):
                try:
                    await self._change(each, canvas)
                except ChannelError as failure:
                    failures.append(failure)
        passing = (failure for failure in failures if not failure.permanent)
        if (first := next(passing, None)) is not None:
            raise first
        return failures[0].code if failures else None

    async def _write_board(self, sight: Sight, canvas: Canvas) -> str | None:
        told = await asyncio.to_thread(self._archive.board, sight.contract, sight.stream)
        if told is None or told.board is None:
            return None
        try:
            await canvas.show(compose_board(told, canvas.surface), told.board)
        except Gone as gone:
            return gone.code
        return None

    async def _change(self, asking: Asking, canvas: Canvas) -> None:
        receipt = asking.receipt or await canvas.find(asking.key)
        if receipt is None:
            return
        told = await asyncio.to_thread(self._archive.told, asking.order)
        # Whom it went to no longer matters: it stands where its receipt says.
        letter = compose(told, Address(email=asking.order.message.to), canvas.surface)
        await canvas.show(letter, receipt)
