"""Applying: a stored request is sent on to its workflow, and what became of it is written down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from desk.casebook import Casebook
from desk.settled import Settled
from ladders.actions import permit
from ladders.administration import permit_instruction
from ladders.entries import Doer
from ladders.errors import ActionRefused, HoldfastError
from ladders.events import Action
from ladders.instructions import Instruction
from ledger.inbox import Inbox, InboxRow
from workflows.ladder import Answer

_UPDATES: dict[str, tuple[str, type[Action | Instruction]]] = {
    "ladder": ("act", Action),
    "contract": ("administer", Instruction),
}
"""The Update by which a request reaches a workflow, by the kind of its id, and what it carries."""
SILENCE = (TimeoutError, RPCError, RPCTimeoutOrCancelledError, RuntimeError)
"""How Temporal's silence shows. The SDK turns our own time limit into an error of its own, and
raises RuntimeError where a lazy client cannot connect."""


Identify = Callable[[str, Doer], Awaitable[Doer]]
"""Finds out who somebody is under a contract; raises NotAppliedYet where that takes longer."""


class NotAppliedYet(HoldfastError):
    """The request is safe in the inbox, but Temporal has not applied it yet."""


class Applier:
    """Applies requests that stand in the inbox."""

    def __init__(
        self,
        client: Client,
        casebook: Casebook,
        inbox: Inbox,
        clock: Callable[[], datetime],
        patience: float,
        identify: Identify,
    ) -> None:
        """``patience`` is how many seconds Temporal has to answer, once ``identify`` has."""
        self._client = client
        self._casebook = casebook
        self._inbox = inbox
        self._clock = clock
        self._patience = patience
        self._identify = identify

    def refuse_again(self, row: InboxRow) -> None:
        """Repeat the refusal that ``row`` was settled with, if it was."""
        refused = None if row.answer is None else Settled.model_validate_json(row.answer).refused
        if refused is not None:
            what, _, remedy = refused.partition("; ")
            raise self._casebook.named(row.contract, ActionRefused(what, remedy))

    async def apply(self, row: InboxRow) -> Answer:
        """Apply a request; the answer of its workflow, or of the ledger where that is over.

        Raises ActionRefused or NotAppliedYet.
        """
        update, kind = _UPDATES[row.target.partition(":")[0]]
        request = kind.model_validate_json(row.request)
        by = await self._identify(row.contract, request.by)
        request = request.model_copy(update={"by": by})
        handle = self._client.get_workflow_handle(row.target)
        try:
            async with asyncio.timeout(self._patience):
                answer: Answer = await handle.execute_update(
                    update, request, id=row.key, result_type=Answer
                )
        except WorkflowUpdateFailedError as failure:
            refusal = refusal_in(failure)
            if refusal is None:
                raise not_applied() from None
            await self.settle(row, refusal)
            raise self._casebook.named(row.contract, refusal) from None
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise not_applied() from None
            return await self._answer_from_ledger(row, request)
        except SILENCE:
            raise not_applied() from None
        await self.settle(row, None)
        return answer

    async def _answer_from_ledger(self, row: InboxRow, request: Action | Instruction) -> Answer:
        """Answer for what is over: what happened, when and by whom (law 15)."""
        try:
            answered = await asyncio.to_thread(self._answered, row, request)
        except ActionRefused as refusal:
            await self.settle(row, refusal)
            raise self._casebook.named(row.contract, refusal) from None
        if not answered:
            raise not_applied()
        await self.settle(row, None)
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

    async def settle(self, row: InboxRow, refusal: HoldfastError | None) -> None:
        """Write down that ``row`` was applied, or refused."""
        settled = Settled(
            received_at=row.received_at, refused=None if refusal is None else str(refusal)
        )
        await asyncio.to_thread(
            self._inbox.settle, row.key, settled.model_dump_json(), self._clock()
        )


def refusal_in(failure: WorkflowUpdateFailedError) -> ActionRefused | None:
    """What the workflow refused, and why; None where the Update failed for another reason."""
    cause = failure.cause
    if isinstance(cause, ApplicationError) and cause.type == "Refused":
        what, remedy = cause.details
        return ActionRefused(str(what), str(remedy))
    return None


def not_applied() -> NotAppliedYet:
    """What is said while Temporal is silent."""
    return NotAppliedYet(
        "the request is recorded, with the time it was received, but is not applied yet",
        "it is applied as soon as worker, Temporal and ledger are there again, and nothing need be "
        "repeated; if that takes long, holdfast doctor says what stands in the way",
    )
