"""``holdfast status``: which ladders stand on which rung, whose turn it is, until when."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from desk.casebook import Casebook, display_name
from ladders import turn as whose
from ladders.contract import Contract
from ladders.state import LadderState
from ladders.values import Role
from ladders.watch import next_start


class Standing(NamedTuple):
    """One line of the status: a milestone, and where its ladder stands.

    ``until`` is local to the contract's zone; ``-`` stands for what there is none of.
    """

    contract: str
    milestone: str
    due: str
    phase: str
    rung: str
    turn: str
    until: str
    owed: int


def status(casebook: Casebook, contract: str | None, *, as_json: bool, console: Console) -> int:
    """Print where every milestone stands, of one contract or of all; return the exit code."""
    contracts = [contract] if contract else casebook.ledger.contracts()
    rows = [row for ref in contracts for row in standings(casebook, ref)]
    if as_json:
        text = json.dumps([row._asdict() for row in rows], indent=2, ensure_ascii=False)
        console.print(text, soft_wrap=True, highlight=False, markup=False)
        return 0
    if not rows:
        console.print("No contract is registered yet: holdfast register FILE")
        return 0
    console.print(_table(rows))
    return 0


def standings(casebook: Casebook, contract: str) -> Iterator[Standing]:
    """The milestones of a contract in the order of its file. Raises UnknownCase."""
    watch = casebook.watch(contract)
    terms = casebook.terms(contract)
    ladders = {state.stream: state for state in casebook.ladders(contract)}
    start = next_start(watch)
    for milestone in terms.milestones:
        standing = watch.milestones[milestone.id]
        state = ladders.get(f"{milestone.id}/{standing.number}")
        if state is not None:
            yield _on_ladder(state, terms)
            continue
        waits = standing.status == "waiting" and start and start.milestone == milestone.id
        until = watch.calendar.local(start.at).strftime("%F %R") if waits and start else "-"
        phase = str(standing.outcome or standing.status)
        yield Standing(contract, milestone.id, f"{milestone.due}", phase, "-", "-", until, 0)


def _on_ladder(state: LadderState, terms: Contract) -> Standing:
    until = whose.deadline(state)
    return Standing(
        contract=state.contract,
        milestone=state.opened.milestone.id,
        due=f"{state.opened.milestone.due}",
        phase=state.closing.outcome if state.closing else state.phase,
        rung=whose.rung(state) if state.closing is None else "-",
        turn=_turn(state, whose.turn(state), terms),
        until=_local(state, until) if until and state.closing is None else "-",
        owed=len(state.outbox),
    )


def _turn(state: LadderState, role: Role, terms: Contract) -> str:
    if role == "-":
        return role
    person = state.person(role)
    return f"{display_name(terms.person(person), person)} ({role})"


def _local(state: LadderState, instant: datetime) -> str:
    return state.opened.calendar.local(instant).strftime("%F %R")


def _table(rows: list[Standing]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("contract", "milestone", "due", "phase", "rung", "whose turn", "until", "owed"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(str(value) for value in row))
    return table
