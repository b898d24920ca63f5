"""The workflow of one contract: registers it, then begins a ladder whenever one is due."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributePair, TypedSearchAttributes
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from activities.planning import Planning, Stretch
    from ladders.administration import administer, needs_calendar, permit_instruction, terms_for
    from ladders.calendar import Calendar
    from ladders.contract import Contract, Document
    from ladders.decision import RULES
    from ladders.entries import AnyBody, ContractRegistered, Doer, Entry, RehearsalStarted
    from ladders.errors import ActionRefused
    from ladders.folding import begin
    from ladders.instructions import Amend, Instruction
    from ladders.values import Instant, Ref, Value
    from ladders.watch import (
        STREAM,
        begin_watch,
        next_start,
        open_ladder,
        reportable,
        settle,
        start_ladder,
        watch,
    )  # fmt: skip
    from ladders.watched import ContractState
    from workflows import board
    from workflows.ladder import Answer, Closed, LadderInput, LadderWorkflow, refused
    from workflows.names import CONTRACT, PHASE, ladder_id
    from workflows.steps import record, wait_until

_BEFORE = timedelta(days=120)
_AFTER = timedelta(days=800)
"""How far the frozen calendar reaches: from before registration to two years past the last date."""


class Registration(Value):
    """A contract to watch: its sealed terms, the file they were read from, and who handed it in."""

    key: str
    terms: Contract
    source: Document
    by: Doer
    received_at: Instant
    rehearsal: bool = False


class ContractInput(Value):
    """How a contract's watch starts: from a registration, or from what an earlier run handed on."""

    registration: Registration | None = None
    state: ContractState | None = None


class Started(Value):
    """The ladder of a milestone, such as ``tooling/1``."""

    stream: str


