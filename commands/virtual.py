"""Virtual time: moves the clocks of a rehearsal's workflows in step, stopping wherever it must.

Every workflow of Temporal's time-skipping server has a clock of its own. Here they are moved
together, from one alarm to the next, and the ledger's clock with them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import TypeVar

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from ladders.alarms import next_alarm
from ladders.state import LadderState
from ladders.watch import next_start
from ladders.watched import ContractState
from workflows.contract import ContractWorkflow
from workflows.ladder import LadderWorkflow
from workflows.names import contract_id, ladder_id

_SETTLING_SECONDS = 0.01
_PATIENCE_SECONDS = 30
_GRACE = timedelta(seconds=5)
"""How far beyond an alarm clocks are moved. It must outlast, in real time, what the alarm sets off:
where the server reaches its target while a workflow is at work, it may skip on to the next timer.
"""
_STARTING = (RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.NOT_FOUND)
"""How a workflow answers that is being started, or continued as new, at this moment."""

T = TypeVar("T")
Observer = Callable[[LadderState | ContractState], Awaitable[None]]
"""Is shown the state of the contract and of every open ladder, as their workflows have it."""


class VirtualTime:
    """The common clock of one contract's workflows."""

    def __init__(self, client: Client, contract: str, now: datetime) -> None:
        """Move the workflows of ``contract`` on the server behind ``client``."""
        # A child must not run off by itself: it is moved here, like its parent.
        self._skipper = TimeSkipper(client, config=TimeSkippingConfig(disable_propagation=True))
        self._client = client
        self._contract = contract
        self._set(now)

    @property
    def now(self) -> datetime:
        """The virtual present. Between moves it runs on as fast as real time, as workflows do."""
        return self._moved_to + timedelta(seconds=monotonic() - self._moved_at)

    def clock(self) -> datetime:
        """The virtual present, for the ledger and the desk."""
        return self.now

    def _set(self, now: datetime) -> None:
        self._moved_to = now
        self._moved_at = monotonic()

    async def run(self, until: datetime, observe: Observer) -> None:
        """Move to ``until``, and show all states to ``observe`` at each stop on the way."""
        while True:
            await self._settle(observe)
            alarm = await self._next_stop()
            if alarm is None or alarm > until:
                break
            await self._move(alarm)
        await self._move(until)
        await self._settle(observe)

    async def ladders(self) -> list[LadderState]:
        """Every open ladder's state, asked of its workflow."""
        return await self._ladders_of(await self._watch())

    async def _ladders_of(self, watched: ContractState) -> list[LadderState]:
        found = []
        for milestone, standing in watched.milestones.items():
            for number in range(1, standing.number + 1):
                ladder = ladder_id(self._contract, f"{milestone}/{number}")
                handle = self._client.get_workflow_handle(ladder)
                is_open = standing.status == "laddered" and number == standing.number
                # One that has reported its close may still have its last words to deliver.
                if is_open or await _runs(handle):
                    found.append(await _answered(partial(handle.query, LadderWorkflow.state)))
        return found

    async def _watch(self) -> ContractState:
        handle = self._client.get_workflow_handle(contract_id(self._contract))
        while True:
            watched: ContractState | None = await _answered(
                partial(handle.query, ContractWorkflow.state)
            )
            if watched is not None:
                return watched
            await asyncio.sleep(_SETTLING_SECONDS)

    async def _next_stop(self) -> datetime | None:
        start = next_start(await self._watch())
        alarms = [next_alarm(ladder) for ladder in await self.ladders()]
        times = [alarm.at for alarm in alarms if alarm is not None]
        return min([*times, *([start.at] if start else [])], default=None)

    async def _move(self, to: datetime) -> None:
        to = max(to, self.now)
        self._set(to + _GRACE)
        ids = [contract_id(self._contract)]
        ids += [ladder_id(self._contract, state.stream) for state in await self.ladders()]
        for workflow_id in ids:
            handle = self._client.get_workflow_handle(workflow_id)
            shown = await self._skipper.get_current_time(handle)
            if shown < to:
                await self._skipper.fast_forward(handle, to - shown + _GRACE)

    async def _settle(self, observe: Observer) -> None:
        """Wait until nothing is left to do at the present time."""
        while True:
            watched = await self._watch()
            start = next_start(watched)
            # Of the contract as it was just seen: one that has settled a milestone since then
            # would leave out the closed ladder, and an old state would pass for the present one.
            ladders = await self._ladders_of(watched)
            if (start is None or start.at > self.now) and not any(map(self._is_busy, ladders)):
                break
            await asyncio.sleep(_SETTLING_SECONDS)
        await observe(watched)
        for ladder in ladders:
            await observe(ladder)

    def _is_busy(self, ladder: LadderState) -> bool:
        # A closed ladder is one whose contract has not heard of it yet.
        alarm = next_alarm(ladder)
        return (
            ladder.phase == "closed"
            or bool(ladder.outbox or ladder.attached)
            or (alarm is not None and alarm.at <= self.now)
        )


async def _runs(handle: WorkflowHandle[object, object]) -> bool:
    return (await handle.describe()).status == WorkflowExecutionStatus.RUNNING


async def _answered(ask: Callable[[], Awaitable[T]]) -> T:
    """The answer to a query, awaited while the workflow is being started."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            try:
                return await ask()
            except RPCError as error:
                if error.status not in _STARTING:
                    raise
            await asyncio.sleep(_SETTLING_SECONDS)
