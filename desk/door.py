"""The door: registers contracts and takes actions, each once, however often it is knocked."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from pydantic import BaseModel
from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from desk.casebook import Casebook
from desk.draining import send_on
from desk.settled import Settled
from ladders.actions import permit
from ladders.administration import permit_instruction
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

_REGISTER = "register:"
_UPDATES: dict[str, tuple[str, type[Action | Instruction]]] = {
    "ladder": ("act", Action),
    "contract": ("administer", Instruction),
}
"""The Update by which a request reaches a workflow, by the kind of its id, and what it carries."""
_LOOK_AGAIN_SECONDS = 0.02
_SILENCE = (TimeoutError, RPCError, RPCTimeoutOrCancelledError, RuntimeError)
"""How Temporal's silence shows. The SDK turns our own time limit into an error of its own, and
raises RuntimeError where a lazy client cannot connect."""


class NotAppliedYet(HoldfastError):
    """The request is safe in the inbox, but Temporal has not applied it yet."""


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
    ) -> None:
        """Serve from this Temporal and this ledger; ``clock`` stamps what is received."""
        self._client = client
        self._casebook = casebook
        self._inbox = inbox
        self._clock = clock
        self._patience = patience.total_seconds()

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
        registration = Registration.model_validate_json(row.request)
        try:
            async with asyncio.timeout(self._patience):
                handle = await self._watching(row.target, registration)
                occurred_at = await handle.execute_update(ContractWorkflow.registered, id=row.key)
        except (*_SILENCE, WorkflowUpdateFailedError):
            raise _not_applied() from None
        if await asyncio.to_thread(self._casebook.ledger.find, row.contract, row.key) is None:
            # Two files under one reference, received before either was recorded.
            refusal = _taken(row.contract)
            await self._settle(row, refusal)
            raise refusal
        await self._settle(row, None)
        return occurred_at

    async def act(self, contract: str, stream: str, action: Action) -> Answer:
        """Apply ``action`` to a ladder. Raises ActionRefused, UnknownCase or NotAppliedYet.

        Its texts are sealed before anything is stored; the action counts from ``received_at``.
        """
        await asyncio.to_thread(self._casebook.ladder, contract, stream)
        row = await asyncio.to_thread(self._inbox.find, action.key)
        if row is None:
            target = ladder_id(contract, stream)
            row = await self._receive(action.key, contract, target, action, action.received_at)
        self._refuse_again(row)
        return await self._applied(row)

    async def administer(self, contract: str, instruction: Instruction) -> Answer:
        """Carry out ``instruction``, whose request names people by their addresses.

        Its texts are sealed before anything is stored; it counts from ``received_at``. Raises
        ActionRefused, UnknownCase or NotAppliedYet.
        """
        await asyncio.to_thread(self._casebook.watch, contract)
        row = await asyncio.to_thread(self._inbox.find, instruction.key)
        if row is None:
            request = await asyncio.to_thread(self._pseudonymous, instruction.request)
            instruction = instruction.model_copy(update={"request": request})
            target, received_at = contract_id(contract), instruction.received_at
            row = await self._receive(instruction.key, contract, target, instruction, received_at)
        self._refuse_again(row)
        return await self._applied(row)

    async def begin(self, contract: str, milestone: str) -> str:
        """Begin the ladder of ``milestone`` if it has none; return it, such as ``tooling/1``.

        Returns once its first entry is recorded. Raises ActionRefused, NotBegun, UnknownCase.
        """
        begun = [
            stream
            for stream in await asyncio.to_thread(self._casebook.streams, contract)
            if stream.rpartition("/")[0] == milestone
        ]
        if begun:
            # What somebody does to it can wait in the inbox, should Temporal be away.
            return begun[-1]
        handle = self._client.get_workflow_handle(contract_id(contract))
        try:
            async with asyncio.timeout(self._patience):
                started = await handle.execute_update(ContractWorkflow.start_ladder, milestone)
                await self._opened(contract, started.stream)
        except WorkflowUpdateFailedError as failure:
            raise (_refusal(failure) or _not_applied()) from None
        except _SILENCE:
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
        else:
            await self._applied(row)

    async def _opened(self, contract: str, stream: str) -> None:
        lines = self._casebook.ledger.lines
        found = await asyncio.to_thread(lines, contract, stream)
        while not found:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            found = await asyncio.to_thread(lines, contract, stream)

    def _refuse_taken(self, contract: str) -> None:
        if contract in self._casebook.ledger.contracts():
            raise _taken(contract)

    def _refuse_again(self, row: InboxRow) -> None:
        """Repeat the refusal that ``row`` was settled with, if it was."""
        refused = None if row.answer is None else Settled.model_validate_json(row.answer).refused
        if refused is not None:
            what, _, remedy = refused.partition("; ")
            raise self._casebook.named(row.contract, ActionRefused(what, remedy))

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

    async def _applied(self, row: InboxRow) -> Answer:
        update, kind = _UPDATES[row.target.partition(":")[0]]
        request = kind.model_validate_json(row.request)
        handle = self._client.get_workflow_handle(row.target)
        try:
            async with asyncio.timeout(self._patience):
                answer: Answer = await handle.execute_update(
                    update, request, id=row.key, result_type=Answer
                )
        except WorkflowUpdateFailedError as failure:
            refusal = _refusal(failure)
            if refusal is None:
                raise _not_applied() from None
            await self._settle(row, refusal)
            raise self._casebook.named(row.contract, refusal) from None
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise _not_applied() from None
            return await self._answer_from_ledger(row, request)
        except _SILENCE:
            raise _not_applied() from None
        await self._settle(row, None)
        return answer

    async def _answer_from_ledger(self, row: InboxRow, request: Action | Instruction) -> Answer:
        """Answer for what is over: what happened, when and by whom (law 15)."""
        try:
            answered = await asyncio.to_thread(self._answered, row, request)
        except ActionRefused as refusal:
            await self._settle(row, refusal)
            raise self._casebook.named(row.contract, refusal) from None
        if not answered:
            raise _not_applied()
        await self._settle(row, None)
        return Answer(entry=None)

    def _answered(self, row: InboxRow, request: Action | Instruction) -> bool:
        """Whether the ledger has it applied already. Raises ActionRefused if it never will be."""
        if isinstance(request, Instruction):
            watch = self._casebook.watch(row.contract)
            if row.key not in watch.answered:
                permit_instruction(watch, request, self._clock())
            return row.key in watch.answered
        ladder = row.target.removeprefix(f"ladder:{row.contract}:")
        milestone, _, number = ladder.rpartition(":")
        state = self._casebook.ladder(row.contract, f"{milestone}/{number}")
        if row.key not in state.answered:
            permit(state, request, self._clock())
        return row.key in state.answered

    async def _settle(self, row: InboxRow, refusal: HoldfastError | None) -> None:
        settled = Settled(
            received_at=row.received_at, refused=None if refusal is None else str(refusal)
        )
        await asyncio.to_thread(
            self._inbox.settle, row.key, settled.model_dump_json(), self._clock()
        )


def click_key(contract: str, stream: str, name: str, by: Doer, at: datetime) -> str:
    """The one key of a command typed at ``at``: the inbox row's, the Update's and the entry's."""
    return _key("act:", contract, stream, name, by.person, by.via, at.isoformat())


def _key(prefix: str, *parts: str) -> str:
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{prefix}{digest[:32]}"


def _refusal(failure: WorkflowUpdateFailedError) -> ActionRefused | None:
    """What the workflow refused, and why; None where the Update failed for another reason."""
    cause = failure.cause
    if isinstance(cause, ApplicationError) and cause.type == "Refused":
        what, remedy = cause.details
        return ActionRefused(str(what), str(remedy))
    return None


def _taken(contract: str) -> AlreadyRegistered:
    return AlreadyRegistered(
        f"contract {contract} is registered already, from a file with other content",
        "nothing was changed; give a new contract a reference of its own",
    )


def _not_applied() -> NotAppliedYet:
    return NotAppliedYet(
        "the request is recorded, with the time it was received, but Temporal does not answer",
        "it is applied as soon as the worker and Temporal run again; nothing need be repeated",
    )
