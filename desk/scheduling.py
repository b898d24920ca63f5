"""The schedule of the digests, kept by Temporal: every half hour it is morning somewhere."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError

from workflows.names import DIGEST, DIGESTS, TASK_QUEUE

_EVERY = timedelta(minutes=30)
_CATCH_UP = timedelta(hours=1)
_LOG = logging.getLogger("holdfast.digests")


async def keep_digests_scheduled(client: Client) -> None:
    """Create the schedule, or bring the one that is there up to date; a pause is kept.

    Without it there are no digests, but every ladder goes on: so that it cannot be had is logged.
    """
    try:
        await _create_or_update(client)
    except RPCError as error:
        _LOG.error("digests are not scheduled, as Temporal refuses: %s", error)


async def _create_or_update(client: Client) -> None:
    try:
        await client.create_schedule(DIGESTS, _schedule())
    except ScheduleAlreadyRunningError:
        await client.get_schedule_handle(DIGESTS).update(_updated)


def _updated(found: ScheduleUpdateInput) -> ScheduleUpdate:
    return ScheduleUpdate(replace(_schedule(), state=found.description.schedule.state))


def _schedule() -> Schedule:
    return Schedule(
        action=ScheduleActionStartWorkflow(DIGEST, id=DIGESTS, task_queue=TASK_QUEUE),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=_EVERY)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=_CATCH_UP),
    )
