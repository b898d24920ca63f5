"""The workflow of one ladder: feeds events to the decision, records and applies what it says."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.recording import Recorded
    from ladders.actions import permit
    from ladders.alarms import next_alarm
    from ladders.decision import (
        ANSWERS_LAST,
        LOOKS_BEFORE_SILENCE,
        TELLS_AT_ONCE,
        decide,
        silent_until,
    )
    from ladders.entries import (
        Entry,
        MessageDropped,
        MessageLost,
        MessageParked,
        MessagePosted,
        Outcome,
    )
    from ladders.errors import HoldfastError
    from ladders.events import Action, Event, Terms, Tick
    from ladders.folding import apply, begin
    from ladders.outbox import TELLS_ROOM
    from ladders.state import LadderState
    from ladders.values import Value
    from workflows import board
    from workflows.courier import Courier
    from workflows.keeper import Keeper
    from workflows.names import contract_id
    from workflows.painter import Painter
    from workflows.steps import received, record, wait_until


class LadderInput(Value):
    """How a ladder starts: from its first entry, or from the state an earlier run handed on."""

    opening: Entry | None = None
    state: LadderState | None = None


class Closed(Value):
    """What a ladder tells its contract when it is over."""

    stream: str
    outcome: Outcome


class Answer(Value):
    """The answer to an action: the entry it became, or that it had been applied before."""

    entry: Recorded | None


_OUTCOMES = (MessagePosted, MessageParked, MessageDropped, MessageLost)
"""What changes nothing of what is shown."""

Waiting = tuple[Event, asyncio.Future[Answer] | None]


@workflow.defn(name="Ladder")
class LadderWorkflow:
    """One ladder, from its first early warning to its close."""

    @workflow.init
    def __init__(self, start: LadderInput) -> None:
        """Take the state up from wherever it comes."""
        if start.state is not None:
            self._state = start.state
        elif start.opening is not None:
            self._state = begin(start.opening)
        else:
            message = "a ladder starts from its first entry or from a state"
            raise ApplicationError(message, non_retryable=True)
        self._waiting: deque[Waiting] = deque()
        self._received: set[str] = set()
        self._has_told = False
        self._deciding = False
        self._blocked: str | None = None
        self._helpers: list[asyncio.Task[None]] = []
        self._courier = Courier(lambda: self._state, self._report)
        self._keeper = Keeper(lambda: self._state, self._report)
        self._painter = Painter(lambda: self._state, self._report, lambda: self._courier.is_idle)

    @workflow.run
    async def run(self, start: LadderInput) -> None:
        """Walk the ladder until it is closed and every message has its outcome."""
        if start.opening is not None:
            await record(start.opening, self._alarm)
        self._start_helpers()
        while not self._is_over():
            await self._pass_time(workflow.now())
            if self._state.opened.rules >= TELLS_AT_ONCE:
                await self._tell_contract()
            self._show()
            if self._should_hand_on():
                self._stop_helpers()
                # A handler that still waits may wait for what came in meanwhile: that comes first.
                await workflow.wait_condition(
                    lambda: bool(self._waiting) or workflow.all_handlers_finished()
                )
                if not self._waiting:
                    workflow.continue_as_new(LadderInput(state=self._state))
                self._start_helpers()
            await self._take_next()
        self._stop_helpers()
        await self._tell_contract()
        while not workflow.all_handlers_finished():
            await workflow.wait_condition(
                lambda: bool(self._waiting) or workflow.all_handlers_finished()
            )
            await self._answer_all()

    @workflow.update
    async def act(self, action: Action) -> Answer:
        """Apply a person's action; refused if the table or the state does not allow it."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((action, answer))
        return await answer

    @act.validator
    def _refuse_early(self, action: Action) -> None:
        if self._deciding or self._waiting or action.key in self._state.answered:
            # What is still under way may allow it; the loop decides in its turn.
            return
        try:
            at = min(workflow.now(), action.received_at)
            permit(self._foreseen(action), action, at)
        except HoldfastError as refusal:
            raise refused(refusal) from None

    def _foreseen(self, action: Action) -> LadderState:
        """The state once all is recorded that fell due before ``action`` was received (law 14)."""
        state, now = self._state, workflow.now()
        due = Tick(until=min(action.received_at, now))
        while entries := decide(state, due, now):
            for entry in entries:
                state = apply(state, entry)
        return state

    @workflow.signal
    def mended(self) -> None:
        """Whatever kept messages from being sent may be mended: parked ones are tried now."""
        self._courier.try_again()
        self._painter.try_again()

    @workflow.signal
    def follow(self, terms: Terms) -> None:
        """The contract's terms have changed."""
        self._report(terms)

    @workflow.query
    def state(self) -> LadderState:
        """The state the ladder stands in; equal to the fold of its entries in the ledger."""
        return self._state

    def _report(self, event: Event) -> None:
        self._waiting.append((event, None))

    def _alarm(self, blocked: str | None) -> None:
        if blocked != self._blocked:
            self._blocked = blocked
            self._show()

    def _start_helpers(self) -> None:
        self._helpers = [
            asyncio.create_task(self._courier.run()),
            asyncio.create_task(self._keeper.run()),
        ]
        if self._state.opened.rules >= TELLS_ROOM:
            self._helpers.append(asyncio.create_task(self._painter.run()))

    def _stop_helpers(self) -> None:
        for helper in self._helpers:
            helper.cancel()

    def _is_over(self) -> bool:
        state = self._state
        owes = bool(state.outbox or state.attached) or self._painter.is_owing
        return state.closing is not None and not owes and not self._waiting

    def _should_hand_on(self) -> bool:
        suggested = workflow.info().is_continue_as_new_suggested()
        return suggested and not self._waiting and not self._courier.busy

    async def _take_next(self) -> None:
        alarm = next_alarm(self._state)
        await wait_until(
            alarm and alarm.at,
            lambda: bool(self._waiting) or self._is_over(),
            alarm and board.timer(self._state, alarm),
        )
        await self._answer_all()

    async def _answer_all(self) -> None:
        while self._waiting:
            self._deciding = True
            await self._answer(*self._waiting.popleft())
            self._deciding = False

    async def _answer(self, event: Event, answer: asyncio.Future[Answer] | None) -> None:
        if isinstance(event, Action | Terms):
            # What fell due before it was received comes first; the rest comes after it.
            await self._pass_time(min(event.received_at, workflow.now()))
        try:
            entries = decide(self._state, event, workflow.now())
        except HoldfastError as refusal:
            if answer is not None:
                answer.set_exception(refused(refusal))
            return
        recorded = await self._keep(entries)
        if answer is not None:
            if self._state.opened.rules >= ANSWERS_LAST:
                # Whoever is answered looks at the ledger next, for what is asked now.
                await self._pass_time(workflow.now())
            answer.set_result(Answer(entry=recorded))

    async def _pass_time(self, until: datetime) -> None:
        while entries := decide(self._state, Tick(until=until), workflow.now()):
            if not await self._received_in_time(entries[0]):
                await self._keep(entries)

    async def _received_in_time(self, entry: Entry) -> bool:
        """Whether somebody answered before the deadline whose passing ``entry`` would record.

        The answer may still lie in the inbox, if Temporal was away: it counts from when it was
        received (law 14), and is applied first.
        """
        until = silent_until(self._state, entry)
        if until is None or self._state.opened.rules < LOOKS_BEFORE_SILENCE:
            return False
        found = await received(until, self._alarm)
        new = [action for action in found if action.key not in self._received]
        for action in new:
            self._received.add(action.key)
            await self._answer(action, None)
        return bool(new)

    async def _keep(self, entries: list[Entry]) -> Recorded | None:
        recorded = None
        for entry in entries:
            recorded = await record(entry, self._alarm)
            self._state = apply(self._state, entry)
            if not isinstance(entry.body, _OUTCOMES):
                self._painter.touch()
        return recorded

    async def _tell_contract(self) -> None:
        closing = self._state.closing
        if closing is None or self._has_told:
            return
        self._has_told = True
        contract = workflow.get_external_workflow_handle(contract_id(self._state.contract))
        closed = Closed(stream=self._state.stream, outcome=closing.outcome)
        try:
            await contract.signal("ladder_closed", closed)
        except ApplicationError:
            # The ledger has the close already; a contract that is gone needs no telling.
            workflow.logger.warning("contract of %s is not running", self._state.stream)

    def _show(self) -> None:
        board.show(self._state, self._blocked)


def refused(refusal: HoldfastError) -> ApplicationError:
    """The refusal in Temporal's terms; whoever asked reads it from the details."""
    return ApplicationError(
        str(refusal), refusal.what, refusal.remedy, type="Refused", non_retryable=True
    )
