"""The digests of one half hour: one activity, started by a schedule and forgotten."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.digesting import Digesting, Round, Tally
    from workflows.names import COURIER_QUEUE, DIGEST

_UNTIL_THE_NEXT = timedelta(minutes=25)
_PATIENTLY = RetryPolicy(
    initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5)
)


@workflow.defn(name=DIGEST)
class DigestWorkflow:
    """Sends the digests that are due when it starts.

    It gives up before the next one is to start: whatever it did not send is that one's to send.
    """

    @workflow.run
    async def run(self) -> Tally:
        """Send, and tell how many were sent."""
        return await workflow.execute_activity_method(
            Digesting.send_due,
            Round(at=workflow.now()),
            task_queue=COURIER_QUEUE,
            schedule_to_close_timeout=_UNTIL_THE_NEXT,
            heartbeat_timeout=timedelta(seconds=20),
            retry_policy=_PATIENTLY,
            summary="digests that are due",
        )
