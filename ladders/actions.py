"""What people may do to a ladder, and who: one table, which every surface passes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from ladders import entries as kinds
from ladders.contract import OWNER
from ladders.counting import deadline
from ladders.entries import AnyBody, Doer, Entry
from ladders.errors import ActionRefused
from ladders.events import Action, ActionName
from ladders.ladder import LAST_DAY
from ladders.outbox import is_away, past_owners, tell
from ladders.prose import PersonRef, Prose
from ladders.state import LadderState, Tender
from ladders.values import Period, Role
from ladders.writing import write_action

Right = Literal["rung owner", "owner", "authority", "roster"]
"""By what right somebody acts; the deputies of an owner share it, named as such.

``rung owner`` holds the rung that is acted on; ``owner`` holds the milestone or any open rung;
``authority`` is who the contract lets accept, or the deputy of one who is away; ``roster`` is
everybody the contract names.
"""


class Rule(NamedTuple):
    """One row of the table: what the action does, by what rights, and what it must bring."""

    summary: str
    rights: tuple[Right, ...]
    needs: tuple[Literal["note", "delivered"], ...] = ()


ACTIONS: dict[ActionName, Rule] = {
    "acknowledge": Rule("pause the reminders; the ladder goes on", ("rung owner",)),
    "complete": Rule("report the rung's action done", ("rung owner",)),
    "confirm": Rule("say that the milestone was not delivered", ("owner", "authority")),
    "escalate": Rule("open the next rung now", ("owner", "authority"), ("note",)),
    "tender": Rule("report delivery, or offer the cure", ("owner",), ("delivered",)),
    "accept": Rule("accept what was tendered; closes the ladder", ("authority",)),
    "reject": Rule("reject what was tendered", ("authority",), ("note",)),
    "withdraw": Rule("close a ladder that was opened in error", ("authority",), ("note",)),
    "note": Rule("add a note", ("roster",), ("note",)),
}

DEFAULT_PAUSE = Period(count=2, unit="business days")
"""How long an acknowledgement keeps reminders away when it does not say."""


def on_action(state: LadderState, action: Action, now: datetime) -> list[Entry]:
    """The entry that ``action`` gives rise to; none if it has been applied before.

    Raises ActionRefused with the rule that stands against it.
    """
    if action.key in state.answered:
        return []
    # Whoever clicked in time is judged, and counted, as of the click (law 14).
    at = min(now, action.received_at)
    by = permit(state, action, at)
    return [write_action(state, action, by, _BODIES[action.name](state, action, at), now)]


def permit(state: LadderState, action: Action, now: datetime) -> Doer:
    """Who acts and on whose behalf, if the state and the table allow ``action``.

    A deputy's act is recorded as done on behalf of the person stood in for. Raises ActionRefused.
    """
    _refuse_closed(state)
    rule = ACTIONS[action.name]
    missing = [field for field in rule.needs if getattr(action, field) is None]
    if missing:
        what = f"{action.name} needs {' and '.join(_FIELDS[field] for field in missing)}"
        raise ActionRefused(what, "say it, and send the action again")
    _REQUIREMENTS.get(action.name, _nothing)(state, action, now)
    return _doer(state, action, rule, now)


def holders(state: LadderState, action: Action, right: Right) -> Iterator[PersonRef]:
    """Everybody who holds ``right`` over ``action`` in their own name."""
    match right:
        case "rung owner":
            index = _addressed(state, action)
            role = OWNER if index is None else state.opened.ladder.rungs[index].owner
            yield state.person(role)
        case "owner":
            yield state.person(OWNER)
            yield from (state.person(role) for role in _open_roles(state))
        case "authority":
            yield from (state.person(role) for role in state.standing.authority)
        case "roster":
            yield from state.standing.roster


def _doer(state: LadderState, action: Action, rule: Rule, now: datetime) -> Doer:
    person = action.by.person
    for right in rule.rights:
        principals = list(holders(state, action, right))
        if person in principals:
            return action.by
        for principal in principals:
            away = is_away(state, principal, now) or right != "authority"
            if away and person in state.standing.deputies.get(principal, ()):
                return action.by.model_copy(
                    update={"on_behalf_of": action.by.on_behalf_of or principal}
                )
    entitled = dict.fromkeys(who for right in rule.rights for who in holders(state, action, right))
    what = f"{action.name} is not for {person} to do on {state.stream}"
    rights = " or the ".join(rule.rights)
    raise ActionRefused(what, f"it is for the {rights} to do: {', '.join(entitled)}")


def _open_roles(state: LadderState) -> list[Role]:
    rungs = zip(state.opened.ladder.rungs, state.rungs, strict=True)
    return [rung.owner for rung, standing in rungs if standing.status == "open"]


def _addressed(state: LadderState, action: Action) -> int | None:
    """The index of the rung that ``action`` is about; None where it is about the due date."""
    if action.rung is not None:
        return state.index(action.rung)
    return None if _answers_question(state, action) else state.current


def _answers_question(state: LadderState, action: Action) -> bool:
    """Whether an acknowledgement that names no rung is of the question of the due date."""
    asked = state.phase == "watching" and state.asked_at is not None
    return asked and action.name == "acknowledge" and action.rung is None


def _refuse_closed(state: LadderState) -> None:
    closing = state.closing
    if closing is not None:
        when = f"{closing.at:%F %R} UTC by {closing.by}"
        what = f"ladder {state.stream} was closed as {closing.outcome} at {when}"
        raise ActionRefused(what, "nothing was changed; a new fact needs a new ladder")


def _needs_open_rung(state: LadderState, action: Action, now: datetime) -> None:
    if action.rung is not None and action.rung not in {r.id for r in state.opened.ladder.rungs}:
        raise ActionRefused(
            f"ladder {state.stream} has no rung {action.rung!r}",
            f"its rungs are {', '.join(rung.id for rung in state.opened.ladder.rungs)}",
        )
    index = _addressed(state, action)
    if index is None or state.rungs[index].status != "open":
        what = f"no rung of {state.stream} waits for {action.name}"
        if action.rung is not None:
            what = f"rung {action.rung} of {state.stream} is not open"
        raise ActionRefused(what, "look at the status of the ladder for what is open")


def _needs_question_or_rung(state: LadderState, action: Action, now: datetime) -> None:
    _needs_short_pause(action)
    if _answers_question(state, action):
        return
    _needs_open_rung(state, action, now)


def _needs_due_date(state: LadderState, action: Action, now: datetime) -> None:
    calendar, due = state.opened.calendar, state.opened.milestone.due
    if state.phase != "watching" or state.misses_at is not None:
        raise ActionRefused(f"{state.stream} is already recorded as missed", "nothing was changed")
    if state.tender is not None:
        raise ActionRefused(
            f"tender {state.tender.number} of {state.stream} is unanswered",
            "accept or reject it instead",
        )
    if state.suspended:
        what = f"time stands still for {state.opened.milestone.id}, so it is not due"
        raise ActionRefused(what, "confirm a miss once time runs again, on the due date or later")
    if calendar.local(min(now, action.received_at)).date() < due:
        raise ActionRefused(
            f"{state.opened.milestone.id} is not due before {due}",
            "confirm a miss on the due date or after it",
        )


def _needs_next_rung(state: LadderState, action: Action, now: datetime) -> None:
    if state.phase == "watching":
        raise ActionRefused(
            f"{state.stream} is not missed yet", "confirm the miss once the due date has come"
        )
    if state.next_pending is None:
        raise ActionRefused(f"{state.stream} stands on its last rung", "a decision is what remains")


def _needs_no_tender(state: LadderState, action: Action, now: datetime) -> None:
    if state.tender is not None:
        raise ActionRefused(
            f"tender {state.tender.number} of {state.stream} is unanswered",
            f"wait for the authority's answer, due {state.tender.respond_by:%F %R} UTC",
        )
    today = state.opened.calendar.local(now).date()
    if action.delivered is not None and action.delivered > today:
        raise ActionRefused(
            f"{action.delivered} has not come yet", "tender once the delivery has been made"
        )


def _needs_tender(state: LadderState, action: Action, now: datetime) -> None:
    if state.tender is None:
        raise ActionRefused(
            f"nothing is tendered on {state.stream}, so there is nothing to {action.name}",
            "the owner tenders first, with the day of delivery",
        )


def _nothing(state: LadderState, action: Action, now: datetime) -> None:
    """Require nothing of the state."""


_FIELDS = {"note": "a reason or note", "delivered": "the day of delivery"}

_REQUIREMENTS: dict[ActionName, Callable[[LadderState, Action, datetime], None]] = {
    "acknowledge": _needs_question_or_rung,
    "complete": _needs_open_rung,
    "confirm": _needs_due_date,
    "escalate": _needs_next_rung,
    "tender": _needs_no_tender,
    "accept": _needs_tender,
    "reject": _needs_tender,
}


def _words(action: Action) -> Prose:
    if action.note is None:
        raise ActionRefused(f"{action.name} needs {_FIELDS['note']}", "say it, and send it again")
    return action.note


def _needs_short_pause(action: Action) -> None:
    if action.pause is not None and action.pause.longest_days > LAST_DAY:
        raise ActionRefused(
            f"{action.pause} is longer than the whole ladder",
            f"pause reminders for at most {LAST_DAY} days",
        )


def _acknowledged(state: LadderState, action: Action, now: datetime) -> AnyBody:
    index = _addressed(state, action)
    return kinds.RungAcknowledged(
        rung=None if index is None else state.opened.ladder.rungs[index].id,
        quiet_until=deadline(state.opened.calendar, now, action.pause or DEFAULT_PAUSE),
        note=action.note,
    )


def _completed(state: LadderState, action: Action, now: datetime) -> AnyBody:
    rung = state.opened.ladder.rungs[_addressed(state, action) or 0]
    return kinds.RungCompleted(rung=rung.id, note=action.note, evidence=action.evidence)


def _confirmed(state: LadderState, action: Action, now: datetime) -> AnyBody:
    return kinds.MissConfirmed(misses_at=max(state.due_close, now), note=action.note)


def _escalated(state: LadderState, action: Action, now: datetime) -> AnyBody:
    return kinds.Escalated(reason=_words(action))


def _tendered(state: LadderState, action: Action, now: datetime) -> AnyBody:
    calendar = state.opened.calendar
    number = state.tenders + 1
    return kinds.CureTendered(
        number=number,
        delivered=action.delivered or calendar.local(now).date(),
        respond_by=deadline(calendar, now, state.opened.milestone.respond_within),
        note=action.note,
        evidence=action.evidence,
        tell=tell(state, f"tender/{number}", "tender", state.standing.authority, now=now),
    )


def _accepted(state: LadderState, action: Action, now: datetime) -> AnyBody:
    tender = state.tender
    if tender is None:
        raise ActionRefused("nothing is tendered", "the owner tenders first")
    return kinds.CureAccepted(
        number=tender.number,
        delivered=tender.delivered,
        outcome=_outcome(state, tender),
        note=action.note,
        tell=tell(state, "closed", "closed", past_owners(state), now=now),
    )


def _outcome(state: LadderState, tender: Tender) -> Literal["averted", "cured", "withdrawn"]:
    if state.phase == "watching":
        return "averted"
    # Delivered in time and reported late: there was no default to cure, only a presumption of one.
    return "withdrawn" if tender.delivered <= state.opened.milestone.due else "cured"


def _rejected(state: LadderState, action: Action, now: datetime) -> AnyBody:
    roles = [OWNER, *_open_roles(state)]
    return kinds.CureRejected(
        number=state.tenders,
        reason=_words(action),
        tell=tell(state, f"tender/{state.tenders}/rejected", "rejected", roles, now=now),
    )


def _withdrawn(state: LadderState, action: Action, now: datetime) -> AnyBody:
    return kinds.LadderWithdrawn(
        reason=_words(action),
        tell=tell(state, "closed", "closed", past_owners(state), now=now),
    )


def _noted(state: LadderState, action: Action, now: datetime) -> AnyBody:
    return kinds.NoteAdded(note=_words(action))


_BODIES: dict[ActionName, Callable[[LadderState, Action, datetime], AnyBody]] = {
    "acknowledge": _acknowledged,
    "complete": _completed,
    "confirm": _confirmed,
    "escalate": _escalated,
    "tender": _tendered,
    "accept": _accepted,
    "reject": _rejected,
    "withdraw": _withdrawn,
    "note": _noted,
}
