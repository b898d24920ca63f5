"""The door: registers contracts and takes actions, each once, however often it is knocked."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from pydantic import BaseModel
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from desk.applying import SILENCE, Applier, NotAppliedYet, not_applied, refusal_in
from desk.casebook import Casebook
from desk.clickers import Clickers
from desk.draining import send_on
from ladders.contract import Contract, Document
from ladders.entries import Doer
from ladders.errors import ActionRefused, HoldfastError
from ladders.events import Action
from ladders.instructions import Instruction
from ladders.prose import PersonRef, replace_leaves
from ladders.values import Instant
from ledger.errors import KeyConflict
from ledger.inbox import Inbox, InboxRow
from workflows.contract import ContractInput, ContractWorkflow, Registration, watch_attributes
from workflows.ladder import Answer
from workflows.names import TASK_QUEUE, contract_id, ladder_id

PATIENCE = timedelta(seconds=20)
"""How long a surface waits for Temporal before it answers "recorded, not applied yet"."""

T = TypeVar("T")

OnRefused = Callable[[InboxRow, ActionRefused], Awaitable[None]]
"""Who is to hear of a request that was refused when nobody waited for its answer any more."""

_REGISTER = "register:"
_LOOK_AGAIN_SECONDS = 0.02


class AlreadyRegistered(HoldfastError):
    """Another contract file stands registered under the same reference."""


class NotBegun(HoldfastError):
    """A ladder could not be begun, and the request for it is not recorded anywhere."""


class Desk:
    """Takes requests from every surface."""

    def __init__(
        self,
        client: Client,
        casebook: Casebook,
        inbox: Inbox,
        clock: Callable[[], datetime],
        patience: timedelta = PATIENCE,
        on_refused: OnRefused | None = None,
        clickers: Clickers | None = None,
    ) -> None:
        """Serve from this Temporal and this ledger; ``clock`` stamps what is received.

        ``on_refused`` is called with what ``drain`` finds refused; it must not raise. ``clickers``
        find out who sent what came from Slack; without them only those are known who are
        remembered, and what others sent stays in the inbox.
        """
        self._client = client
        self._casebook = casebook
        self._inbox = inbox
        self._clock = clock
        self._patience = patience.total_seconds()
        self._on_refused = on_refused
        identify = partial((clickers or Clickers(casebook)).doer, within=patience * 2 / 3)
        self._applier = Applier(client, casebook, inbox, clock, self._patience, identify)

    async def register(
        self, contract: Contract, source: Document, by: Doer, *, rehearsal: bool = False
    ) -> Instant:
        """Put ``contract``, as read from ``source``, under watch; return when that occurred.

        Registering the same file again answers the same. Raises AlreadyRegistered if the
        reference is taken by another file.
        """
        return await self.registered(await self.hand_in(contract, source, by, rehearsal=rehearsal))

    async def hand_in(
        self, contract: Contract, source: Document, by: Doer, *, rehearsal: bool = False
    ) -> InboxRow:
        """Store the request to register, so that it is safe; ``registered`` then applies it.

        Raises AlreadyRegistered if the reference is taken by another file.
        """
        key = _key(_REGISTER, contract.contract, source.sha256)
        row = await asyncio.to_thread(self._inbox.find, key)
        if row is None:
            await asyncio.to_thread(self._refuse_taken, contract.contract)
            received_at = self._clock()
            registration = Registration(
                key=key,
                terms=await asyncio.to_thread(self._pseudonymous, contract),
                source=source,
                by=by,
                received_at=received_at,
                rehearsal=rehearsal,
            )
            target = contract_id(contract.contract)
            row = await self._receive(key, contract.contract, target, registration, received_at)
        return row

    async def registered(self, row: InboxRow) -> Instant:
        """Apply a request to register; return when it occurred. Raises as ``register`` does."""
        line = await asyncio.to_thread(self._casebook.ledger.find, row.contract, row.key)
        if line is None:
            await self._watch_begun(row)
            line = await asyncio.to_thread(self._casebook.ledger.find, row.contract, row.key)
        if line is None:
            # Two files under one reference, received before either was recorded.
            refusal = _taken(row.contract)
            await self._applier.settle(row, refusal)
            raise refusal
        await self._applier.settle(row, None)
        return line.entry.occurred_at

    async def act(self, contract: str, stream: str, action: Action) -> Answer:
        """Apply ``action`` to a ladder. Raises ActionRefused, UnknownCase or NotAppliedYet.

        Its texts are sealed before anything is stored; the action counts from ``received_at``.
        """
        return await self.applied(await self.take(contract, stream, action))

    async def take(self, contract: str, stream: str, action: Action) -> InboxRow:
        """Store ``action``, so that it is safe; ``applied`` then applies it. Raises UnknownCase."""
        await asyncio.to_thread(self._casebook.ladder, contract, stream)
        row = await asyncio.to_thread(self._inbox.find, action.key)
        if row is None:
            target = ladder_id(contract, stream)
            row = await self._receive(action.key, contract, target, action, action.received_at)
        return row

    async def administer(self, contract: str, instruction: Instruction) -> Answer:
        """Carry out ``instruction``, whose request names people by their addresses.

        Its texts are sealed before anything is stored; it counts from ``received_at``. Raises
        ActionRefused, UnknownCase or NotAppliedYet.
        """
        return await self.applied(await self.take_instruction(contract, instruction))

    async def take_instruction(self, contract: str, instruction: Instruction) -> InboxRow:
        """Store ``instruction``; ``applied`` then carries it out. Raises UnknownCase."""
        await asyncio.to_thread(self._casebook.watch, contract)
        row = await asyncio.to_thread(self._inbox.find, instruction.key)
        if row is None:
            request = await asyncio.to_thread(self._pseudonymous, instruction.request)
            instruction = instruction.model_copy(update={"request": request})
            target, received_at = contract_id(contract), instruction.received_at
            row = await self._receive(instruction.key, contract, target, instruction, received_at)
        return row

    async def applied(self, row: InboxRow) -> Answer:
        """Apply what was stored. Raises ActionRefused or NotAppliedYet."""
        self._applier.refuse_again(row)
        return await self._applier.apply(row)

    async def turn_away(
        self, contract: str, stream: str, action: Action, refusal: ActionRefused
    ) -> None:
        """Keep on record that ``action`` was refused before it got as far as a ladder."""
        await self._applier.settle(await self.take(contract, stream, action), refusal)

    async def begin(self, contract: str, milestone: str) -> str:
        """Begin the ladder of ``milestone`` if it has none; return it, such as ``tooling/1``.

        Returns once its first entry is recorded. Raises ActionRefused, NotBegun, UnknownCase.
        """
        watch = await asyncio.to_thread(self._casebook.watch, contract)
        watched = watch.milestones.get(milestone)
        if watched is not None and watched.number and watched.status != "waiting":
            # What somebody does to it can wait in the inbox, should Temporal be away.
            return f"{milestone}/{watched.number}"
        handle = self._client.get_workflow_handle(contract_id(contract))
        try:
            async with asyncio.timeout(self._patience):
                started = await handle.execute_update(ContractWorkflow.start_ladder, milestone)
                await self._opened(contract, started.stream)
        except WorkflowUpdateFailedError as failure:
            raise (refusal_in(failure) or not_applied()) from None
        except SILENCE:
            raise NotBegun(
                f"the ladder of {milestone} has not begun, and Temporal does not answer",
                "nothing was recorded; run holdfast up, then say it again",
            ) from None
        return started.stream

    async def drain(self) -> int:
        """Send on whatever the inbox still holds; return how many requests are left."""
        rows = await asyncio.to_thread(self._inbox.unsettled)
        return await send_on(rows, self._send_on, NotAppliedYet)

    async def _send_on(self, row: InboxRow) -> None:
        if row.key.startswith(_REGISTER):
            await self.registered(row)
            return
        try:
            await self._applier.apply(row)
        except ActionRefused as refusal:
            if self._on_refused is not None:
                await self._on_refused(row, refusal)
            raise

    async def _opened(self, contract: str, stream: str) -> None:
        lines = self._casebook.ledger.lines
        found = await asyncio.to_thread(lines, contract, stream)
        while not found:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            found = await asyncio.to_thread(lines, contract, stream)

    def _refuse_taken(self, contract: str) -> None:
        if contract in self._casebook.ledger.contracts():
            raise _taken(contract)

    def _pseudonymous(self, value: T) -> T:
        return replace_leaves(value, PersonRef, self._casebook.private.identify)

    async def _receive(
        self, key: str, contract: str, target: str, request: BaseModel, at: datetime
    ) -> InboxRow:
        sealed = await asyncio.to_thread(self._casebook.private.seal, contract, request)
        text = sealed.model_dump_json(exclude_none=True)
        try:
            return await asyncio.to_thread(self._inbox.receive, key, contract, target, text, at)
        except KeyConflict:
            # The same click, received twice at once: its texts were sealed twice, with other
            # salts. Whoever came first is the one to go on with.
            row = await asyncio.to_thread(self._inbox.find, key)
            if row is None:
                raise
            return row

    async def _watch_begun(self, row: InboxRow) -> None:
        registration = Registration.model_validate_json(row.request)
        try:
            async with asyncio.timeout(self._patience):
                handle = await self._watching(row.target, registration)
                await handle.execute_update(ContractWorkflow.registered, id=row.key)
        except (*SILENCE, WorkflowUpdateFailedError):
            raise not_applied() from None
        if not await asyncio.to_thread(self._casebook.ledger.head, row.contract):
            # Temporal has it registered, and the ledger has lost that: holdfast reconcile.
            raise not_applied()

    async def _watching(
        self, target: str, registration: Registration
    ) -> WorkflowHandle[ContractWorkflow, None]:
        contract = registration.terms.contract
        try:
            return await self._client.start_workflow(
                ContractWorkflow.run,
                ContractInput(registration=registration),
                id=target,
                task_queue=TASK_QUEUE,
                search_attributes=watch_attributes(contract),
                static_summary=f"contract {contract}",
            )
        except WorkflowAlreadyStartedError:
            return self._client.get_workflow_handle_for(ContractWorkflow.run, target)


def click_key(contract: str, stream: str, name: str, by: Doer, at: datetime) -> str:
    """The one key of a command typed at ``at``: the inbox row's, the Update's and the entry's."""
    return _key("act:", contract, stream, name, by.person, by.via, at.isoformat())


def _key(prefix: str, *parts: str) -> str:
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{prefix}{digest[:32]}"


def _taken(contract: str) -> AlreadyRegistered:
    return AlreadyRegistered(
        f"contract {contract} is registered already, from a file with other content",
        "nothing was changed; put other terms in force with holdfast amend, or give a new contract "
        "a reference of its own",
    )
