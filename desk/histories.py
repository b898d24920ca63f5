"""Temporal's histories, read as a second record of what the ledger was told."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowExecution, WorkflowHistory
from temporalio.service import RPCError

from activities.recording import Recorded
from ladders.entries import Entry
from ladders.errors import HoldfastError
from workflows.names import contract_of

_OURS = "WorkflowType = 'Contract' OR WorkflowType = 'Ladder'"
_RUNNING = f"({_OURS}) AND ExecutionStatus = 'Running'"
_RECORD = "record"
_LAST_FEW = 50


class TemporalSilent(HoldfastError):
    """Temporal was asked something and gave no answer."""


class Remembered(NamedTuple):
    """An entry as a history has it; ``recorded`` is None where no append of it succeeded yet."""

    entry: Entry
    recorded: Recorded | None


@contextmanager
def answering() -> Iterator[None]:
    """Turn Temporal's silence, however the SDK words it, into a refusal for a person."""
    try:
        yield
    except (RPCError, RuntimeError) as error:
        remedy = "run holdfast up, or set TEMPORAL_ADDRESS; holdfast doctor looks for the cause"
        raise TemporalSilent(f"Temporal does not answer ({error})", remedy) from error


async def remembered(client: Client, contracts: Collection[str]) -> dict[str, list[Remembered]]:
    """What the histories that Temporal still has say was recorded, by contract.

    Of all workflows, open and closed, and all their runs; of ``contracts`` alone, if any are
    named. In the order in which it was recorded, after what is under way or was refused.
    """
    found: dict[str, list[Remembered]] = {}
    async for run in client.list_workflows(_OURS):
        contract = contract_of(run.id)
        if contracts and contract not in contracts:
            continue
        handle = client.get_workflow_handle(run.id, run_id=run.run_id)
        entries = await _entries(client, await handle.fetch_history())
        found.setdefault(contract, []).extend(entries)
    return {contract: sorted(entries, key=_number) for contract, entries in found.items()}


async def last_known(client: Client) -> dict[str, set[str]]:
    """By contract, the keys of the latest entries that running workflows know to be recorded."""
    found: dict[str, set[str]] = {}
    async for run in client.list_workflows(_RUNNING):
        key = await _last_key(client, run)
        if key is not None:
            found.setdefault(contract_of(run.id), set()).add(key)
    return found


async def _last_key(client: Client, run: WorkflowExecution) -> str | None:
    decode = client.data_converter.decode
    completed: set[int] = set()
    async for event in _backwards(client, run):
        completed.add(event.activity_task_completed_event_attributes.scheduled_event_id)
        scheduled = event.activity_task_scheduled_event_attributes
        if scheduled.activity_type.name == _RECORD and event.event_id in completed:
            (entry,) = await decode(scheduled.input.payloads, [Entry])
            return str(entry.key)
        started = event.workflow_execution_started_event_attributes
        if started.workflow_type.name:
            # What an earlier run has recorded, it has handed on with its state.
            (start,) = await decode(started.input.payloads, [dict])
            return start["state"] and str(start["state"]["last_key"])
    return None


async def _backwards(client: Client, run: WorkflowExecution) -> AsyncIterator[HistoryEvent]:
    """The events of a run, latest first: the last few mostly tell enough."""
    request = GetWorkflowExecutionHistoryReverseRequest(
        namespace=client.namespace,
        execution=Execution(workflow_id=run.id, run_id=run.run_id),
        maximum_page_size=_LAST_FEW,
    )
    ask = client.workflow_service.get_workflow_execution_history_reverse
    while True:
        answer = await ask(request)
        for event in answer.history.events:
            yield event
        if not answer.next_page_token:
            return
        request.next_page_token = answer.next_page_token


def _number(remembered: Remembered) -> int:
    return 0 if remembered.recorded is None else remembered.recorded.seq


async def _entries(client: Client, history: WorkflowHistory) -> list[Remembered]:
    decode = client.data_converter.decode
    asked: dict[int, Entry] = {}
    found: list[Remembered] = []
    for event in history.events:
        scheduled = event.activity_task_scheduled_event_attributes
        completed = event.activity_task_completed_event_attributes
        if scheduled.activity_type.name == _RECORD:
            (asked[event.event_id],) = await decode(scheduled.input.payloads, [Entry])
        elif completed.scheduled_event_id in asked:
            entry = asked.pop(completed.scheduled_event_id)
            (recorded,) = await decode(completed.result.payloads, [Recorded])
            found.append(Remembered(entry, recorded))
    return [*found, *(Remembered(entry, None) for entry in asked.values())]
