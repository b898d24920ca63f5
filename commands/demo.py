"""``holdfast demo``: ninety days of two ladders in seconds, on a real Temporal server.

One milestone is missed, worked on and cured; for the other nobody lifts a finger. Everything is
real but the clock and the people: workflows, ledger, messages, audit. After every step the state
that the ledger gives is compared with the workflow's own.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from rich.console import Console
from temporalio.client import Client

from channels.message import Letter, Posted, Surface
from commands.act import exhibit, operator
from commands.audit import audit
from commands.embedded import embedded_server
from commands.playbill import Playbill
from commands.virtual import VirtualTime
from contracts.reading import read_contract
from desk.door import Desk, click_key
from desk.office import Office
from ladders.contract import Contract, Milestone
from ladders.errors import HoldfastError
from ladders.events import Action, ActionName
from ladders.prose import Prose
from ladders.state import LadderState
from ladders.watched import ContractState

Serve = Callable[[Client, Office, "Mailbox"], AbstractAsyncContextManager[Desk]]
"""Runs the workers for as long as its context lasts."""

_FIRST_DUE_IN = timedelta(days=12)
_AFTER_THE_END = timedelta(days=106)
_FAR_PAST = date(2000, 1, 1)


class NoDemo(HoldfastError):
    """The contract file cannot be walked in a demo."""


@dataclass(frozen=True)
class Scene:
    """What somebody does: on a day counted from the due date, at a local time."""

    day: int
    at: time
    role: str
    action: ActionName
    note: str | None = None
    delivered_day: int | None = None


SCENES = (
    Scene(-9, time(10, 15), "owner", "complete", "supplier forecasts two weeks' delay"),
    Scene(0, time(11), "owner", "confirm", "the tool has not left the toolmaker"),
    Scene(1, time(9, 40), "owner", "acknowledge"),
    Scene(2, time(15, 5), "owner", "complete", "recovery plan demanded, all rights reserved"),
    Scene(15, time(10), "lead", "acknowledge", "audit on site next Tuesday"),
    Scene(22, time(16, 30), "lead", "complete", "gate audit done, four findings"),
    Scene(30, time(9, 20), "owner", "tender", "tool on site", 29),
    Scene(33, time(14), "approver", "reject", "run at rate reached 71 percent"),
    Scene(36, time(8, 50), "approver", "acknowledge"),
    Scene(41, time(11, 45), "owner", "tender", "run at rate 98 percent", 40),
    Scene(44, time(17, 10), "approver", "accept", "accepted, rights from the delay reserved"),
)
"""What people do about the first milestone of the contract. Nobody does anything about others."""


class Mailbox:
    """A channel that keeps what it is given."""

    surface: Surface = "console"

    def __init__(self) -> None:
        """Start empty."""
        self.letters: list[Letter] = []

    async def post(self, letter: Letter) -> Posted:
        """Keep the letter."""
        self.letters.append(letter)
        return Posted(channel="demo", receipt=letter.key)


async def demo(
    serve: Serve, file: Path, out: Path, *, now: datetime, stay: bool, console: Console
) -> int:
    """Walk the contract in ``file`` through ninety days from ``now``; write the audit into ``out``.

    Returns 0 if the audit verifies and the ledger agreed with the workflows at every step. With
    ``stay`` the server is kept, for a look into Temporal's own UI, until Enter is pressed.
    """
    terms = _close_to(now, file)
    console.print("Starting a Temporal server with clocks that can be moved ...")
    async with embedded_server(time_skipping=True) as server:
        console.print(f"Temporal's own view of the run: {server.ui_url}", highlight=False)
        with tempfile.TemporaryDirectory(prefix="holdfast-demo-") as folder:
            virtual = VirtualTime(server.client, terms.contract, now)
            office = Office.open(f"sqlite:///{folder}/ledger.sqlite", virtual.clock)
            mailbox = Mailbox()
            async with serve(server.client, office, mailbox) as desk:
                await desk.register(terms, exhibit(file), operator(office.private), rehearsal=True)
                performance = Performance(desk, virtual, office, terms, console)
                await performance.play()
                code = performance.conclude(mailbox, out)
                if stay:
                    console.input("Temporal's own view stays open until Enter is pressed. ")
            office.close()
    return code


class Performance:
    """The run of one contract through its scenes, and what is shown of it."""

    def __init__(
        self,
        desk: Desk,
        virtual: VirtualTime,
        office: Office,
        terms: Contract,
        console: Console,
    ) -> None:
        """Play ``terms`` in ``virtual`` time."""
        self._desk = desk
        self._virtual = virtual
        self._office = office
        self._terms = terms
        self._console = console
        self._playbill = Playbill(office.casebook, terms.contract, console)

    async def play(self) -> None:
        """Let time pass from scene to scene, and on until the climb of the last ladder ended."""
        calendar = self._office.casebook.watch(self._terms.contract).calendar
        first, last = self._terms.milestones[0], self._terms.milestones[-1]
        with self._playbill:
            for scene in SCENES:
                day = first.due + timedelta(days=scene.day)
                await self._virtual.run(calendar.instant(day, scene.at), self._observe)
                await self._perform(scene, first)
            await self._virtual.run(calendar.opening(last.due + _AFTER_THE_END), self._observe)

    def conclude(self, mailbox: Mailbox, out: Path) -> int:
        """Print every rung with its outcome, then write the audit and verify it."""
        self._playbill.summarise()
        differences = self._playbill.differences
        words = (
            f"{len(mailbox.letters)} messages were posted. The state that the ledger gives was "
            f"compared with the workflow's own {self._playbill.compared} times: "
            f"{len(differences) or 'no'} differences."
        )
        self._console.print(f"\n{words}", soft_wrap=True, highlight=False)
        for difference in differences:
            self._console.print(difference, style="red", soft_wrap=True)
        code = audit(
            self._office.casebook,
            self._terms.contract,
            out,
            clock=self._office.clock,
            console=self._console,
            evidence=self._office.evidence,
        )
        return 1 if differences else code

    async def _observe(self, state: LadderState | ContractState) -> None:
        self._playbill.compare(state)
        self._playbill.show(self._virtual.now)

    async def _perform(self, scene: Scene, milestone: Milestone) -> None:
        contract, now = self._terms.contract, self._virtual.now
        stream = await self._desk.begin(contract, milestone.id)
        person = self._office.casebook.ladder(contract, stream).person(scene.role)
        by = operator(self._office.private, on_behalf_of=person)
        days = scene.delivered_day
        action = Action(
            key=click_key(contract, stream, scene.action, by, now),
            name=scene.action,
            by=by,
            received_at=now,
            note=None if scene.note is None else Prose(scene.note),
            delivered=None if days is None else milestone.due + timedelta(days=days),
        )
        await self._desk.act(contract, stream, action)


def _close_to(now: datetime, file: Path) -> Contract:
    """The contract in ``file``, its dates moved by whole weeks so that the first is close by."""
    reading = read_contract(file, today=_FAR_PAST)
    if reading.contract is None:
        problems = "; ".join(map(str, reading.problems))
        raise NoDemo(f"{file} is not a correct contract: {problems}", "run holdfast check on it")
    first = min(milestone.due for milestone in reading.contract.milestones)
    # By whole weeks, so that each date keeps its day of the week.
    by = timedelta(weeks=-((first - now.date() - _FIRST_DUE_IN).days // 7))
    milestones = tuple(
        milestone.model_copy(update={"due": milestone.due + by, "past_due": None})
        for milestone in reading.contract.milestones
    )
    return reading.contract.model_copy(update={"milestones": milestones})
