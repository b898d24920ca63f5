"""``holdfast rebuild``: starts every open contract and ladder again, from the ledger alone."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence

from rich.console import Console
from temporalio.client import Client

from desk.histories import answering
from desk.office import Office
from desk.rebuilding import Case, Rebuilt, start_again
from ladders.state import LadderState


async def rebuild(
    connect: Callable[[], Awaitable[Client]],
    office: Office,
    *,
    as_json: bool,
    console: Console,
) -> int:
    """Start what the ledger says is open and Temporal does not run; print what became of it.

    Returns 1 where something that was started does not say that it stands as the ledger has it.
    Raises NotRebuildable, TemporalSilent.
    """
    with answering():
        rebuilt = await start_again(await connect(), office)
    if as_json:
        text = json.dumps(_document(rebuilt), indent=2)
        console.print(text, soft_wrap=True, highlight=False, markup=False)
    else:
        for said in _words(rebuilt):
            console.print(said, soft_wrap=True, highlight=False, markup=False)
    return 1 if rebuilt.unlike else 0


def _words(rebuilt: Rebuilt) -> list[str]:
    ladders = sum(isinstance(case.state, LadderState) for case in rebuilt.started)
    contracts = len(rebuilt.started) - ladders
    counted = f"{_count(contracts, 'contract')}, {_count(ladders, 'ladder')} rebuilt"
    said = [f"{counted}, next: {_next(rebuilt.started)}"]
    said += [f"{case} runs already and is left alone" for case in rebuilt.running]
    said += [f"{case} is closed; its contract is told so" for case in rebuilt.settled]
    if owed := _owed(rebuilt):
        said.append(
            f"{_count(owed, 'message')} owed: sent now. One that had gone out when Temporal was "
            "lost, but was not recorded yet, goes out a second time"
        )
    said += [
        f"{case} has not said yet that it stands where the ledger has it; "
        "see that holdfast up runs, then ask holdfast doctor"
        for case in rebuilt.unlike
    ]
    return said


def _next(cases: Sequence[Case]) -> str:
    due = sorted((case.due, str(case)) for case in cases if case.due is not None)
    return f"{due[0][1]} at {due[0][0]:%F %R} UTC" if due else "nothing by itself"


def _owed(rebuilt: Rebuilt) -> int:
    states = (case.state for case in rebuilt.started)
    return sum(len(state.outbox) for state in states if isinstance(state, LadderState))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _document(rebuilt: Rebuilt) -> dict[str, object]:
    return {
        "rebuilt": [
            {"case": str(case), "next": case.due and case.due.isoformat()}
            for case in rebuilt.started
        ],
        "running": [str(case) for case in rebuilt.running],
        "settled": [str(case) for case in rebuilt.settled],
        "unlike": [str(case) for case in rebuilt.unlike],
        "messages_owed": _owed(rebuilt),
    }