@workflow.defn(name="Contract")
class ContractWorkflow:
    """One contract's watch over its milestones."""

    @workflow.init
    def __init__(self, start: ContractInput) -> None:
        """Take the state up, if an earlier run left one."""
        self._state = start.state
        self._wanted: deque[tuple[Ref, asyncio.Future[Started]]] = deque()
        self._closed: deque[Closed] = deque()
        self._instructed: deque[tuple[Instruction, asyncio.Future[Answer]]] = deque()
        self._blocked: str | None = None
        self._has_child = False

    @workflow.run
    async def run(self, start: ContractInput) -> None:
        """Register, then watch until the contract is closed and its last ladder is over."""
        if start.registration is not None:
            self._state = await self._register(start.registration)
        while True:
            await self._work_off()
            await self._hand_on_if_due()
            if self._watched().is_over and await self._is_quiet():
                return
            due = next_start(self._watched())
            summary = due and f"first day of the ladder for {due.milestone}"
            await wait_until(due and due.at, self._has_work, summary)

    @workflow.update
    async def start_ladder(self, milestone: Ref) -> Started:
        """Begin the ladder of ``milestone`` now, if it has none yet, and say which one it is."""
        answer: asyncio.Future[Started] = asyncio.get_running_loop().create_future()
        self._wanted.append((milestone, answer))
        return await answer

    @workflow.update
    async def administer(self, instruction: Instruction) -> Answer:
        """Carry out an instruction; refused if the table or the state does not allow it."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._instructed.append((instruction, answer))
        return await answer

    @workflow.update
    async def registered(self) -> Instant:
        """Wait for the registration to be recorded, and say when it occurred."""
        await workflow.wait_condition(lambda: self._state is not None)
        return self._watched().registered_at

    @workflow.signal
    def ladder_closed(self, closed: Closed) -> None:
        """A ladder reports its outcome."""
        self._closed.append(closed)

    @workflow.query
    def state(self) -> ContractState | None:
        """Where the contract stands; None until its registration is recorded."""
        return self._state

    async def _hand_on_if_due(self) -> None:
        """Continue as new once a ladder was started, or when Temporal suggests it.

        A run that has started a child carries it as pending until the child ends, ABANDON or
        not; a new run does not, stays small, and its clock can be moved in a rehearsal.
        """
        if not (self._has_child or workflow.info().is_continue_as_new_suggested()):
            return
        if await self._is_quiet():
            workflow.continue_as_new(ContractInput(state=self._state))

    def _watched(self) -> ContractState:
        if self._state is None:
            message = "the contract is not registered yet"
            raise ApplicationError(message, non_retryable=True)
        return self._state

    def _has_work(self) -> bool:
        return bool(self._wanted or self._closed or self._instructed)

    async def _is_quiet(self) -> bool:
        """Whether, once every handler has its answer or new work has come, there is none."""
        # A handler that still waits may wait for work that came in meanwhile: that comes first.
        await workflow.wait_condition(lambda: self._has_work() or workflow.all_handlers_finished())
        return not self._has_work()

    def _alarm(self, blocked: str | None) -> None:
        if blocked != self._blocked:
            self._blocked = blocked
            phase = "blocked" if blocked else "watching"
            workflow.upsert_search_attributes([PHASE.value_set(phase)])

    async def _register(self, registration: Registration) -> ContractState:
        after = None
        if registration.rehearsal:
            after = f"{STREAM}/rehearsal"
            await self._record(_first(registration, after, None, RehearsalStarted()))
        calendar = await self._plan(registration.terms)
        body = ContractRegistered(
            terms=registration.terms, source=registration.source, calendar=calendar
        )
        entry = _first(registration, registration.key, after, body)
        await self._record(entry)
        return begin_watch(entry)

    async def _plan(self, terms: Contract) -> Calendar:
        return await workflow.execute_activity_method(
            Planning.plan,
            _stretch(terms),
            start_to_close_timeout=timedelta(minutes=1),
            retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=1)),
            summary="freeze the calendar",
        )

    async def _record(self, entry: Entry) -> None:
        await record(entry, self._alarm)

    async def _work_off(self) -> None:
        while self._closed:
            await self._settle(self._closed.popleft())
        while self._instructed:
            await self._carry_out(*self._instructed.popleft())
        while self._wanted:
            milestone, answer = self._wanted.popleft()
            await self._answer(milestone, answer)
        due = next_start(self._watched())
        while due is not None and due.at <= workflow.now():
            await self._start(due.milestone)
            due = next_start(self._watched())

    async def _settle(self, closed: Closed) -> None:
        entry = settle(self._watched(), closed.stream, closed.outcome, workflow.now())
        if entry is not None:
            await self._record(entry)
            self._state = watch(self._watched(), entry)

    async def _carry_out(self, instruction: Instruction, answer: asyncio.Future[Answer]) -> None:
        try:
            permit_instruction(self._watched(), instruction, workflow.now())
            calendar = await self._calendar_for(instruction)
            entries = administer(self._watched(), instruction, calendar, workflow.now())
        except ActionRefused as refusal:
            answer.set_exception(refused(refusal))
            return
        recorded = None
        for entry in entries:
            recorded = await record(entry, self._alarm)
            before, self._state = self._watched(), watch(self._watched(), entry)
            await self._tell_ladders(before, entry)
        answer.set_result(Answer(entry=recorded))

    async def _calendar_for(self, instruction: Instruction) -> Calendar:
        request, state = instruction.request, self._watched()
        if isinstance(request, Amend) and needs_calendar(state, request.terms):
            return await self._plan(request.terms)
        return state.calendar

    async def _tell_ladders(self, before: ContractState, entry: Entry) -> None:
        """Tell every ladder that was open what is in force now; the highest version wins."""
        for milestone, watched in before.milestones.items():
            if watched.status != "laddered" or self._watched().version == before.version:
                continue
            ladder_of = ladder_id(before.contract.contract, f"{milestone}/{watched.number}")
            ladder = workflow.get_external_workflow_handle(ladder_of)
            terms = terms_for(self._watched(), entry, milestone)
            try:
                await ladder.signal(LadderWorkflow.follow, terms)
            except ApplicationError:
                # It has closed meanwhile, and says so by a signal of its own.
                workflow.logger.info("ladder of %s is over", milestone)

    async def _answer(self, milestone: Ref, answer: asyncio.Future[Started]) -> None:
        try:
            watched = reportable(self._watched(), milestone)
        except ActionRefused as refusal:
            answer.set_exception(refused(refusal))
            return
        if watched.status == "waiting":
            await self._start(milestone)
        number = self._watched().milestones[milestone].number
        answer.set_result(Started(stream=f"{milestone}/{number}"))

    async def _start(self, milestone: Ref) -> None:
        entry = start_ladder(self._watched(), milestone, workflow.now())
        await self._record(entry)
        self._state = watch(self._watched(), entry)
        opening = open_ladder(self._state, milestone, RULES, workflow.now())
        try:
            await workflow.start_child_workflow(
                LadderWorkflow.run,
                LadderInput(opening=opening),
                id=ladder_id(opening.contract, opening.stream),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                search_attributes=board.attributes(begin(opening), None),
                static_summary=f"{opening.contract} {opening.stream}",
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("ladder %s runs already", opening.stream)
        self._has_child = True


def watch_attributes(contract: Ref) -> TypedSearchAttributes:
    """The search attributes that a contract's workflow starts with."""
    return TypedSearchAttributes(
        [SearchAttributePair(CONTRACT, contract), SearchAttributePair(PHASE, "watching")]
    )


def _stretch(terms: Contract) -> Stretch:
    dates = [milestone.due for milestone in terms.milestones]
    today = workflow.now().date()
    return Stretch(
        counting=terms.counting,
        first=min([today, *dates]) - _BEFORE,
        last=max([today, *dates]) + _AFTER,
    )


def _first(registration: Registration, key: str, after: str | None, body: AnyBody) -> Entry:
    return Entry(
        contract=registration.terms.contract,
        stream=STREAM,
        key=key,
        after=after,
        occurred_at=workflow.now(),
        deemed_at=registration.received_at,
        by=registration.by,
        body=body,
    )
