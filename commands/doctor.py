"""``holdfast doctor``: looks at everything Holdfast needs, and says what to do about what lacks."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
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
from commands.doctor_evidence import evidence_findings
from commands.doctor_mail import mail_findings
from commands.doctor_messages import message_findings
from commands.doctor_reach import Reach
from commands.doctor_slack import slack_findings
from commands.finding import Finding
from desk.histories import remembered
from desk.office import Office
from desk.rebuilding import open_cases, phase
from desk.reconciling import Comparison, compare
from desk.retrying import try_again
from ladders.errors import HoldfastError
from ledger.standings import Standings
from ledger.verifying import verify_ledger
from workflows.names import COURIER_QUEUE, EVIDENCE_QUEUE, TASK_QUEUE

_ALIVE = timedelta(seconds=90)


class Examined(NamedTuple):
    """What was found of the ledger; the ledger, if it can be read; whose chains are whole."""

    findings: list[Finding]
    office: Office | None
    whole: list[str]


async def doctor(
    connect: Callable[[], Awaitable[Client]],
    open_office: Callable[[], Office],
    reach: Reach,
    *,
    now: datetime,
    as_json: bool,
    console: Console,
) -> int:
    """Look at the ledger, Temporal, the workers and the channels; return 1 if anything lacks."""
    ledger = _ledger(open_office, now)
    findings = [
        *ledger.findings,
        *await _temporal(connect, ledger, now),
        *reach.findings(),
        *await slack_findings(reach, ledger.office),
        *await mail_findings(reach.mail),
    ]
    if ledger.office is not None:
        findings += await _tried_again(connect, ledger.office)
    if ledger.office is not None:
        ledger.office.close()
    if as_json:
        shown = json.dumps([finding._asdict() for finding in findings], indent=2)
        console.print(shown, soft_wrap=True, highlight=False, markup=False)
    else:
        for finding in findings:
            _print(finding, console)
    return 1 if any(finding.remedy for finding in findings) else 0


def _print(finding: Finding, console: Console) -> None:
    mark, style = ("lacks", "red") if finding.remedy else ("ok", "green")
    console.print(
        f"{mark:<6}{finding.what}", style=style, soft_wrap=True, highlight=False, markup=False
    )
    if finding.remedy:
        console.print(f"      {finding.remedy}", soft_wrap=True, highlight=False, markup=False)


def _ledger(open_office: Callable[[], Office], now: datetime) -> Examined:
    try:
        office = open_office()
        contracts = office.ledger.contracts()
        verdicts = {ref: verify_ledger(office.ledger.engine, ref) for ref in contracts}
        waiting = len(office.inbox.unsettled())
        standings = [*_standings(office.standings), *message_findings(office)]
    except (SQLAlchemyError, OSError, HoldfastError) as error:
        what = f"ledger: cannot be read ({type(error).__name__})"
        remedy = "check HOLDFAST_DATA or HOLDFAST_DATABASE, and the folder's rights"
        return Examined([Finding(what, remedy)], None, [])
    found = [Finding(f"ledger: contracts {len(contracts)}, requests not applied yet {waiting}")]
    found += [
        Finding(f"ledger of {ref}: {verdict}", f"holdfast verify {ref} names the entries")
        for ref, verdict in verdicts.items()
        if not verdict.ok
    ]
    whole = [ref for ref, verdict in verdicts.items() if verdict.ok]
    evidence = evidence_findings(office, whole, now)
    return Examined([*found, *standings, *evidence], office, whole)


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


async def _temporal(
    connect: Callable[[], Awaitable[Client]], ledger: Examined, now: datetime
) -> list[Finding]:
    try:
        client = await connect()
        found = [Finding(f"temporal: {client.service_client.config.target_host} answers")]
        found += await _attributes(client)
        for queue in (TASK_QUEUE, COURIER_QUEUE, EVIDENCE_QUEUE):
            found.append(await _pollers(client, queue, now))
        if ledger.office is not None:
            differing = await _differing(client, ledger.office, ledger.whole)
            found += map(_lost, differing)
            # What is behind is mended first: nothing can be started from it.
            behind = {each.contract for each in differing if not each.is_trusted}
            sound = [ref for ref in ledger.whole if ref not in behind]
            found += await _cases(client, ledger.office, sound)
    except (RPCError, RuntimeError):
        return [Finding("temporal: does not answer", "run holdfast up, or set TEMPORAL_ADDRESS")]
    return found


async def _tried_again(connect: Callable[[], Awaitable[Client]], office: Office) -> list[Finding]:
    """Have parked messages tried, as what stood in their way may just have been mended."""
    try:
        ladders = await try_again(await connect(), office)
    except (RPCError, RuntimeError):
        return []  # that Temporal does not answer is said already
    what = "messages: those parked are tried again now; holdfast status --parked tells what is left"
    return [Finding(what)] if ladders else []


async def _attributes(client: Client) -> list[Finding]:
    lacking = await attributes.lacking(client)
    if not lacking:
        return [Finding("temporal: search attributes are registered")]
    what = f"temporal: {len(lacking)} search attributes are not registered"
    return [Finding(what, attributes.command(lacking))]


async def _cases(client: Client, office: Office, contracts: Sequence[str]) -> list[Finding]:
    """What the ledger says is open and Temporal does not run, or runs without getting on."""
    cases = [case for ref in contracts for case in open_cases(office, ref)]
    standing = [(case, await phase(client, case)) for case in cases]
    lacking = [str(case) for case, shown in standing if shown is None]
    blocked = [str(case) for case, shown in standing if shown == "blocked"]
    found = []
    if lacking:
        what = f"temporal: does not run what the ledger says is open: {', '.join(lacking)}"
        found.append(Finding(what, "holdfast rebuild starts it again from the ledger"))
    if blocked:
        what = f"temporal: blocked, as the ledger refuses what follows: {', '.join(blocked)}"
        remedy = "look at the ledger's findings above; what was mended goes on within a minute"
        found.append(Finding(what, remedy))
    return found or [Finding(f"temporal: open contracts and ladders run, {len(cases)} in all")]


async def _differing(client: Client, office: Office, contracts: Sequence[str]) -> list[Comparison]:
    """Of which contracts the ledger lacks what Temporal recorded, or does not have it so."""
    histories = await remembered(client, ())
    compared = [
        compare(office, ref, entries)
        for ref, entries in histories.items()
        if ref in contracts or office.ledger.head(ref) is None
    ]
    return [each for each in compared if not each.agrees]


def _lost(compared: Comparison) -> Finding:
    return Finding(
        f"ledger of {compared.contract}: not what Temporal recorded; entries lacking "
        f"{len(compared.lost)}, entries that differ {len(compared.different)}",
        "restore the ledger's newest backup, or run holdfast reconcile",
    )


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
