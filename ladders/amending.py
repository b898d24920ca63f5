"""Amending: what each fact of a contract's life does to where the contract stands."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ladders import entries as kinds
from ladders.contract import OWNER, Contract, Milestone, Person
from ladders.entries import Entry
from ladders.errors import StaleEntry
from ladders.prose import PersonRef
from ladders.tolling import TollingInterval
from ladders.values import Ref
from ladders.watched import ContractState, Tolled, Watched


def first(milestone: Milestone) -> Watched:
    """The standing of a milestone that comes under watch."""
    if milestone.past_due == "delivered":
        return Watched(status="settled", outcome="delivered")
    return Watched()


def amended(state: ContractState, entry: Entry) -> dict[str, object]:  # noqa: PLR0911
    """What ``entry`` changes in ``state``. Raises StaleEntry for an entry of another kind."""
    today = state.calendar.local(entry.occurred_at).date()
    match entry.body:
        case kinds.ContractAmended() as body:
            return {"version": body.version, **_amend(state, body, today)}
        case kinds.MilestoneExtended() as body:
            return {"version": body.version, **_extend(state, body, today)}
        case kinds.MilestoneWaived(version=version, milestone=milestone):
            return {"version": version, **_settle(state, milestone, "waived")}
        case kinds.TimeTolled() as body:
            return {"version": body.version, "tolled": (*state.tolled, _toll(body))}
        case kinds.TimeResumed() as body:
            return {"version": body.version, "tolled": _resume(state, body)}
        case kinds.RolesReassigned() as body:
            return {"version": body.version, "contract": reassigned(state.contract, body)}
        case kinds.ContractClosed(version=version):
            return {"version": version, **_close(state, entry)}
        case _:
            message = f"{entry.body.kind} is not an entry of a contract"
            raise StaleEntry(message, "read only the entries of the contract's own stream")


def _settle(
    state: ContractState, milestone: Ref, outcome: Literal["waived", "removed"]
) -> dict[str, object]:
    """Settle a milestone that waits; where a ladder is open, its own end will say how."""
    watched = state.milestones[milestone]
    if watched.status == "waiting":
        watched = watched.model_copy(update={"status": "settled", "outcome": outcome})
    return {"milestones": {**state.milestones, milestone: watched}}


def _amend(state: ContractState, body: kinds.ContractAmended, today: date) -> dict[str, object]:
    milestones = dict(state.milestones)
    for milestone in body.terms.milestones:
        before = state.contract.milestone(milestone.id)
        watched = _restated(milestones.get(milestone.id), before, milestone)
        if body.because == "signed-amendment" and before and before.due != milestone.due:
            watched = watched.model_copy(update={"counted_from": today})
        if milestone.id in body.affected and body.ladders == "withdraw":
            watched = _anew(watched)
        milestones[milestone.id] = watched
    state = state.model_copy(update={"milestones": milestones})
    for gone in milestones.keys() - {milestone.id for milestone in body.terms.milestones}:
        state = state.model_copy(update=_settle(state, gone, "removed"))
    return {"contract": body.terms, "calendar": body.calendar, "milestones": state.milestones}


def _restated(known: Watched | None, before: Milestone | None, after: Milestone) -> Watched:
    """The standing of a milestone as the amended terms have it.

    One that comes back is watched again; and as long as no ladder is under way, what is said of
    a date that had passed can be corrected.
    """
    if known is None:
        return first(after)
    is_back = known.status == "settled" and known.outcome == "removed"
    is_corrected = before is not None and before.past_due != after.past_due
    is_open_to_it = known.status == "waiting" or known.outcome == "delivered"
    if is_back or (is_corrected and is_open_to_it):
        return first(after).model_copy(update={"number": known.number})
    return known


def _anew(watched: Watched) -> Watched:
    """A milestone that is to be watched anew, once its ladder says that it was withdrawn."""
    return watched.model_copy(update={"anew": watched.status == "laddered"})


def _extend(state: ContractState, body: kinds.MilestoneExtended, today: date) -> dict[str, object]:
    watched = state.milestones[body.milestone].model_copy(update={"counted_from": today})
    if body.ladders == "withdraw":
        watched = _anew(watched)
    milestones = tuple(
        milestone.model_copy(update={"due": body.due, "past_due": None})
        if milestone.id == body.milestone
        else milestone
        for milestone in state.contract.milestones
    )
    return {
        "contract": state.contract.model_copy(update={"milestones": milestones}),
        "milestones": {**state.milestones, body.milestone: watched},
    }


def _toll(body: kinds.TimeTolled) -> Tolled:
    interval = TollingInterval(event=body.event, since=body.since)
    return Tolled(
        interval=interval, milestones=body.milestones, stops_ladders=body.ladders == "move"
    )


def _resume(state: ContractState, body: kinds.TimeResumed) -> tuple[Tolled, ...]:
    return tuple(
        toll.model_copy(update={"interval": toll.interval.model_copy(update={"until": body.on})})
        if toll.interval.event == body.event and toll.interval.until is None
        else toll
        for toll in state.tolled
    )


def reassigned(contract: Contract, body: kinds.RolesReassigned) -> Contract:
    """The contract with the successor where the leaver stood; a leaver from everywhere is gone."""
    leaver, successor = body.leaver, body.successor

    def put(ref: PersonRef | None) -> PersonRef | None:
        return successor.id if ref == leaver else ref

    roles = {
        role: successor.id if ref == leaver and role in (body.roles or contract.roles) else ref
        for role, ref in contract.roles.items()
    }
    people = [person for person in contract.people if person.id != successor.id]
    milestones = contract.milestones
    if not body.roles or OWNER in body.roles:
        milestones = tuple(
            milestone.model_copy(update={"owner": put(milestone.owner)}) for milestone in milestones
        )
    update: dict[str, object] = {"roles": roles, "milestones": milestones}
    if body.roles:
        return contract.model_copy(update={**update, "people": (*people, successor)})
    staying = [_deputised(person, leaver, successor) for person in people if person.id != leaver]
    successor = _deputised(successor, leaver, successor)
    return contract.model_copy(update={**update, "people": (*staying, successor)})


def _deputised(person: Person, leaver: PersonRef, successor: Person) -> Person:
    deputies = dict.fromkeys(successor.id if ref == leaver else ref for ref in person.deputies)
    others = tuple(ref for ref in deputies if ref != person.id)
    return person.model_copy(update={"deputies": others})


def _close(state: ContractState, entry: Entry) -> dict[str, object]:
    milestones = {
        milestone: watched
        if watched.status != "waiting"
        else watched.model_copy(update={"status": "settled", "outcome": "closed"})
        for milestone, watched in state.milestones.items()
    }
    return {
        "milestones": milestones,
        "closed_at": entry.occurred_at,
        "closed_by": entry.by.person,
    }


def named_in(entry: Entry) -> tuple[Person, ...]:
    """The people whom an entry of a contract brings in, with what is said of them."""
    match entry.body:
        case kinds.ContractRegistered(terms=terms) | kinds.ContractAmended(terms=terms):
            return terms.people
        case kinds.RolesReassigned(successor=successor):
            return (successor,)
        case _:
            return ()
