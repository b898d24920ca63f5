"""Temporal's histories, read as a second record of what the ledger was told."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError

from activities.recording import Recorded
from ladders.entries import Entry
from ladders.errors import HoldfastError
from workflows.names import contract_of

_OURS = "WorkflowType = 'Contract' OR WorkflowType = 'Ladder'"
_RUNNING = f"({_OURS}) AND ExecutionStatus = 'Running'"
_RECORD = "record"


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
        handle = client.get_workflow_handle(run.id, run_id=run.run_id)
        history = await handle.fetch_history()
        keys = [each.entry.key for each in await _entries(client, history) if each.recorded]
        keys = keys or await _handed_on(client, history)
        found.setdefault(contract_of(run.id), set()).update(keys[-1:])
    return found


async def _handed_on(client: Client, history: WorkflowHistory) -> list[str]:
    """The key up to which an earlier run had recorded what it handed on, if there was one."""
    started = history.events[0].workflow_execution_started_event_attributes
    (start,) = await client.data_converter.decode(started.input.payloads, [dict])
    state = start.get("state")
    return [] if state is None else [state["last_key"]]


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
