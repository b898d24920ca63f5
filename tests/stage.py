"""The stage that tests of workflows stand on: everything real but the clock and the people."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from activities.postman import Channel
from channels.message import Letter, Posted, Surface
from commands.embedded import embedded_server
from commands.virtual import VirtualTime
from desk.clickers import Clickers
from desk.door import Desk, OnRefused, click_key
from desk.office import Office
from ladders.alarms import next_alarm
from ladders.contract import Attachment, Contract
from ladders.decision import decide
from ladders.entries import Doer, Entry
from ladders.errors import ActionRefused
from ladders.events import Action, ActionName, Tick
from ladders.folding import apply, fold
from ladders.instructions import Instruction, Request
from ladders.ladder import Ladder
from ladders.prose import PersonRef, Prose
from ladders.state import LadderState
from ladders.watch import STREAM
from ledger.book import Ledger, Receipt
from ledger.inbox import InboxRow
from tests import world
from worker import serving
from workflows.names import PHASE, contract_id, ladder_id

CONTRACT = "KSS-2026-014"
MIRA, JONAS, CARLA = (f"p-{name}@ardent.example" for name in ("mira", "jonas", "carla"))
BRIEF = Ladder(
    id="brief",
    version=1,
    situation=Prose("a ladder for tests that need no long one"),
    rungs=(world.rung("plan", 0), world.rung("audit", 14, "lead", "10 business days")),
)
_PATIENCE_SECONDS = 240


@dataclass
class Mailbox:
    """A channel that keeps what it is given; ``trouble`` may raise before it does."""

    surface: Surface = "console"
    letters: list[Letter] = field(default_factory=list)
    trouble: Callable[[Letter], Awaitable[None]] | None = None

    async def post(self, letter: Letter) -> Posted:
        """Keep the letter, unless there is trouble."""
        if self.trouble is not None:
            await self.trouble(letter)
        self.letters.append(letter)
        return Posted(channel="mailbox", receipt=letter.key)


@dataclass
class Cabinet:
    """Where files are that people attached, by id; ``trouble`` may raise before one is fetched."""

    files: dict[str, bytes] = field(default_factory=dict)
    trouble: Callable[[str], None] | None = None
    asked: list[str] = field(default_factory=list)

    def fetch(self, file_id: str) -> Iterator[bytes]:
        """The file, in two pieces, unless there is trouble."""
        self.asked.append(file_id)
        if self.trouble is not None:
            self.trouble(file_id)
        content = self.files[file_id]
        yield content[:2]
        yield content[2:]

    def attach(self, name: str, content: bytes) -> Attachment:
        """Put a file there; what an action says of it."""
        file_id = f"F{len(self.files) + 1}"
        self.files[file_id] = content
        return Attachment(id=file_id, name=Prose(name), size=len(content))


class Away(Exception):
    """A ledger that is out of reach, and asks to be left alone for a while."""

    code = "away"
    permanent = False
    retry_after = timedelta(hours=6)


class FrailLedger(Ledger):
    """The real ledger; ``trouble`` may raise, or take its time, before it appends."""

    trouble: Callable[[Entry], None] | None = None

    def append(self, entry: Entry, recorded: Collection[str] = ()) -> Receipt:
        """Append, unless there is trouble."""
        if self.trouble is not None:
            self.trouble(entry)
        return super().append(entry, recorded)


class Clocks(VirtualTime):
    """The clocks of the stage, which can also be moved while something is held up."""

    async def jump(self, to: datetime) -> None:
        """Move all clocks, past every alarm on the way, whatever is still owed or blocked."""
        await self._move(to)

    @property
    def moved_to(self) -> datetime:
        """Where the clocks were last moved to: a time that does not run on while tests work."""
        return self._moved_to


@dataclass
class Stage:
    """What a test acts with. ``due`` is the due date of the contract's one milestone.

    A worker that starts posts through ``channel``, if one is set, else into the mailbox, and lets
    ``clickers`` find out who clicked.
    """

    client: Client
    office: Office
    ledger: FrailLedger
    virtual: Clocks
    mailbox: Mailbox
    started: datetime
    _serving: AsyncExitStack
    _desk: Desk | None = None
    channel: Channel | None = None
    fallback: Channel | None = None
    on_refused: OnRefused | None = None
    clickers: Clickers | None = None
    cabinet: Cabinet = field(default_factory=Cabinet)

    @property
    def desk(self) -> Desk:
        """The door in, which stands open while a worker runs."""
        assert self._desk is not None, "no worker runs"
        return self._desk

    @property
    def due(self) -> datetime:
        """Noon, UTC, of the due date: three weeks after the start."""
        day = (self.started + timedelta(days=21)).date()
        return datetime.combine(day, time(12), tzinfo=UTC)

    async def start_worker(self) -> None:
        """Start a worker that knows nothing of any earlier one."""
        context = serving(
            self.client, self.office, self.channel or self.mailbox, self.fallback, self.cabinet,
            on_refused=self._hear, clickers=self.clickers,
        )  # fmt: skip
        self._desk = await self._serving.enter_async_context(context)

    async def _hear(self, row: InboxRow, refusal: ActionRefused) -> None:
        if self.on_refused is not None:
            await self.on_refused(row, refusal)

    async def leave_inbox_alone(self) -> None:
        """Start the worker anew, as one that sends nothing on until ``look_after_inbox``."""

        async def nothing() -> int:
            return 0

        await self.stop_worker()
        await self.start_worker()
        # The worker has not looked yet: nothing was awaited since it could.
        vars(self.desk)["drain"] = nothing

    def look_after_inbox(self) -> None:
        """Let the worker send on again what lies in the inbox."""
        del vars(self.desk)["drain"]

    async def stop_worker(self) -> None:
        """Stop the worker, and with it all that it keeps in memory."""
        await self._serving.aclose()

    def terms(self, **milestone: Any) -> Contract:
        """A contract whose milestone ``tooling`` is due in three weeks; people by address."""
        return world.by_address(world.contract(**{"due": self.due.date(), **milestone}))

    async def register(self, terms: Contract | None = None) -> None:
        """Put a contract under watch, as the operator."""
        operator = Doer(actor=PersonRef("p-op"), authenticated_by="os-user", via="cli")
        await self.desk.register(terms or self.terms(), world.SOURCE, operator, rehearsal=True)

    async def move(self, to: datetime) -> None:
        """Move all clocks to an instant, letting everything on the way happen.

        That includes messages, so a channel that refuses them must be mended first.
        """
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self.virtual.run(to, _unobserved)

    async def act(
        self, name: ActionName, who: str, stream: str = "tooling/1", **more: object
    ) -> None:
        """Let somebody, by address, act now."""
        await self.desk.act(CONTRACT, stream, self.action(name, who, stream, **more))

    async def instruct(self, request: Request, who: str = CARLA) -> None:
        """Let somebody, by address, instruct the contract now."""
        await self.desk.administer(CONTRACT, self.instruction(request, who))

    def instruction(self, request: Request, who: str = CARLA) -> Instruction:
        """What ``instruct`` would send, for tests that send it in their own way."""
        by = Doer(actor=self.person(who), authenticated_by="slack", via="slack")
        now = self.virtual.now
        key = click_key(CONTRACT, STREAM, request.name, by, now)
        return Instruction(key=key, by=by, received_at=now, request=request)

    def action(
        self, name: ActionName, who: str, stream: str = "tooling/1", **more: object
    ) -> Action:
        """What ``act`` would send, for tests that send it in their own way."""
        person = self.person(who)
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

    def person(self, who: str) -> PersonRef:
        """The pseudonym of somebody, by address."""
        return self.office.casebook.person(CONTRACT, who)

    async def missed(self, ladder: Ladder = BRIEF) -> None:
        """Register, and let the owner confirm the miss; then it is noon of the day after."""
        await self.register(self.terms(ladder=ladder))
        await self.move(self.due)
        await self.act("confirm", MIRA)
        await self.move(self.due + timedelta(days=1))

    def entries(self, stream: str = "tooling/1") -> list[Entry]:
        """What the ledger holds of a stream."""
        return [line.entry for line in self.office.ledger.lines(CONTRACT, stream)]

    def course(self, stream: str = "tooling/1") -> list[Entry]:
        """Those entries, messages' outcomes left out."""
        return [
            entry for entry in self.entries(stream) if not entry.body.kind.startswith("message.")
        ]

    def kinds(self, stream: str = "tooling/1") -> list[str]:
        """The kinds of the course."""
        return kinds_of(self.course(stream))

    def state(self, stream: str = "tooling/1") -> LadderState:
        """Where the ledger says a ladder stands."""
        return self.office.casebook.ladder(CONTRACT, stream)

    def contract(self) -> WorkflowHandle[object, object]:
        """The contract's workflow."""
        return self.client.get_workflow_handle(contract_id(CONTRACT))

    def ladder(self, stream: str = "tooling/1") -> WorkflowHandle[object, object]:
        """A ladder's workflow."""
        return self.client.get_workflow_handle(ladder_id(CONTRACT, stream))

    async def asked(self, stream: str = "tooling/1") -> LadderState:
        """Where the workflow itself says an open ladder stands."""
        ladders = await self.virtual.ladders()
        return next(state for state in ladders if state.stream == stream)

    async def agrees(self) -> bool:
        """Whether the workflow knows all that the ledger has, and nothing else.

        It hears last of what it has recorded, so tests wait for this (:func:`until`).
        """
        return await self.asked() == self.state()

    async def is_blocked(self, stream: str = "tooling/1") -> bool:
        """Whether a ladder shows that it waits for somebody to mend something."""
        shown = (await self.ladder(stream).describe()).typed_search_attributes
        return shown.get(PHASE) == "blocked"


