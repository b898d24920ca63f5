"""The storm: two hundred ladders that all have something to say, through a Slack that fails."""

from __future__ import annotations

import asyncio
import time
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
from tests.commands.shell import wait_until
from tests.faults.clicking import leave_note
from tests.faults.machine import Machine
from tests.slack.fake import FakeSlack

CONTRACTS = tuple(f"STORM-{number}" for number in range(1, 21))
MILESTONES = tuple(f"m{number}" for number in range(1, 11))
LADDERS = tuple((contract, f"{each}/1") for contract in CONTRACTS for each in MILESTONES)

_FILE = """\
contract: {contract}
supplier: Kitano Sealing Systems
zone: Europe/Berlin
calendar: DE-BW
opens: "00:00"
quiet_hours: none
slack_channel: "#{room}"
owner: owner-{number}@ardent.example
approver: approver-{number}@ardent.example
people:
  - {{email: owner-{number}@ardent.example, slack: U0OWNER{number}}}
  - {{email: approver-{number}@ardent.example, slack: U0APPROVER{number}}}
ladders:
  - id: storm
    version: 1
    situation: a line stop
    rungs:
      - {{id: first, day: 0, owner: owner, action: Call., due: 60 days}}
milestones:
"""
_MILESTONE = "  - {{id: {id}, due: {due}, past_due: open, clause: '6.1', ladder: storm}}\n"
_KILLS = 4
_CLICKS = 8
_PATIENCE_SECONDS = 400
_IMPATIENCE = timedelta(seconds=0.2)


def populate(slack: FakeSlack) -> None:
    """A room, an owner and an approver for each contract."""
    for number, contract in enumerate(CONTRACTS, 1):
        for role in ("owner", "approver"):
            member = f"U0{role.upper()}{number}"
            slack.add_user(f"{role}-{number}@ardent.example", id=member)
        slack.add_channel(contract.lower())


class Storm:
    """One run: kills by chance, and people who click all the while."""

    def __init__(self, machine: Machine, office: Office, client: Client, seed: int) -> None:
        """Kill the worker of ``machine`` whenever chance says."""
        self._machine = machine
        self._office = office
        self._desk = Desk(client, office.casebook, office.inbox, office.clock, _IMPATIENCE)
        self._chance = Random(seed)  # noqa: S311

    async def run(self) -> None:
        """Register all, kill the worker again and again, and wait until all is quiet."""
        self._machine.start("server", "worker")
        await self._register()
        for _ in range(_KILLS):
            await asyncio.sleep(self._chance.uniform(3, 9))
            self._machine.kill("worker")
            await self._click()
            self._machine.start("worker")
        await asyncio.to_thread(wait_until, self._is_quiet, _PATIENCE_SECONDS)

    def _is_quiet(self) -> bool:
        # Looking is work too, which the machine has enough of.
        time.sleep(1)
        if self._office.inbox.unsettled():
            return False
        standings = self._office.standings.open_ladders()
        return len(standings) == len(LADDERS) and not any(each.owed for each in standings)

    async def _register(self) -> None:
        today = datetime.now(UTC).date()
        due = today - timedelta(days=30)
        milestones = "".join(_MILESTONE.format(id=each, due=due) for each in MILESTONES)
        for number, contract in enumerate(CONTRACTS, 1):
            head = _FILE.format(contract=contract, room=contract.lower(), number=number)
            file = Path(self._machine.file(f"{contract}.yaml", head + milestones))
            terms = read_contract(file, today=today).contract
            assert terms is not None
            with suppress(NotAppliedYet):
                await self._desk.register(terms, exhibit(file), operator(self._office.private))

    async def _click(self) -> None:
        """Leave notes on some ladders that have begun, though nobody is there to apply them."""
        for ladder in self._chance.sample(LADDERS, _CLICKS):
            with suppress(UnknownCase):
                await leave_note(self._desk, self._office, ladder, "still at it")


async def brew(machine: Machine, office: Office, seed: int) -> None:
    """Let the storm pass over ``machine``."""
    client = await Client.connect(
        machine.address, lazy=True, data_converter=pydantic_data_converter
    )
    await Storm(machine, office, client, seed).run()
