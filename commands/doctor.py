"""``holdfast doctor``: looks at everything Holdfast needs, and says what to do about what lacks."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from commands import attributes
from desk.office import Office
from ladders.errors import HoldfastError
from ledger.standings import Standings
from ledger.verifying import verify_ledger
from workflows.names import COURIER_QUEUE, TASK_QUEUE

_ALIVE = timedelta(seconds=90)


class Finding(NamedTuple):
    """One thing that was looked at. ``remedy`` is empty where nothing is wrong."""

    what: str
    remedy: str = ""


async def doctor(
    connect: Callable[[], Awaitable[Client]],
    open_office: Callable[[], Office],
    channel: str,
    *,
    now: datetime,
    as_json: bool,
    console: Console,
) -> int:
    """Look at the ledger, Temporal, the workers and the channel; return 1 if anything lacks."""
    findings = [
        *_ledger(open_office),
        *await _temporal(connect, now),
        Finding(f"channel: {channel}"),
    ]
    if as_json:
        shown = json.dumps([finding._asdict() for finding in findings], indent=2)
        console.print(shown, soft_wrap=True, highlight=False, markup=False)
    else:
        for finding in findings:
            _print(finding, console)
    return 1 if any(finding.remedy for finding in findings) else 0


def _print(finding: Finding, console: Console) -> None:
    mark, style = ("lacks", "red") if finding.remedy else ("ok", "green")
    console.print(f"{mark:<6}{finding.what}", style=style, soft_wrap=True, highlight=False)
    if finding.remedy:
        console.print(f"      {finding.remedy}", soft_wrap=True, highlight=False, markup=False)


def _ledger(open_office: Callable[[], Office]) -> list[Finding]:
    try:
        office = open_office()
        contracts = office.ledger.contracts()
        verdicts = {ref: verify_ledger(office.ledger.engine, ref) for ref in contracts}
        waiting = len(office.inbox.unsettled())
        standings = _standings(office.standings)
    except (SQLAlchemyError, OSError, HoldfastError) as error:
        what = f"ledger: cannot be read ({type(error).__name__})"
        return [Finding(what, "check HOLDFAST_DATA or HOLDFAST_DATABASE, and the folder's rights")]
    office.close()
    found = [Finding(f"ledger: contracts {len(contracts)}, requests not applied yet {waiting}")]
    found += [
        Finding(f"ledger of {ref}: {verdict}", f"holdfast verify {ref} names the entries")
        for ref, verdict in verdicts.items()
        if not verdict.ok
    ]
    return found + standings


def _standings(standings: Standings) -> list[Finding]:
    astray = standings.astray()
    unreadable = standings.rebuild() if astray else standings.catch_up()
    found = [
        Finding(f"standings: {stream}: {e.what}", e.remedy) for stream, e in unreadable.items()
    ]
    if astray:
        what = f"standings: not what the entries come to: {', '.join(map(str, astray))}"
        remedy = (
            "they were derived anew; holdfast verify CONTRACT tells whether entries changed too"
        )
        found.append(Finding(what, remedy))
    return found or [Finding("standings: what status reads is what the entries come to")]


async def _temporal(connect: Callable[[], Awaitable[Client]], now: datetime) -> list[Finding]:
    try:
        client = await connect()
        found = [Finding(f"temporal: {client.service_client.config.target_host} answers")]
        found += await _attributes(client)
        for queue in (TASK_QUEUE, COURIER_QUEUE):
            found.append(await _pollers(client, queue, now))
    except (RPCError, RuntimeError):
        return [Finding("temporal: does not answer", "run holdfast up, or set TEMPORAL_ADDRESS")]
    return found


async def _attributes(client: Client) -> list[Finding]:
    lacking = await attributes.lacking(client)
    if not lacking:
        return [Finding("temporal: search attributes are registered")]
    what = f"temporal: {len(lacking)} search attributes are not registered"
    return [Finding(what, attributes.command(lacking))]


async def _pollers(client: Client, queue: str, now: datetime) -> Finding:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    )
    described = await client.workflow_service.describe_task_queue(request)
    # Temporal lists a worker for minutes after it has gone; a live one polls every minute.
    seen = [poller.last_access_time.ToDatetime(UTC) for poller in described.pollers]
    if any(now - at < _ALIVE for at in seen):
        return Finding(f"worker: {queue} is served")
    return Finding(f"worker: nobody serves {queue}", "run holdfast up, or python worker.py")