def kinds_of(entries: Iterable[Entry]) -> list[str]:
    """The kinds of entries."""
    return [entry.body.kind for entry in entries]


def silent_course(recorded: list[Entry], end: datetime) -> list[Entry]:
    """What a ladder records further until ``end``, if nothing goes wrong and nobody acts."""
    state, now, course = fold(recorded), recorded[-1].occurred_at, list[Entry]()
    assert state is not None
    while (alarm := next_alarm(state)) and alarm.at <= end:
        now = max(alarm.at, now)
        for entry in decide(state, Tick(until=now), now):
            state = apply(state, entry)
            course.append(entry)
    return course


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait, within bounds, for something that comes by itself."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            answer = condition()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def stage_in(folder: Path, dynamic_config: Iterable[str] = ()) -> AsyncIterator[Stage]:
    """Set the stage, with its ledger in ``folder``; strike it at the end."""
    started = datetime.now(UTC)
    async with (
        embedded_server(time_skipping=True, dynamic_config=tuple(dynamic_config)) as server,
        AsyncExitStack() as workers,
    ):
        virtual = Clocks(server.client, CONTRACT, started)
        opened = Office.open(f"sqlite:///{folder / 'ledger.sqlite'}", virtual.clock)
        ledger = FrailLedger(opened.ledger.engine, virtual.clock)
        office = replace(opened, ledger=ledger)
        stage = Stage(server.client, office, ledger, virtual, Mailbox(), started, workers)
        await stage.start_worker()
        yield stage
        await stage.stop_worker()
        office.close()


@asynccontextmanager
async def without_temporal(stage: Stage) -> AsyncIterator[Stage]:
    """The same ledger at the same time, beside a Temporal that has lost everything."""
    await stage.stop_worker()
    async with embedded_server(time_skipping=True) as server, AsyncExitStack() as workers:
        virtual = Clocks(server.client, CONTRACT, stage.virtual.now)
        ledger = FrailLedger(stage.ledger.engine, virtual.clock)
        office = replace(stage.office, ledger=ledger, clock=virtual.clock)
        again = Stage(
            server.client, office, ledger, virtual, stage.mailbox, stage.started, workers,
            cabinet=stage.cabinet,
        )  # fmt: skip
        await again.start_worker()
        yield again
        await again.stop_worker()


async def _unobserved(_state: object) -> None:
    """Look at nothing on the way."""


async def leave_in_inbox(stage: Stage, action: Action) -> None:
    """Commit a click to the inbox, which is left alone: Temporal does not hear of it yet."""
    await stage.leave_inbox_alone()
    sealed = stage.office.private.seal(CONTRACT, action)
    stage.office.inbox.receive(
        action.key, CONTRACT, stage.ladder().id,
        sealed.model_dump_json(exclude_none=True), action.received_at,
    )  # fmt: skip
