"""Rebuilding: every open contract and ladder started again from the fold of its entries.

What a workflow holds is a fold of what the ledger holds, so a Temporal that has lost everything
loses nothing that was recorded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from desk.histories import remembered
from desk.office import Office
from desk.reconciling import compare
from ladders.administration import terms_for
from ladders.alarms import next_alarm
from ladders.decision import RULES
from ladders.entries import Entry
from ladders.errors import HoldfastError
from ladders.events import Terms
from ladders.folding import begin, fold
from ladders.state import LadderState
from ladders.watch import STREAM, fold_watch, next_start, open_ladder
from ladders.watched import ContractState
from ledger.verifying import verify_ledger
from workflows import board
from workflows.contract import ContractInput, ContractWorkflow, watch_attributes
from workflows.ladder import Closed, LadderInput, LadderWorkflow
from workflows.names import PHASE, TASK_QUEUE, contract_id, ladder_id

PATIENCE = timedelta(seconds=20)
"""How long a rebuilt workflow may take to say where it stands."""

_LOOK_AGAIN_SECONDS = 0.05


class NotRebuildable(HoldfastError):
    """A ledger that workflows must not be started from."""


@dataclass(frozen=True)
class Case:
    """Something that the ledger says is open: a contract's watch, or one of its ladders.

    ``state`` is the fold of its entries. ``opening`` is the first entry of a ladder of which the
    ledger has no more than that the contract started it.
    """

    contract: str
    stream: str
    state: ContractState | LadderState
    opening: Entry | None = None

    @property
    def workflow_id(self) -> str:
        """The id of the workflow that is to run."""
        if self.stream == STREAM:
            return contract_id(self.contract)
        return ladder_id(self.contract, self.stream)

    @property
    def due(self) -> datetime | None:
        """When something will happen to it by itself, if anything will."""
        if isinstance(self.state, LadderState):
            alarm = next_alarm(self.state)
            return alarm and alarm.at
        start = next_start(self.state)
        return start and start.at

    def __str__(self) -> str:
        """Name it as people do."""
        return self.contract if self.stream == STREAM else f"{self.contract}/{self.stream}"


@dataclass(frozen=True)
class Rebuilt:
    """What became of each open case.

    ``settled`` are ladders that had closed without their contract's hearing of it; ``unlike`` are
    those among the ``started`` that have not said that they stand as the ledger does.
    """

    started: tuple[Case, ...]
    running: tuple[Case, ...]
    settled: tuple[Case, ...]
    unlike: tuple[Case, ...]


def open_cases(office: Office, contract: str) -> list[Case]:
    """What must run for ``contract``, the contract itself first; nothing before its registration.

    A ladder must run until it is closed, owes no message, and its contract has settled it.
    """
    watch = fold_watch(line.entry for line in office.ledger.lines(contract, STREAM))
    if watch is None:
        return []
    ladders = [
        case
        for milestone, watched in watch.milestones.items()
        for number in range(1, watched.number + 1)
        if (case := _open_ladder(office, watch, milestone, number)) is not None
    ]
    return ladders if watch.is_over else [Case(contract, STREAM, watch), *ladders]


def _open_ladder(office: Office, watch: ContractState, milestone: str, number: int) -> Case | None:
    contract, stream = watch.contract.contract, f"{milestone}/{number}"
    state = fold(line.entry for line in office.ledger.lines(contract, stream))
    if state is None:
        opening = open_ladder(watch, milestone, RULES, office.clock())
        return Case(contract, stream, begin(opening), opening)
    watched = watch.milestones[milestone]
    settled = watched.status != "laddered" or watched.number > number
    owes = state.outbox or state.attached
    is_over = state.closing is not None and not owes and settled
    return None if is_over else Case(contract, stream, state)


async def phase(client: Client, case: Case) -> str | None:
    """The phase that Temporal shows of ``case``, such as ``blocked``; None where it runs none."""
    try:
        described = await client.get_workflow_handle(case.workflow_id).describe()
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return None
    if described.status != WorkflowExecutionStatus.RUNNING:
        return None
    return described.typed_search_attributes.get(PHASE, "unknown")


async def start_again(client: Client, office: Office) -> Rebuilt:
    """Start whatever is open and does not run; leave alone whatever runs.

    Raises NotRebuildable where the ledger does not verify, or lacks what Temporal recorded.
    """
    contracts = await asyncio.to_thread(office.ledger.contracts)
    await asyncio.to_thread(_refuse_unverified, office, contracts)
    await _refuse_behind(client, office)
    started, running, settled = list[Case](), list[Case](), list[Case]()
    for contract in contracts:
        for case in await asyncio.to_thread(open_cases, office, contract):
            closed = _untold(case)
            if await phase(client, case):
                running.append(case)
            elif closed is not None:
                watch = client.get_workflow_handle_for(ContractWorkflow.run, contract_id(contract))
                await watch.signal(ContractWorkflow.ladder_closed, closed)
                settled.append(case)
            elif await _start(client, case):
                await _tell_unfollowed(client, office, case)
                started.append(case)
            else:
                running.append(case)
    unlike = await _unlike(client, office, started)
    return Rebuilt(tuple(started), tuple(running), tuple(settled), tuple(unlike))


def _refuse_unverified(office: Office, contracts: Iterable[str]) -> None:
    verdicts = {ref: verify_ledger(office.ledger.engine, ref) for ref in contracts}
    rejected = [ref for ref, verdict in verdicts.items() if not verdict.ok]
    if rejected:
        raise NotRebuildable(
            f"the ledger of {', '.join(rejected)} does not verify, so nothing is started from it",
            f"holdfast verify {rejected[0]} names the entries; restore a backup that verifies",
        )


async def _refuse_behind(client: Client, office: Office) -> None:
    # An older state, started beside what Temporal went on to record, would take another course.
    for contract, entries in (await remembered(client, ())).items():
        if not (await asyncio.to_thread(compare, office, contract, entries)).is_trusted:
            raise NotRebuildable(
                f"the ledger of {contract} is not what Temporal recorded, so nothing is started",
                "run holdfast reconcile first",
            )


def _untold(case: Case) -> Closed | None:
    """What a ladder that is over, and owes nothing, has still to tell its contract."""
    state = case.state
    if not isinstance(state, LadderState) or state.closing is None:
        return None
    if state.outbox or state.attached:
        return None
    return Closed(stream=case.stream, outcome=state.closing.outcome)


async def _start(client: Client, case: Case) -> bool:
    """Start the workflow of ``case``; False if somebody else has, or it has ended meanwhile."""
    try:
        if isinstance(case.state, ContractState):
            await client.start_workflow(
                ContractWorkflow.run,
                ContractInput(state=case.state),
                id=case.workflow_id,
                task_queue=TASK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                search_attributes=watch_attributes(case.contract),
                static_summary=f"contract {case.contract}",
            )
        else:
            opening = case.opening
            await client.start_workflow(
                LadderWorkflow.run,
                LadderInput(opening=opening, state=None if opening else case.state),
                id=case.workflow_id,
                task_queue=TASK_QUEUE,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                search_attributes=board.attributes(case.state, None),
                static_summary=f"{case.contract} {case.stream}",
            )
    except WorkflowAlreadyStartedError:
        return False
    return True


async def _tell_unfollowed(client: Client, office: Office, case: Case) -> None:
    """Tell a ladder what its contract has recorded since the ladder last followed it.

    The contract did so before; but a signal that was under way is lost with Temporal. A ladder
    that has nothing to follow records nothing.
    """
    if not isinstance(case.state, LadderState):
        return
    ladder = client.get_workflow_handle_for(LadderWorkflow.run, case.workflow_id)
    for terms in await asyncio.to_thread(_unfollowed, office, case, case.state.version):
        await ladder.signal(LadderWorkflow.follow, terms)


def _unfollowed(office: Office, case: Case, version: int) -> list[Terms]:
    milestone, entries = case.stream.rpartition("/")[0], list[Entry]()
    found = []
    for line in office.ledger.lines(case.contract, STREAM):
        entries.append(line.entry)
        watch = fold_watch(entries)
        if watch is not None and watch.version > version:
            version = watch.version
            found.append(terms_for(watch, line.entry, milestone))
    return found


async def _unlike(client: Client, office: Office, started: Sequence[Case]) -> Sequence[Case]:
    """Those that have not said that they stand as the ledger has them.

    The first that is silent ends the asking: where no worker runs, none would ever answer.
    """
    for number, case in enumerate(started):
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                await _agreement(client, office, case)
        except (TimeoutError, RPCError):
            return started[number:]
    return []


async def _agreement(client: Client, office: Office, case: Case) -> None:
    """Wait until workflow and ledger say the same: either may be an entry ahead for a moment."""
    handle = client.get_workflow_handle(case.workflow_id)
    while True:
        asked = await handle.query("state", result_type=type(case.state))
        if asked == await asyncio.to_thread(_folded, office, case):
            return
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


def _folded(office: Office, case: Case) -> ContractState | LadderState | None:
    entries = (line.entry for line in office.ledger.lines(case.contract, case.stream))
    return fold_watch(entries) if case.stream == STREAM else fold(entries)
