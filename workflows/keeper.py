"""The keeper of one ladder: has the files fetched that people attached, and reports what came.

No deadline waits for it, and no file for another. Temporal alone retries; what could not be fetched
for thirty days is reported missing, and whoever attached it is asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.keeping import Fetch, Keeping
    from ladders.events import Event, Kept, Unkept
    from ladders.state import Attached, LadderState
    from workflows.names import EVIDENCE_QUEUE
    from workflows.steps import code

_GIVE_UP = timedelta(days=30)
_PATIENTLY = RetryPolicy(
    initial_interval=timedelta(seconds=10), maximum_interval=timedelta(minutes=30)
)


class Keeper:
    """Has fetched what the ladder's state says is attached."""

    def __init__(self, state: Callable[[], LadderState], report: Callable[[Event], None]) -> None:
        """Take the view of the ladder's state, and where outcomes go."""
        self._state = state
        self._report = report
        self._under_way: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Fetch until cancelled; what is under way then is fetched by the next run."""
        try:
            while True:
                await workflow.wait_condition(lambda: bool(self._new()))
                for key, owed in self._new().items():
                    self._under_way[key] = asyncio.create_task(self._fetch(owed))
        finally:
            for fetching in self._under_way.values():
                fetching.cancel()
            self._under_way.clear()

    def _new(self) -> dict[tuple[str, str], Attached]:
        attached = {(owed.act, owed.file.id): owed for owed in self._state().attached}
        return {key: owed for key, owed in attached.items() if key not in self._under_way}

    async def _fetch(self, owed: Attached) -> None:
        try:
            document = await workflow.execute_activity_method(
                Keeping.keep,
                Fetch(contract=self._state().contract, file=owed.file),
                task_queue=EVIDENCE_QUEUE,
                start_to_close_timeout=timedelta(minutes=5),
                schedule_to_close_timeout=_GIVE_UP,
                retry_policy=_PATIENTLY,
                summary=f"evidence {owed.file.id}",
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                return
            self._report(Unkept(act=owed.act, attachment=owed.file.id, problem=code(error)))
        else:
            self._report(Kept(act=owed.act, attachment=owed.file.id, document=document))
