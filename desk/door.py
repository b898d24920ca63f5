"""The door: registers contracts and takes actions, each once, however often it is knocked."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable
from datetime import datetime, timedelta

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
from ladders.actions import permit
from ladders.contract import Contract, Document
from ladders.entries import Doer
from ladders.errors import ActionRefused, HoldfastError
from ladders.events import Action
from ladders.prose import PersonRef, replace_leaves
from ladders.values import Instant, Value
from ledger.errors import KeyConflict
from ledger.inbox import Inbox, InboxRow
from workflows.contract import ContractInput, ContractWorkflow, Registration, watch_attributes
from workflows.ladder import Answer, LadderWorkflow
from workflows.names import TASK_QUEUE, contract_id, ladder_id

PATIENCE = timedelta(seconds=20)
"""How long a surface waits for Temporal before it answers "recorded, not applied yet"."""

_REGISTER = "register:"
_LOG = logging.getLogger("holdfast.desk")
_LOOK_AGAIN_SECONDS = 0.02
_PSEUDONYM = re.compile(r"p-[a-z2-7]{8}")
_SILENCE = (TimeoutError, RPCError, RPCTimeoutOrCancelledError, RuntimeError)
"""How Temporal's silence shows. The SDK turns our own time limit into an error of its own, and
raises RuntimeError where a lazy client cannot connect."""


class NotAppliedYet(HoldfastError):
    """The request is safe in the inbox, but Temporal has not applied it yet."""


class AlreadyRegistered(HoldfastError):
    """Another contract file stands registered under the same reference."""


class NotBegun(HoldfastError):
    """A ladder could not be begun, and the request for it is not recorded anywhere."""


class Settled(Value):
    """What became of a request: when it was received, and the refusal if there was one."""

    received_at: Instant
    refused: str | None = None


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
        return await self._registered(row)

    async def act(self, contract: str, stream: str, action: Action) -> Answer:
        """Apply ``action`` to a ladder. Raises ActionRefused, UnknownCase or NotAppliedYet.

        Its texts are sealed before anything is stored; the action counts from ``received_at``.
        """
        await asyncio.to_thread(self._casebook.ladder, contract, stream)
        row = await asyncio.to_thread(self._inbox.find, action.key)
        if row is None:
            target = ladder_id(contract, stream)
            row = await self._receive(action.key, contract, target, action, action.received_at)
        if row.answer is not None:
            refused = Settled.model_validate_json(row.answer).refused
            if refused is not None:
                what, _, remedy = refused.partition("; ")
                raise self._named(contract, ActionRefused(what, remedy))
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
        left = 0
        for row in await asyncio.to_thread(self._inbox.unsettled):
            try:
                if row.key.startswith(_REGISTER):
                    await self._registered(row)
                else:
                    await self._applied(row)
            except NotAppliedYet:
                left += 1
            except HoldfastError:
                # A refusal is an answer; it stands in the inbox row.
                continue
            except Exception:  # noqa: BLE001
                # One request that cannot be sent on keeps no other from it.
                _LOG.exception("request %s could not be sent on", row.key)
                left += 1
        return left

    async def _opened(self, contract: str, stream: str) -> None:
        lines = self._casebook.ledger.lines
        found = await asyncio.to_thread(lines, contract, stream)
        while not found:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            found = await asyncio.to_thread(lines, contract, stream)

    def _refuse_taken(self, contract: str) -> None:
        if contract in self._casebook.ledger.contracts():
            raise _taken(contract)

    def _pseudonymous(self, contract: Contract) -> Contract:
        return replace_leaves(contract, PersonRef, self._casebook.private.identify)

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

    async def _registered(self, row: InboxRow) -> Instant:
        line = await asyncio.to_thread(self._casebook.ledger.find, row.contract, row.key)
        if line is None:
            await self._watch_begun(row)
            line = await asyncio.to_thread(self._casebook.ledger.find, row.contract, row.key)
        if line is None:
            # Two files under one reference, received before either was recorded.
            refusal = _taken(row.contract)
            await self._settle(row, refusal)
            raise refusal
        await self._settle(row, None)
        return line.entry.occurred_at

    async def _watch_begun(self, row: InboxRow) -> None:
        registration = Registration.model_validate_json(row.request)
        try:
            async with asyncio.timeout(self._patience):
                handle = await self._watching(row.target, registration)
                await handle.execute_update(ContractWorkflow.registered, id=row.key)
        except (*_SILENCE, WorkflowUpdateFailedError):
            raise _not_applied() from None
        if not await asyncio.to_thread(self._casebook.ledger.head, row.contract):
            # Temporal has it registered, and the ledger has lost that: holdfast reconcile.
            raise _not_applied()

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
        action = Action.model_validate_json(row.request)
        handle = self._client.get_workflow_handle(row.target)
        try:
            async with asyncio.timeout(self._patience):
                answer = await handle.execute_update(LadderWorkflow.act, action, id=row.key)
        except WorkflowUpdateFailedError as failure:
            refusal = _refusal(failure)
            if refusal is None:
                raise _not_applied() from None
            await self._settle(row, refusal)
            raise self._named(row.contract, refusal) from None
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise _not_applied() from None
            return await self._answer_from_ledger(row, action)
        except _SILENCE:
            raise _not_applied() from None
        await self._settle(row, None)
        return answer

    async def _answer_from_ledger(self, row: InboxRow, action: Action) -> Answer:
        """Answer for a ladder that is over: what happened, when and by whom (law 15)."""
        milestone, _, number = row.target.removeprefix(f"ladder:{row.contract}:").rpartition(":")
        state = self._casebook.ladder(row.contract, f"{milestone}/{number}")
        if action.key in state.answered:
            await self._settle(row, None)
            return Answer(entry=None)
        try:
            permit(state, action, self._clock())
        except ActionRefused as refusal:
            await self._settle(row, refusal)
            raise self._named(row.contract, refusal) from None
        raise _not_applied()

    def _named(self, contract: str, refusal: ActionRefused) -> ActionRefused:
        """The refusal for a person's eyes; what is stored and sent names pseudonyms only."""
        people = self._casebook.terms(contract).people

        def name(match: re.Match[str]) -> str:
            person = next((person for person in people if person.id == match[0]), None)
            return match[0] if person is None else str(person.name or person.email)

        what, remedy = (_PSEUDONYM.sub(name, text) for text in (refusal.what, refusal.remedy))
        return ActionRefused(what, remedy)

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
