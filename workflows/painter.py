"""The painter of one ladder: has its messages show how things stand, whenever they have changed.

What comes meanwhile is shown by the next stroke. No clock and no message waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, RetryState, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.failures import ATTEMPT
    from activities.showing import Showed, Showing, Sight
    from ladders.entries import Message
    from ladders.events import Event, Lost
    from ladders.outbox import TELLS_ROOM, board
    from ladders.state import LadderState
    from workflows.names import COURIER_QUEUE
    from workflows.steps import wait_until

_PATIENTLY = RetryPolicy(
    initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=10)
)
_GIVE_UP = timedelta(days=7)
_AWAY_PAUSE = timedelta(minutes=10)
"""How long the ladder waits once a channel was out of reach for LOST_PAUSE, attempt by attempt."""
LOST_PAUSE = timedelta(hours=6)
"""How long a channel is left alone that refuses changes, or loses one board after another; and for
how long one attempt after another is made to reach it, before the ladder looks up again."""
BOARDS_AT_ONCE = 2
"""So many boards of a ladder follow each other at once; from then on one in LOST_PAUSE."""


class Painter:
    """Asks for a new picture, one at a time, until what is shown is what stands in the ledger."""

    def __init__(
        self,
        state: Callable[[], LadderState],
        report: Callable[[Event], None],
        is_idle: Callable[[], bool],
    ) -> None:
        """Take the view of the ladder's state, and where a loss is reported.

        While the courier is not ``is_idle``, strokes wait: several facts make one picture.
        """
        self._state = state
        self._report = report
        self._is_idle = is_idle
        self._touched = True
        self._busy = False
        self._rests_until: datetime | None = None
        self._board_rests = False
        self._has_rested = False
        self._mended = False

    def try_again(self) -> None:
        """Let the board rest no longer: what stood in the way may be mended."""
        self._mended = True

    def touch(self) -> None:
        """Something has happened that has to be shown."""
        self._touched = True

    @property
    def is_owing(self) -> bool:
        """Whether something is still to be shown, and can be."""
        owes = self._touched or self._busy or self._rests_until is not None
        return owes and self._has_shown

    async def run(self) -> None:
        """Paint until cancelled."""
        self._touched, self._busy = True, False
        self._rests_until, self._board_rests = None, False
        while True:
            await self._until_due()
            if self._may_paint():
                self._touched, self._busy, self._mended = False, True, False
                await self._paint()
                self._busy = False

    async def _until_due(self) -> None:
        ends = self._rests_until
        await wait_until(ends, self._may_paint, "waiting for the channel to be mended")
        if ends is not None and (self._mended or workflow.now() >= ends):
            self._rests_until, self._board_rests, self._touched = None, False, True

    def _may_paint(self) -> bool:
        wakes = self._touched or (self._mended and self._rests_until is not None)
        return wakes and self._has_shown and self._is_idle()

    @property
    def _has_shown(self) -> bool:
        """Whether anything stands anywhere that can be changed."""
        state = self._state()
        in_person = state.has_letters and state.opened.rules >= TELLS_ROOM
        return state.board is not None or in_person

    async def _paint(self) -> None:
        """Show how things stand; report it where the board can be changed no more.

        While the board rests, what people were told in person is still kept up to date.
        """
        state = self._state()
        latest = board(state.stream, state.boards)
        try:
            showed = await workflow.execute_activity_method(
                Showing.show,
                Sight(
                    contract=state.contract,
                    stream=state.stream,
                    board=state.board is not None and not self._board_rests,
                ),
                task_queue=COURIER_QUEUE,
                start_to_close_timeout=ATTEMPT,
                schedule_to_close_timeout=LOST_PAUSE,
                retry_policy=_PATIENTLY,
                summary="show how things stand",
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise asyncio.CancelledError from None
            # The channel refuses; messages that are parked there say why. Or it was out of reach.
            is_refused = error.retry_state == RetryState.NON_RETRYABLE_FAILURE
            self._rest(LOST_PAUSE if is_refused else _AWAY_PAUSE, board=is_refused)
        else:
            await self._note(showed, latest)

    async def _note(self, showed: Showed, latest: Message) -> None:
        if showed.refused is not None:
            self._rest(LOST_PAUSE, board=False)
        if showed.lost is None:
            return
        if self._state().boards > BOARDS_AT_ONCE and not self._has_rested:
            self._rest(LOST_PAUSE, board=True)
            self._has_rested = True
            return
        # What is posted in its place shows how things stand then.
        self._has_rested = False
        self._report(Lost(message=latest.key, problem=showed.lost))
        await workflow.wait_condition(lambda: is_replaced(self._state(), latest.key))

    def _rest(self, pause: timedelta, *, board: bool) -> None:
        closing = self._state().closing
        if closing is None or workflow.now() < closing.at + _GIVE_UP:
            self._rests_until = self._rests_until or workflow.now() + pause
            self._board_rests = self._board_rests or board


def is_replaced(state: LadderState, key: str) -> bool:
    """Whether the board that was owed as ``key`` is the ladder's board no longer."""
    return state.board is None or board(state.stream, state.boards).key != key
