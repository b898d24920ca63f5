"""What people may do to a contract as a whole, and who: facts that all its ladders share.

Each is recorded once, in the contract's own stream; :func:`terms_for` says what it leaves in force
for a ladder that is under way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Literal

from ladders import entries as kinds
from ladders.calendar import Calendar
from ladders.contract import Contract
from ladders.entries import AnyBody, Doer, Entry
from ladders.errors import ActionRefused
from ladders.events import Terms
from ladders.instructions import (
    INSTRUCTIONS,
    Amend,
    Close,
    Extend,
    Instruction,
    Reassign,
    Remark,
    Request,
    Resume,
    Toll,
    Waive,
)
from ladders.prose import Prose
from ladders.values import Ref
from ladders.watch import STREAM, in_force, is_suspended, standing
from ladders.watched import ContractState

_AFTER_THE_CLOSE = ("reassign", "resume", "waive", "note")
"""What can still be asked of a closed contract while ladders of it go on to their end."""

_HORIZON = timedelta(days=400)
"""How much of the frozen calendar must be left beyond a due date: ladder, weekends and answers."""


def administer(
    state: ContractState, instruction: Instruction, calendar: Calendar, now: datetime
) -> list[Entry]:
    """The entry that ``instruction`` gives rise to; none if it has been carried out before.

    ``calendar`` is the one resolved for amended terms. Raises ActionRefused with the rule that
    stands against it.
    """
    if instruction.key in state.answered:
        return []
    by = permit_instruction(state, instruction, now)
    return [
        Entry(
            contract=state.contract.contract,
            stream=STREAM,
            key=instruction.key,
            after=state.last_key,
            occurred_at=now,
            deemed_at=instruction.received_at,
            by=by,
            body=_body(state, instruction.request, calendar),
        )
    ]


def permit_instruction(state: ContractState, instruction: Instruction, now: datetime) -> Doer:
    """Who acts, and on whose behalf, if state and table allow it. Raises ActionRefused."""
    request = instruction.request
    if state.closed_at is not None and (state.is_over or request.name not in _AFTER_THE_CLOSE):
        when = f"{state.calendar.shown(state.closed_at)} by {state.closed_by}"
        what = f"contract {state.contract.contract} was closed at {when}"
        raise ActionRefused(what, "nothing was changed; register a new contract")
    at = min(now, instruction.received_at)
    doer = _doer(state, instruction, at)
    _require(state, request)
    return doer


def needs_calendar(state: ContractState, terms: Contract) -> bool:
    """Whether ``terms`` count otherwise, or reach further, than the frozen calendar does."""
    last = max(milestone.due for milestone in terms.milestones)
    return terms.counting != state.contract.counting or last > state.calendar.last - _HORIZON


def _require(state: ContractState, request: Request) -> None:
    match request:
        case Amend():
            _may_amend(state, request)
        case Extend():
            _may_extend(state, request)
        case Waive(milestone=milestone):
            _needs_watched(state, milestone)
        case Toll():
            _may_toll(state, request)
        case Resume():
            _may_resume(state, request)
        case Reassign():
            _may_reassign(state, request)
        case Close() | Remark():
            return


def _doer(state: ContractState, instruction: Instruction, at: datetime) -> Doer:
    person, terms = instruction.by.person, state.contract
    if INSTRUCTIONS[instruction.request.name].right == "roster":
        entitled = [somebody.id for somebody in terms.people]
    else:
        entitled = [terms.roles[role] for role in terms.authority]
    if person in entitled:
        return instruction.by
    today = state.calendar.local(at).date()
    for principal in filter(None, map(terms.person, entitled)):
        if principal.is_away(today) and person in principal.deputies:
            behalf = instruction.by.on_behalf_of or principal.id
            return instruction.by.model_copy(update={"on_behalf_of": behalf})
    what = f"{instruction.request.name} is not for {person} to do on {terms.contract}"
    raise ActionRefused(what, f"it is for the authority to do: {', '.join(entitled)}")


def terms_for(state: ContractState, entry: Entry, milestone_id: Ref) -> Terms:
    """What ``entry``, which led to ``state``, leaves in force for the milestone's ladder."""
    milestone = in_force(state, milestone_id)
    choice, reason = _choice(entry.body, milestone_id)
    return Terms(
        version=state.version,
        fact=entry.key,
        by=entry.by,
        received_at=entry.deemed_at,
        milestone=milestone,
        suspended=is_suspended(state, milestone_id),
        ladder=None if milestone is None else state.contract.ladder(milestone.ladder),
        calendar=state.calendar,
        standing=standing(state.contract),
        tolls=state.tolls(milestone_id, of_ladders=True),
        redated=_is_redated(entry.body, milestone_id),
        choice=choice,
        reason=reason,
    )


def _is_redated(body: AnyBody, milestone: Ref) -> bool:
    match body:
        case kinds.ContractAmended(redated=redated):
            return milestone in redated
        case kinds.MilestoneExtended():
            return milestone == body.milestone
        case _:
            return False


