"""What people may do to a ladder, and who: one table, which every surface passes through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal, NamedTuple

from ladders import entries as kinds
from ladders.contract import OWNER
from ladders.counting import deadline
from ladders.entries import AnyBody, Doer, Entry
from ladders.errors import ActionRefused
from ladders.events import Action, ActionName
from ladders.outbox import past_owners, tell
from ladders.people import Right, doer, open_roles
from ladders.prose import Prose
from ladders.requirements import addressed, require
from ladders.state import LadderState, Tender
from ladders.values import Period
from ladders.writing import write_action


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

BEARS_EVIDENCE: tuple[ActionName, ...] = ("complete", "tender", "note")
"""The actions whose entries hold the files that came with them."""

_FIELDS = {"note": "a reason or note", "delivered": "the day of delivery"}

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
    require(state, action, now)
    return doer(state, action, rule.rights, addressed(state, action), now)


def _refuse_closed(state: LadderState) -> None:
    closing = state.closing
    if closing is not None:
        when = f"{state.opened.calendar.shown(closing.at)} by {closing.by}"
        what = f"ladder {state.stream} was closed as {closing.outcome} at {when}"
        raise ActionRefused(what, "nothing was changed; a new fact needs a new ladder")


def _words(action: Action) -> Prose:
    if action.note is None:
        raise ActionRefused(f"{action.name} needs {_FIELDS['note']}", "say it, and send it again")
    return action.note


def _acknowledged(state: LadderState, action: Action, now: datetime) -> AnyBody:
    index = addressed(state, action)
    return kinds.RungAcknowledged(
        rung=None if index is None else state.opened.ladder.rungs[index].id,
        quiet_until=deadline(state.opened.calendar, now, action.pause or DEFAULT_PAUSE),
        note=action.note,
    )


def _completed(state: LadderState, action: Action, now: datetime) -> AnyBody:
    rung = state.opened.ladder.rungs[addressed(state, action) or 0]
    return kinds.RungCompleted(
        rung=rung.id, note=action.note, evidence=action.evidence, attached=action.attached or None
    )


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
        attached=action.attached or None,
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
    roles = [OWNER, *open_roles(state)]
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
    return kinds.NoteAdded(
        note=_words(action),
        evidence=action.evidence or None,
        attached=action.attached or None,
    )


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
