"""``holdfast register``: puts a contract under watch."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from rich.console import Console

from commands.act import operator
from commands.check import check
from contracts.reading import read_contract
from desk.casebook import Casebook
from desk.door import Desk
from ladders.watch import next_start


async def register(
    desk: Desk, casebook: Casebook, path: Path, *, today: date, console: Console
) -> int:
    """Check the contract file and register it; print what is watched and what comes first.

    Nothing is registered if anything is wrong. Raises AlreadyRegistered, NotAppliedYet.
    """
    reading = read_contract(path, today=today)
    if reading.contract is None:
        return check([path], today=today, expand=False, as_json=False, console=console)
    by = operator(casebook.private)
    await desk.register(reading.contract, reading.source, by)
    watch = casebook.watch(reading.contract.contract)
    console.print(f"{reading.contract.contract} is registered and watched.")
    for remark in reading.remarks:
        console.print(str(remark), soft_wrap=True, highlight=False, markup=False)
    start = next_start(watch)
    if start is not None:
        local = watch.calendar.local(start.at)
        when = f"on {local:%F} at {local:%R}" if start.at > watch.registered_at else "at once"
        console.print(f"First: the ladder for {start.milestone} begins {when}.")
    return 0
