"""The stage that tests of workflows stand on: everything real but the clock and the people."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from channels.message import Letter, Posted
from commands.embedded import embedded_server
from commands.virtual import VirtualTime
from desk.door import Desk, click_key
from desk.office import Office
from ladders.contract import Contract
from ladders.entries import Doer, Entry
from ladders.events import Action, ActionName
from ladders.prose import PersonRef, Prose
from ladders.state import LadderState
from tests import world
from worker import serving
from workflows.names import contract_id, ladder_id

CONTRACT = "KSS-2026-014"


@dataclass
class Mailbox:
    """A channel that keeps what it is given; ``trouble`` may raise before it does."""

    letters: list[Letter] = field(default_factory=list)
    trouble: Callable[[Letter], Awaitable[None]] | None = None

    async def post(self, letter: Letter) -> Posted:
        """Keep the letter, unless there is trouble."""
        if self.trouble is not None:
            await self.trouble(letter)
        self.letters.append(letter)
        return Posted(channel="mailbox", receipt=letter.key)


@dataclass
class Stage:
    """What a test acts with. ``due`` is the due date of the contract's one milestone."""

    client: Client
    office: Office
    desk: Desk
    virtual: VirtualTime
    mailbox: Mailbox
    started: datetime

    @property
    def due(self) -> datetime:
        """Noon, UTC, of the due date: three weeks after the start."""
        day = (self.started + timedelta(days=21)).date()
        return datetime.combine(day, time(12), tzinfo=UTC)

    def terms(self, **milestone: Any) -> Contract:
        """A contract whose milestone ``tooling`` is due in three weeks; people by address."""
        return world.by_address(world.contract(**{"due": self.due.date(), **milestone}))

    async def register(self, terms: Contract | None = None) -> None:
        """Put a contract under watch, as the operator."""
        operator = Doer(actor=PersonRef("p-op"), authenticated_by="os-user", via="cli")
        await self.desk.register(terms or self.terms(), world.SOURCE, operator, rehearsal=True)

    async def move(self, to: datetime) -> None:
        """Move all clocks to an instant, letting everything on the way happen."""
        await self.virtual.run(to, _unobserved)

    async def act(
        self, name: ActionName, who: str, stream: str = "tooling/1", **more: object
    ) -> None:
        """Let somebody, by address, act now."""
        await self.desk.act(CONTRACT, stream, self.action(name, who, stream, **more))

    def action(
        self, name: ActionName, who: str, stream: str = "tooling/1", **more: object
    ) -> Action:
        """What ``act`` would send, for tests that send it in their own way."""
        person = self.office.casebook.person(CONTRACT, who)
        by = Doer(actor=person, authenticated_by="slack", via="slack")
        note = more.pop("note", None)
        return Action.model_validate(
            {
                "key": click_key(CONTRACT, stream, name, by, self.virtual.now),
                "name": name,
                "by": by,
                "received_at": self.virtual.now,
                "note": None if note is None else Prose(str(note)),
                **more,
            }
        )

    def entries(self, stream: str = "tooling/1") -> list[Entry]:
        """What the ledger holds of a stream."""
        return [line.entry for line in self.office.ledger.lines(CONTRACT, stream)]

    def kinds(self, stream: str = "tooling/1") -> list[str]:
        """The kinds of those entries, messages' outcomes left out."""
        found = [entry.body.kind for entry in self.entries(stream)]
        return [kind for kind in found if not kind.startswith("message.")]

    def state(self, stream: str = "tooling/1") -> LadderState:
        """Where the ledger says a ladder stands."""
        return self.office.casebook.ladder(CONTRACT, stream)

    def contract(self) -> WorkflowHandle[object, object]:
        """The contract's workflow."""
        return self.client.get_workflow_handle(contract_id(CONTRACT))

    def ladder(self, stream: str = "tooling/1") -> WorkflowHandle[object, object]:
        """A ladder's workflow."""
        return self.client.get_workflow_handle(ladder_id(CONTRACT, stream))


@asynccontextmanager
async def stage_in(folder: Path) -> AsyncIterator[Stage]:
    """Set the stage, with its ledger in ``folder``; strike it at the end."""
    started = datetime.now(UTC)
    async with embedded_server(time_skipping=True) as server:
        virtual = VirtualTime(server.client, CONTRACT, started)
        office = Office.open(f"sqlite:///{folder / 'ledger.sqlite'}", virtual.clock)
        mailbox = Mailbox()
        async with serving(server.client, office, mailbox) as desk:
            yield Stage(server.client, office, desk, virtual, mailbox, started)
        office.close()


async def _unobserved(_state: LadderState) -> None:
    """Look at nothing on the way."""
