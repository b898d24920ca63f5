"""The courier of one ladder: delivers its messages in order, one at a time.

No deadline waits for it. Temporal alone retries; a message that events have overtaken is dropped
on record, and so is the last word on a closed ladder once it could not be delivered for a week.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.failures import ATTEMPT, MAIL_UNREACHABLE, UNREACHABLE
    from activities.notifying import Delivery, Later, Notifying, Order
    from ladders.entries import ROOM, Message
    from ladders.events import Dropped, Event, Lost, Parked, Posted
    from ladders.outbox import board, superseded
    from ladders.state import LadderState
    from workflows.names import COURIER_QUEUE
    from workflows.painter import BOARDS_AT_ONCE, LOST_PAUSE, is_replaced
    from workflows.steps import code, wait_until

_GIVE_UP = timedelta(days=7)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_PARKED_PAUSE = timedelta(hours=6)
_AWAY_PAUSE = timedelta(hours=1)
_THREAD_GONE = ("thread_gone", "thread_not_found", "room_changed")
"""How a channel says that the ladder's board, on which a message hangs, is not there any more."""
_UNASKED = ("no_slack_identity", "no_room", MAIL_UNREACHABLE)
"""Refusals that say nothing of whether the channel can be reached: it was not asked, or perhaps."""
_NOT_PARKED = "an attempt overtaken by events is dropped, not parked"
_PATIENTLY = RetryPolicy(
    initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=10)
)


