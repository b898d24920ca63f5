"""The watch over a contract: when a milestone's ladder begins, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from ladders import entries as kinds
from ladders.amending import amended, first
from ladders.contract import Contract, Milestone
from ladders.entries import AnyBody, ContractRegistered, Doer, Entry, Outcome, Standing
from ladders.errors import ActionRefused, StaleEntry
from ladders.outbox import TELLS_ROOM, board
from ladders.values import Ref
from ladders.watched import ContractState, Watched

STREAM = "contract"
"""The stream of a contract's own entries, beside those of its ladders."""


class Start(NamedTuple):
    """The next ladder that will begin by itself."""

    at: datetime
    milestone: Ref


def begin_watch(entry: Entry) -> ContractState:
    """The state that the registration gives; StaleEntry for any other entry."""
    body = entry.body
    if not isinstance(body, ContractRegistered):
        message = f"the first entry of a contract is contract.registered, not {body.kind}"
        raise StaleEntry(message, "read the contract's entries from its registration")
    return ContractState(
        contract=body.terms,
        calendar=body.calendar,
        registered_at=entry.occurred_at,
        milestones={milestone.id: first(milestone) for milestone in body.terms.milestones},
        last_key=entry.key,
    )


def watch(state: ContractState, entry: Entry) -> ContractState:
    """The state after a further entry of the contract's own stream."""
    if entry.after != state.last_key:
        message = (
            f"entry {entry.key} follows {entry.after}, but the state stands at {state.last_key}"
        )
        raise StaleEntry(message, "rebuild the state from the ledger")
    changes: dict[str, object] = {**_changes(state, entry), "last_key": entry.key}
    if entry.by.actor != kinds.ENGINE:
        changes["answered"] = (*state.answered, entry.key)
    return state.model_copy(update=changes)


def _changes(state: ContractState, entry: Entry) -> dict[str, object]:
    match entry.body:
        case kinds.LadderStarted(milestone=milestone, number=number):
            return _watched(state, milestone, status="laddered", number=number)
        case kinds.MilestoneSettled() as settled:
            return _settled(state, settled)
        case kinds.NoteAdded():
            return {}
        case _:
            return amended(state, entry)


def _settled(state: ContractState, body: kinds.MilestoneSettled) -> dict[str, object]:
    if state.milestones[body.milestone].anew and body.outcome == "withdrawn":
        return _watched(state, body.milestone, status="waiting", anew=False)
    return _watched(
        state, body.milestone, status="settled", number=body.number, outcome=body.outcome
    )


def _watched(state: ContractState, milestone: Ref, **changes: object) -> dict[str, object]:
    watched = state.milestones[milestone].model_copy(update=changes)
    return {"milestones": {**state.milestones, milestone: watched}}


def fold_watch(entries: Iterable[Entry]) -> ContractState | None:
    """The state that a contract's own entries give, in order; None before its registration."""
    state: ContractState | None = None
    for entry in entries:
        if isinstance(entry.body, kinds.RehearsalStarted):
            continue
        state = begin_watch(entry) if state is None else watch(state, entry)
    return state


def next_start(state: ContractState) -> Start | None:
    """The next ladder to begin: on its first early warning, its due date, or at once if overdue."""
    starts = [
        Start(at, milestone.id)
        for milestone in state.contract.milestones
        if state.milestones[milestone.id].status == "waiting"
        and (at := starts_at(state, milestone)) is not None
    ]
    return min(starts, default=None)


def starts_at(state: ContractState, milestone: Milestone) -> datetime | None:
    """When a waiting milestone's ladder begins; None while time stands still for it."""
    if is_backlog(state, milestone):
        return state.registered_at
    due = state.due(milestone)
    if due is None:
        return None
    day = state.contract.ladder(milestone.ladder).rungs[0].day
    return state.calendar.opening(due + timedelta(days=min(day, 0)))


def is_backlog(state: ContractState, milestone: Milestone) -> bool:
    """Whether the milestone was overdue and open when the contract was registered."""
    registered = state.calendar.local(state.registered_at).date()
    return milestone.past_due == "open" and milestone.due < registered