def _choice(
    body: AnyBody, milestone: Ref
) -> tuple[Literal["keep", "move", "withdraw", "waive"], Prose | None]:
    match body:
        case kinds.ContractAmended() if milestone in body.affected:
            return body.ladders, body.note or body.reasons.get(milestone, body.changes[0])
        case kinds.MilestoneExtended() if milestone == body.milestone:
            return body.ladders, body.reservation
        case kinds.MilestoneWaived() if milestone == body.milestone:
            return "waive", body.reason
        case kinds.ContractClosed():
            return body.ladders, body.reason
        case _:
            return "keep", None


def _needs_watched(state: ContractState, milestone: Ref) -> None:
    if state.contract.milestone(milestone) is None:
        known = ", ".join(known.id for known in state.contract.milestones)
        raise ActionRefused(f"the contract has no milestone {milestone!r}", f"name one of: {known}")
    watched = state.milestones[milestone]
    if watched.status == "settled":
        what = f"milestone {milestone} is settled: {watched.outcome}"
        raise ActionRefused(what, "nothing is left to decide about it")


def _may_amend(state: ContractState, request: Amend) -> None:
    if not request.changes:
        what = f"the terms of {state.contract.contract} are in force already as they are there"
        raise ActionRefused(what, "change the contract file, then amend")
    kept = {milestone.id for milestone in request.terms.milestones}
    for milestone, watched in state.milestones.items():
        if watched.status == "laddered" and milestone not in kept and request.ladders == "move":
            what = f"milestone {milestone} is gone from the file, and its ladder is open"
            raise ActionRefused(what, "say --ladders keep or --ladders withdraw")


def _may_extend(state: ContractState, request: Extend) -> None:
    _needs_watched(state, request.milestone)
    milestone = in_force(state, request.milestone)
    if milestone is not None and request.due <= milestone.due:
        what = f"{request.due} is no extension: {request.milestone} is due {milestone.due}"
        raise ActionRefused(what, "name a later day; an earlier one takes an amendment")
    _needs_horizon(state, request.due)


def _needs_horizon(state: ContractState, day: date) -> None:
    if not state.calendar.first <= day <= state.calendar.last - _HORIZON:
        what = f"{day} is further away than the contract's calendar was resolved for"
        raise ActionRefused(what, "check the year; dates further ahead take an amendment")


def _may_toll(state: ContractState, request: Toll) -> None:
    _needs_horizon(state, request.since)
    for milestone in request.milestones:
        _needs_watched(state, milestone)
    if not _tolled_milestones(state, request):
        raise ActionRefused("every milestone is settled", "there is nothing to stop time for")
    for toll in state.tolled:
        if toll.interval.event == request.event and toll.interval.until is None:
            what = f"event {request.event} stops time already, since {toll.interval.since}"
            raise ActionRefused(what, "resume it first, or name another event")


def _may_resume(state: ContractState, request: Resume) -> None:
    running = [toll.interval for toll in state.tolled if toll.interval.until is None]
    since = next((toll.since for toll in running if toll.event == request.event), None)
    if since is None:
        events = ", ".join(toll.event for toll in running) or "none"
        what = f"no event {request.event!r} stops time"
        raise ActionRefused(what, f"events that do: {events}")
    if request.on <= since:
        what = f"time cannot resume on {request.on}, as it stopped on {since}"
        raise ActionRefused(what, "name the first day on which it runs again")
    _needs_horizon(state, request.on)


def _may_reassign(state: ContractState, request: Reassign) -> None:
    terms, leaver = state.contract, request.leaver
    if terms.person(leaver) is None:
        raise ActionRefused(f"{leaver} stands nowhere in {terms.contract}", "name who leaves")
    if request.successor.id == leaver:
        raise ActionRefused("successor and leaver are the same person", "name who takes over")
    held = {role for role, person in terms.roles.items() if person == leaver}
    for role in request.roles:
        if role not in held:
            what = f"{leaver} does not hold the role {role!r}"
            raise ActionRefused(what, f"roles held: {', '.join(sorted(held)) or 'none'}")


def _tolled_milestones(state: ContractState, request: Toll) -> tuple[Ref, ...]:
    return request.milestones or tuple(
        milestone.id
        for milestone in state.contract.milestones
        if state.milestones[milestone.id].status != "settled"
    )


def _body(state: ContractState, request: Request, calendar: Calendar) -> AnyBody:
    if isinstance(request, Remark):
        return kinds.NoteAdded(note=request.note)
    given: dict[str, Any] = {name: value for name, value in request if name != "name"}
    match request:
        case Amend():
            given |= {"calendar": calendar, "redated": _redated(state, request.terms)}
        case Extend(milestone=milestone, due=due):
            before = in_force(state, milestone)
            given["was"] = before.due if before else due
        case Toll():
            given["milestones"] = _tolled_milestones(state, request)
    return _KINDS[request.name](version=state.version + 1, **given)


def _redated(state: ContractState, terms: Contract) -> tuple[Ref, ...]:
    return tuple(
        milestone.id
        for milestone in terms.milestones
        if (before := state.contract.milestone(milestone.id)) and before.due != milestone.due
    )


_KINDS: dict[str, Callable[..., AnyBody]] = {
    "amend": kinds.ContractAmended,
    "extend": kinds.MilestoneExtended,
    "waive": kinds.MilestoneWaived,
    "toll": kinds.TimeTolled,
    "resume": kinds.TimeResumed,
    "reassign": kinds.RolesReassigned,
    "close": kinds.ContractClosed,
}