class Courier:
    """Sends what stands in the outbox, and reports each outcome as an event."""

    def __init__(self, state: Callable[[], LadderState], report: Callable[[Event], None]) -> None:
        """Take the view of the ladder's state, and where outcomes go."""
        self._state = state
        self._report = report
        self.busy = False
        self._again: dict[str, datetime] = {}
        self._away_since: datetime | None = None
        self._mail_away = False
        self._slept_on: str | None = None
        self._mended = 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, and nothing waits that could be."""
        return not self.busy and self._next() is None

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            await workflow.wait_condition(lambda: bool(self._state().outbox))
            message = self._next()
            if message is None:
                await self._rest()
            else:
                await self._handle(message)

    def try_again(self) -> None:
        """Let no message rest any longer: what stood in its way may be mended."""
        self._again.clear()
        self._mended += 1

    def _next(self) -> Message | None:
        """The first message that is not resting: nobody waits behind whom a channel refuses."""
        for message in self._candidates():
            if self._again.get(message.key, _LONG_AGO) <= workflow.now():
                return message
            if self._is_overtaken(message):
                return message
        return None

    def _candidates(self) -> list[Message]:
        """What may be sent next: what is said in the contract's channel goes in order.

        The ladder's board comes first there. While the channel is out of reach, people do.
        """
        outbox = self._state().outbox
        said = sorted(
            (message for message in outbox if message.to == ROOM),
            key=lambda message: message.topic != "ladder",
        )
        found = [message for message in outbox if message.to != ROOM or message == said[0]]
        if self._away_since is not None:
            found.sort(key=lambda message: message.to == ROOM)
        return found

    async def _rest(self) -> None:
        wakes = min(self._again[message.key] for message in self._candidates())
        await wait_until(
            wakes, lambda: self._next() is not None or not self._state().outbox, "rest"
        )

    async def _handle(self, message: Message) -> None:
        self.busy = True
        mended, begun = self._mended, workflow.now()
        self._again.pop(message.key, None)
        outcome = await self._outcome(message)
        self._note_reach(outcome, begun)
        self._note_mail(message, outcome)
        if isinstance(outcome, Later):
            if mended == self._mended:
                self._again[message.key] = outcome.until
        else:
            self._report(outcome)
            await workflow.wait_condition(lambda: self._is_settled(message, outcome))
            if isinstance(outcome, Posted) and message.topic == "ladder":
                self._wake_room()
        self.busy = False
        if isinstance(outcome, Parked) and mended == self._mended:
            self._let_rest(message, outcome)

    def _wake_room(self) -> None:
        """What hangs on the ladder's board rests no longer, as a new one stands."""
        for message in self._state().outbox:
            if message.to == ROOM:
                self._again.pop(message.key, None)

    def _let_rest(self, message: Message, parked: Parked) -> None:
        """Let a message rest; all of them where even people cannot be reached in any way."""
        if parked.problem != UNREACHABLE or self._away_since is None:
            pause = _AWAY_PAUSE if parked.problem == MAIL_UNREACHABLE else _PARKED_PAUSE
            self._again[message.key] = workflow.now() + pause
            return
        # The longer the channel has been away, the more rarely it is tried.
        away = workflow.now() - self._away_since
        until = workflow.now() + min(max(away, _AWAY_PAUSE), _PARKED_PAUSE)
        resting = (message,) if message.to == ROOM else self._state().outbox
        self._again.update({each.key: until for each in resting})

    def _note_reach(self, outcome: Event | Later, begun: datetime) -> None:
        """Remember since when the channel is out of reach: nobody waits the same hour anew."""
        match outcome:
            case Parked(problem=said) | Posted(instead=said) if said == UNREACHABLE:
                self._away_since = self._away_since or begun
            case Parked(problem=said) | Posted(instead=said) if said in _UNASKED:
                pass
            case Posted() | Parked() | Lost():
                self._away_since = None

    def _note_mail(self, message: Message, outcome: Event | Later) -> None:
        """Remember whether mail was away: only the first message of an outage waits for it."""
        match outcome:
            case Parked(problem=said) if said in (UNREACHABLE, MAIL_UNREACHABLE):
                self._mail_away = self._mail_away or message.to != ROOM
            case Posted(instead=refused) if refused is not None:
                self._mail_away = False

    def _is_settled(self, message: Message, outcome: Event) -> bool:
        state = self._state()
        if isinstance(outcome, Parked):
            return message.key in state.parked
        if isinstance(outcome, Lost):
            return is_replaced(state, outcome.message)
        return message not in state.outbox

    def _is_overtaken(self, message: Message) -> bool:
        return superseded(self._state(), message)

    def _is_given_up(self) -> bool:
        closing = self._state().closing
        return closing is not None and workflow.now() >= closing.at + _GIVE_UP

    def _dropped(self, message: Message) -> Dropped:
        if self._is_overtaken(message):
            return Dropped(message=message.key, because="superseded")
        return Dropped(message=message.key, because="given up")

    async def _outcome(self, message: Message) -> Event | Later:
        if self._is_overtaken(message) or self._is_given_up():
            return self._dropped(message)
        latest = board(self._state().stream, self._state().boards)
        sending = self._send(message)
        watching = asyncio.create_task(self._until_pointless(message))
        await workflow.wait([sending, watching], return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            sending.cancel()
        watching.cancel()
        try:
            delivery = await sending
        except ActivityError as error:
            return self._failed(message, latest, error)
        if isinstance(delivery, Later):
            return delivery
        return Posted(
            message=message.key,
            channel=delivery.channel,
            receipt=delivery.receipt,
            wording=delivery.wording,
            instead=delivery.instead,
        )

    def _failed(self, message: Message, latest: Message, error: ActivityError) -> Event | Later:
        # An attempt that was under way when it became pointless fails in its own words.
        pointless = self._is_overtaken(message) or self._is_given_up()
        if is_cancelled_exception(error) or (pointless and workflow.patched(_NOT_PARKED)):
            return self._dropped(message)
        if code(error) in _THREAD_GONE and self._state().board is not None:
            return self._lost(latest, code(error))
        if code(error) in _THREAD_GONE and self._owes_board():
            return Later(until=workflow.now())
        return Parked(message=message.key, problem=code(error))

    def _owes_board(self) -> bool:
        """Whether a board is to be posted, which comes before all that hangs on it."""
        return any(message.topic == "ladder" for message in self._state().outbox)

    def _lost(self, latest: Message, problem: str) -> Lost | Later:
        """The board's loss; where one after another is lost, not before some hours have passed."""
        if self._state().boards > BOARDS_AT_ONCE and self._slept_on != latest.key:
            self._slept_on = latest.key
            return Later(until=workflow.now() + LOST_PAUSE)
        return Lost(message=latest.key, problem=problem)

    def _send(self, message: Message) -> workflow.ActivityHandle[Delivery | Later]:
        state = self._state()
        return workflow.start_activity_method(
            Notifying.notify,
            Order(
                contract=state.contract,
                stream=state.stream,
                message=message,
                away_since=self._away_since,
                mail_away=self._mail_away,
            ),
            task_queue=COURIER_QUEUE,
            start_to_close_timeout=ATTEMPT,
            retry_policy=_PATIENTLY,
            # An attempt that is under way ends on its own: it may have posted.
            cancellation_type=workflow.ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=f"{message.topic} to {message.role}",
        )

    async def _until_pointless(self, message: Message) -> None:
        await workflow.wait_condition(
            lambda: self._is_overtaken(message) or self._state().closing is not None
        )
        closing = self._state().closing
        if closing is not None:
            end = closing.at + _GIVE_UP
            await wait_until(end, lambda: self._is_overtaken(message), "giving up the last word")
