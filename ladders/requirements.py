"""Requirements: what must be so on a ladder before somebody may act on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ladders.errors import ActionRefused
from ladders.events import Action, ActionName
from ladders.ladder import LAST_DAY
from ladders.people import open_rungs, stand_ins
from ladders.state import LadderState
from ladders.values import Ref

_SAYS_WHICH = 2
"""From this version of the rules on, whoever holds several open rungs has to say which is meant."""


_QUESTION_ENDS = 3
"""From this version of the rules on, a question that is answered can be acknowledged no more."""


def require(state: LadderState, action: Action, now: datetime) -> None:
    """Raise ActionRefused, with the remedy, where the state does not allow ``action``."""
    _needs_what_was_shown(state, action)
    requirement = _REQUIREMENTS.get(action.name)
    if requirement is not None:
        requirement(state, action, now)


def about(state: LadderState, name: ActionName, rung: Ref | None) -> str | None:
    """What ``name`` would be an answer to at present, for a surface that offers it.

    Whoever answers later is told if something else is asked by then. None where the action does
    not depend on it.
    """
    match name:
        case "accept" | "reject":
            return f"tender {state.tenders}"
        case "escalate":
            index = state.next_pending
            following = None if index is None else state.opened.ladder.rungs[index].id
            return f"the opening of rung {following or '-'}"
        case "confirm":
            return f"the due date {state.opened.milestone.due}"
        case "complete" | "acknowledge" if rung is not None:
            return f"rung {rung} ({_since(state, rung)})"
        case _:
            return None


def _since(state: LadderState, rung: Ref) -> str:
    """Since when a rung is open: asked anew after a change of the due date, it is another one."""
    rungs = zip(state.opened.ladder.rungs, state.rungs, strict=True)
    opened = next((standing.opened_at for each, standing in rungs if each.id == rung), None)
    return "not open" if opened is None else f"open since {opened:%F %R} UTC"


def _needs_what_was_shown(state: LadderState, action: Action) -> None:
    now_asked = about(state, action.name, action.rung)
    if action.about is not None and action.about != now_asked:
        raise ActionRefused(
            f"{action.about} is not what is asked of {state.stream} any more",
            f"nothing was changed; now it would be about {now_asked or 'something else'}",
        )


def addressed(state: LadderState, action: Action) -> int | None:
    """The index of the rung that ``action`` is about; None where it is about the due date."""
    if action.rung is not None:
        return state.index(action.rung)
    if _answers_question(state, action):
        return None
    own = _own_open_rungs(state, action, action.received_at)
    return own[0] if own else state.current


def _own_open_rungs(state: LadderState, action: Action, now: datetime) -> list[int]:
    """The open rungs that are whoever acts's own or, if none is, somebody's they stand in for."""
    if state.opened.rules < _SAYS_WHICH:
        return []
    person, own, others = action.by.person, list[int](), list[int]()
    for index, rung in enumerate(state.opened.ladder.rungs):
        past = rung.is_early_warning and state.phase != "watching"
        if state.rungs[index].status != "open" or past:
            continue
        holder = state.person(rung.owner)
        if person == holder:
            own.append(index)
        elif person in stand_ins(state, holder, now):
            others.append(index)
    return own or others


def _answers_question(state: LadderState, action: Action) -> bool:
    """Whether an acknowledgement that names no rung is of the question of the due date."""
    asked = state.phase == "watching" and state.asked_at is not None
    if state.opened.rules >= _QUESTION_ENDS:
        asked = asked and state.tender is None and state.misses_at is None
    return asked and action.name == "acknowledge" and action.rung is None


def _needs_open_rung(state: LadderState, action: Action, now: datetime) -> None:
    if action.rung is not None and action.rung not in {r.id for r in state.opened.ladder.rungs}:
        raise ActionRefused(
            f"ladder {state.stream} has no rung {action.rung!r}",
            f"its rungs are {', '.join(rung.id for rung in state.opened.ladder.rungs)}",
        )
    several = _own_open_rungs(state, action, now) if action.rung is None else []
    if len(several) > 1:
        names = " or ".join(f"--rung {state.opened.ladder.rungs[index].id}" for index in several)
        raise ActionRefused(f"several rungs of {state.stream} wait for you", f"say which: {names}")
    index = addressed(state, action)
    if index is None or state.rungs[index].status != "open":
        what = f"no rung of {state.stream} waits for {action.name}"
        if action.rung is not None:
            what = f"rung {action.rung} of {state.stream} is not open"
        raise ActionRefused(what, _open_now(state))


def _open_now(state: LadderState) -> str:
    found = [f"rung {rung} of the {role}" for rung, role in open_rungs(state).items()]
    return f"nothing was changed; open now: {', '.join(found) or 'no rung'}"


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
        respond_by = state.tender.respond_by
        raise ActionRefused(
            f"tender {state.tender.number} of {state.stream} is unanswered",
            f"wait for the authority's answer, due {state.opened.calendar.shown(respond_by)}",
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


def _needs_short_pause(action: Action) -> None:
    if action.pause is not None and action.pause.longest_days > LAST_DAY:
        raise ActionRefused(
            f"{action.pause} is longer than the whole ladder",
            f"pause reminders for at most {LAST_DAY} days",
        )


_REQUIREMENTS: dict[ActionName, Callable[[LadderState, Action, datetime], None]] = {
    "acknowledge": _needs_question_or_rung,
    "complete": _needs_open_rung,
    "confirm": _needs_due_date,
    "escalate": _needs_next_rung,
    "tender": _needs_no_tender,
    "accept": _needs_tender,
    "reject": _needs_tender,
}
