"""The drill: fifty ladders with windows of seconds, and everything under them killed at random."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from commands.act import exhibit, operator
from contracts.reading import read_contract
from desk.applying import NotAppliedYet
from desk.casebook import UnknownCase
from desk.door import Desk
from desk.office import Office
from tests.commands.shell import listens, wait_until
from tests.faults.clicking import leave_note
from tests.faults.machine import Machine, Part

CONTRACTS = tuple(f"DRILL-{number}" for number in range(1, 6))
MILESTONES = tuple(f"m{number}" for number in range(1, 11))
LADDERS = tuple((contract, f"{each}/1") for contract in CONTRACTS for each in MILESTONES)
MEMBERS = {
    contract: {
        role: f"U0{role}{contract}".upper().replace("-", "") for role in ("owner", "approver")
    }
    for contract in CONTRACTS
}
"""Slack takes one message a second for each person, so every contract has people of its own."""

_FILE = """\
contract: {contract}
supplier: Kitano Sealing Systems
zone: Europe/Berlin
calendar: DE-BW
opens: "00:00"
quiet_hours: none
owner: {owner}
approver: {approver}
people:
  - {{email: {owner}, slack: {members[owner]}}}
  - {{email: {approver}, slack: {members[approver]}}}
ladders:
  - id: drill
    version: 1
    situation: a line stop
    rungs:
      - {{id: first, day: 0, owner: owner, action: Call., due: 3 seconds, on_silence: climb}}
      - {{id: second, day: 30, owner: approver, action: Go., due: 3 seconds, on_silence: climb}}
milestones:
"""
_MILESTONE = "  - {{id: {id}, due: {due}, past_due: open, clause: '6.1', ladder: drill}}\n"
_CLICKS = 5
_ENTRIES_AT_WORK = 20
_SECONDS_AT_WORK = 1.5
_IMPATIENCE = timedelta(seconds=0.2)


class Drill:
    """One run: the machine, the desk at which people click all the while, and chance."""

    def __init__(self, machine: Machine, office: Office, client: Client, chance: Random) -> None:
        """Kill parts of ``machine`` whenever ``chance`` says."""
        self._machine = machine
        self._office = office
        self._desk = Desk(client, office.casebook, office.inbox, office.clock, _IMPATIENCE)
        self._chance = chance
        self.clicks: list[str] = []

    async def run(self) -> None:
        """Register, then kill and restart until every combination has had its turn."""
        self._machine.start("server", "worker")
        await self._register()
        turns: list[Part] = ["worker", "server"]
        self._chance.shuffle(turns)
        for victim in turns:
            await self._switch_off(victim)
            self._machine.start(victim)
        await self._switch_off("worker", "server")
        self._machine.start("up")
        await self._switch_off("up")
        wait_until(lambda: not listens(self._machine.port))
        self._machine.start("up")
        for _ in range(2):
            await self._kill_the_server_of_up()
        await asyncio.to_thread(wait_until, self._is_quiet)

    async def _switch_off(self, *victims: Part) -> None:
        await self._work()
        self._machine.kill(*victims)
        await self._click()

    async def _kill_the_server_of_up(self) -> None:
        await self._work()
        os.kill(self._machine.server_of_up(), signal.SIGKILL)
        await self._click()

    async def _work(self) -> None:
        """Let work be under way again, as far as it can be, and then some time pass."""
        await asyncio.to_thread(wait_until, lambda: listens(self._machine.port))
        enough = self._recorded() + _ENTRIES_AT_WORK
        with suppress(AssertionError):
            await asyncio.to_thread(wait_until, lambda: self._recorded() >= enough, 4)
        await asyncio.sleep(self._chance.uniform(0, _SECONDS_AT_WORK))

    def _recorded(self, kind: str = "%") -> int:
        with self._office.ledger.engine.connect() as connection:
            query = "SELECT count(*) FROM entry WHERE kind LIKE ?"
            return int(connection.exec_driver_sql(query, (kind,)).scalar_one())

    def _is_quiet(self) -> bool:
        """Whether every climb has ended, and every request has its answer."""
        has_ended = self._recorded("climb.ended") == len(LADDERS)
        return has_ended and not self._office.inbox.unsettled()

    async def _register(self) -> None:
        today = datetime.now(UTC).date()
        due = today - timedelta(days=30)
        milestones = "".join(_MILESTONE.format(id=each, due=due) for each in MILESTONES)
        for contract in CONTRACTS:
            text = _file(contract) + milestones
            file = Path(self._machine.file(f"{contract}.yaml", text))
            terms = read_contract(file, today=today).contract
            assert terms is not None
            with suppress(NotAppliedYet):
                await self._desk.register(terms, exhibit(file), operator(self._office.private))

    async def _click(self) -> None:
        """Leave notes on some ladders that have begun, though nobody may be there to apply them."""
        for contract, stream in self._chance.sample(LADDERS, _CLICKS):
            with suppress(UnknownCase):
                words = f"note {len(self.clicks)}"
                key = await leave_note(self._desk, self._office, (contract, stream), words)
                self.clicks.append(key)


def address(contract: str, role: str) -> str:
    """Whom a role is held by under a contract."""
    return f"{role}@{contract.lower()}.example"


def _file(contract: str) -> str:
    people = {role: address(contract, role) for role in MEMBERS[contract]}
    return _FILE.format(contract=contract, members=MEMBERS[contract], **people)


async def perform(machine: Machine, office: Office, seed: int) -> list[str]:
    """Run a drill on ``machine``; return the keys of all clicks."""
    client = await Client.connect(
        machine.address, lazy=True, data_converter=pydantic_data_converter
    )
    drill = Drill(machine, office, client, Random(seed))  # noqa: S311
    await drill.run()
    return drill.clicks
