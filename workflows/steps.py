"""The steps both workflows take: record an entry, wait for what comes next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.failures import BEHIND
    from activities.receiving import Before, Receiving
    from activities.recording import Recorded, Recording
    from ladders.entries import Entry
    from ladders.events import Action

PATIENTLY = RetryPolicy(
    initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1)
)
"""For whatever a ladder cannot go on without."""
_UNLESS_BEHIND = replace(PATIENTLY, non_retryable_error_types=[BEHIND])
_MENDING_PAUSE = timedelta(hours=1)


async def record(entry: Entry, alarm: Callable[[str | None], None]) -> Recorded:
    """Append ``entry`` to the ledger, however long that takes.

    A ledger that is out of reach is tried again by Temporal. One that refuses needs a person:
    ``alarm`` is told why. If it is behind, Temporal goes on trying every minute, which makes no
    history grow; if it holds other content under the same key, the append is tried again every
    hour. Nothing ends a ladder because it could not be written (law 3).
    """
    retries = _UNLESS_BEHIND
    while True:
        try:
            recorded = await workflow.execute_activity_method(
                Recording.record,
                entry,
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=retries,
                summary=f"{entry.body.kind} {entry.stream}",
            )
        except ActivityError as error:
            alarm(code(error))
            if code(error) == BEHIND:
                _say_behind(entry)
                retries = PATIENTLY
            else:
                await workflow.sleep(_MENDING_PAUSE, summary="waiting for the ledger to be mended")
        else:
            alarm(None)
            return recorded


async def received(before: datetime, alarm: Callable[[str | None], None]) -> list[Action]:
    """What the inbox holds for this workflow that was received ``before`` an instant.

    An inbox that cannot be read is looked into again every hour; ``alarm`` is told why.
    """
    while True:
        try:
            found = await workflow.execute_activity_method(
                Receiving.received,
                Before(target=workflow.info().workflow_id, instant=before),
                start_to_close_timeout=timedelta(seconds=30),
                retry_policy=PATIENTLY,
                summary="what was received in time",
            )
        except ActivityError as error:
            alarm(code(error))
            await workflow.sleep(_MENDING_PAUSE, summary="waiting for the inbox to be mended")
        else:
            alarm(None)
            return found


def _say_behind(entry: Entry) -> None:
    workflow.logger.error(
        "%s, stream %s: the ledger lacks what was recorded before %s; an older backup seems to "
        "have been restored. Nothing is appended until that is mended: restore the newest backup, "
        "or run holdfast reconcile",
        entry.contract,
        entry.stream,
        entry.key,
    )


def code(error: ActivityError) -> str:
    """The short code of what made an activity fail for good."""
    cause = error.cause
    known = isinstance(cause, ApplicationError) and cause.type
    return known or type(cause).__name__


async def wait_until(
    at: datetime | None, happened: Callable[[], bool], summary: str | None
) -> None:
    """Wait until ``at`` (None: for ever) or until ``happened``, whichever comes first."""
    timeout = None if at is None else max(at - workflow.now(), timedelta(0))
    try:
        await workflow.wait_condition(happened, timeout=timeout, timeout_summary=summary)
    except TimeoutError:
        return