def reportable(state: ContractState, milestone: Ref) -> Watched:
    """The standing of a milestone on which something may be reported. Raises ActionRefused."""
    watched = state.milestones.get(milestone)
    if watched is None:
        known = ", ".join(state.milestones)
        raise ActionRefused(f"the contract has no milestone {milestone!r}", f"name one of: {known}")
    if watched.status == "settled" and not watched.number:
        what = f"milestone {milestone} is settled without a ladder: {watched.outcome}"
        raise ActionRefused(what, "nothing is left to report of it")
    return watched


def start_ladder(state: ContractState, milestone: Ref, now: datetime) -> Entry:
    """The contract's entry that a ladder for ``milestone`` begins."""
    number = state.milestones[milestone].number + 1
    body = kinds.LadderStarted(milestone=milestone, number=number)
    return _entry(state, f"ladder.started/{milestone}/{number}", body, now)


def settle(state: ContractState, stream: str, outcome: Outcome, now: datetime) -> Entry | None:
    """The contract's entry that the ladder ``stream`` has closed; None if it is known already."""
    milestone, _, number = stream.rpartition("/")
    watched = state.milestones[milestone]
    if watched.status != "laddered" or watched.number != int(number):
        return None
    body = kinds.MilestoneSettled(milestone=milestone, number=int(number), outcome=outcome)
    return _entry(state, f"milestone.settled/{stream}", body, now)


def open_ladder(state: ContractState, milestone_id: Ref, rules: int, now: datetime) -> Entry:
    """The first entry of the ladder that was started last for the milestone, all it counts from."""
    milestone = in_force(state, milestone_id)
    if milestone is None:
        message = f"contract {state.contract.contract} has no milestone {milestone_id!r}"
        raise StaleEntry(message, "name one of its milestones")
    stream = f"{milestone.id}/{state.milestones[milestone.id].number}"
    backlog = milestone.past_due == "open"
    people = standing(state.contract)
    tells = rules >= TELLS_ROOM and people.room
    body = kinds.LadderOpened(
        rules=rules,
        milestone=milestone,
        ladder=state.contract.ladder(milestone.ladder),
        calendar=state.calendar,
        standing=people,
        day_zero=state.calendar.local(now).date() if backlog else milestone.due,
        version=state.version,
        tolls=state.tolls(milestone.id, of_ladders=True) or None,
        suspended=is_suspended(state, milestone.id) or None,
        tell=(board(stream, 1),) if tells else (),
    )
    return Entry(
        contract=state.contract.contract,
        stream=stream,
        key=f"{stream}/opened",
        after=None,
        occurred_at=now,
        deemed_at=now,
        by=Doer(),
        body=body,
    )


def in_force(state: ContractState, milestone_id: Ref) -> Milestone | None:
    """The milestone with the due date in force, or as last agreed while time stands still.

    ``past_due`` is said of open backlog alone: of what was overdue on registration, and still is.
    """
    milestone = state.contract.milestone(milestone_id)
    if milestone is None:
        return None
    past_due = "open" if is_backlog(state, milestone) else None
    due = state.due(milestone) or milestone.due
    return milestone.model_copy(update={"due": due, "past_due": past_due})


def is_suspended(state: ContractState, milestone_id: Ref) -> bool:
    """Whether time stands still for the milestone, so that it has no due date."""
    milestone = state.contract.milestone(milestone_id)
    return milestone is not None and state.due(milestone) is None


def standing(contract: Contract) -> Standing:
    """Who holds which role of ``contract``, and who stands in for whom, when."""
    return Standing(
        roles=contract.roles,
        authority=contract.authority,
        deputies={person.id: person.deputies for person in contract.people if person.deputies},
        absences={
            person.id: tuple((absence.first, absence.last) for absence in person.absences)
            for person in contract.people
            if person.absences
        },
        roster=tuple(person.id for person in contract.people),
        room=True if contract.slack_channel else None,
    )


def _entry(state: ContractState, key: str, body: AnyBody, now: datetime) -> Entry:
    return Entry(
        contract=state.contract.contract,
        stream=STREAM,
        key=key,
        after=state.last_key,
        occurred_at=now,
        deemed_at=now,
        by=Doer(),
        body=body,
    )
