"""People: who is asked, who stands in for whom, and who may act on what."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal

from ladders.contract import OWNER
from ladders.entries import Doer
from ladders.errors import ActionRefused
from ladders.events import Action
from ladders.prose import PersonRef
from ladders.state import LadderState
from ladders.values import Ref, Role

Right = Literal["rung owner", "owner", "authority", "roster"]
"""By what right somebody acts; the deputies of an owner share it, named as such.

``rung owner`` holds the rung that is acted on; ``owner`` holds the milestone or any open rung;
``authority`` is who the contract lets accept, or the deputy of one who is away; ``roster`` is
everybody the contract names.
"""

_DEPUTIES_OF_DEPUTIES = 2
"""From this version of the rules on, a deputy who is away is stood in for as well."""


def is_away(state: LadderState, person: PersonRef, now: datetime) -> bool:
    """Whether ``person`` is absent on the local day of ``now``."""
    today = state.opened.calendar.local(now).date()
    spans = state.standing.absences.get(person, ())
    return any(first <= today <= last for first, last in spans)


def stand_ins(state: LadderState, person: PersonRef, now: datetime) -> Iterator[PersonRef]:
    """The deputies of ``person``; and of a deputy who is away, the deputies, and so on."""
    seen, asked = {person}, deque([person])
    while asked:
        for deputy in state.standing.deputies.get(asked.popleft(), ()):
            if deputy in seen:
                continue
            seen.add(deputy)
            yield deputy
            if state.opened.rules >= _DEPUTIES_OF_DEPUTIES and is_away(state, deputy, now):
                asked.append(deputy)


def with_deputies(state: LadderState, people: Iterable[PersonRef]) -> set[PersonRef]:
    """``people``, and everybody who might ever stand in for one of them."""
    seen = set(people)
    while further := {d for ref in seen for d in state.standing.deputies.get(ref, ())} - seen:
        seen |= further
    return seen


def may_stand_in(
    state: LadderState, person: PersonRef, now: datetime, *, for_authority: bool
) -> tuple[PersonRef, ...]:
    """Who may act for ``person`` now: the deputies; for the authority only while it is away."""
    if for_authority and not is_away(state, person, now):
        return ()
    return tuple(stand_ins(state, person, now))


def open_rungs(state: LadderState) -> dict[Ref, Role]:
    """The rungs that are open, each with the role that is to act."""
    rungs = zip(state.opened.ladder.rungs, state.rungs, strict=True)
    return {rung.id: rung.owner for rung, standing in rungs if standing.status == "open"}


def open_roles(state: LadderState) -> list[Role]:
    """The roles whose rungs are open."""
    return [*open_rungs(state).values()]


def holders(state: LadderState, right: Right, rung: int | None) -> Iterator[PersonRef]:
    """Everybody who holds ``right`` in their own name; over the rung of that index, if any."""
    match right:
        case "rung owner":
            yield state.person(OWNER if rung is None else state.opened.ladder.rungs[rung].owner)
        case "owner":
            yield state.person(OWNER)
            yield from (state.person(role) for role in open_roles(state))
        case "authority":
            yield from (state.person(role) for role in state.standing.authority)
        case "roster":
            yield from state.standing.roster


def doer(
    state: LadderState, action: Action, rights: tuple[Right, ...], rung: int | None, now: datetime
) -> Doer:
    """Who acts, and on whose behalf, by one of ``rights``. Raises ActionRefused."""
    person = action.by.person
    for right in rights:
        principals = list(holders(state, right, rung))
        if person in principals:
            return action.by
        for principal in principals:
            deputies = may_stand_in(state, principal, now, for_authority=right == "authority")
            if person in deputies:
                behalf = action.by.on_behalf_of or principal
                return action.by.model_copy(update={"on_behalf_of": behalf})
    entitled = dict.fromkeys(who for right in rights for who in holders(state, right, rung))
    what = f"{action.name} is not for {person} to do on {state.stream}"
    words = " or the ".join(rights)
    raise ActionRefused(what, f"it is for the {words} to do: {', '.join(entitled)}")
