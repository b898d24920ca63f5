"""What Temporal's own UI shows of a ladder: which rung, whose turn, until when. Roles, no names."""

from __future__ import annotations

from datetime import UTC, datetime

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes

with workflow.unsafe.imports_passed_through():
    from ladders.alarms import Alarm
    from ladders.state import LadderState
    from ladders.turn import deadline, rung, turn
    from workflows.names import CONTRACT, PHASE, RUNG, TURN, UNTIL

_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def attributes(state: LadderState, blocked: str | None) -> TypedSearchAttributes:
    """The search attributes of a ladder in ``state``; a blocked one says so as its phase."""
    until = deadline(state)
    return TypedSearchAttributes(
        [
            SearchAttributePair(CONTRACT, state.contract),
            SearchAttributePair(PHASE, "blocked" if blocked else state.phase),
            SearchAttributePair(RUNG, rung(state)),
            SearchAttributePair(TURN, turn(state)),
            SearchAttributePair(UNTIL, until or _NEVER),
        ]
    )


def timer(state: LadderState, alarm: Alarm) -> str:
    """A word on what a timer waits for."""
    if alarm.rung is None:
        return alarm.cause
    return f"{alarm.cause} {state.opened.ladder.rungs[alarm.rung].id}"


def show(state: LadderState, blocked: str | None) -> None:
    """Bring search attributes and current details up to date, if they have changed."""
    shown = workflow.info().typed_search_attributes
    changed = [
        pair.key.value_set(pair.value)
        for pair in attributes(state, blocked).search_attributes
        if shown.get(pair.key) != pair.value
    ]
    if changed:
        workflow.upsert_search_attributes(changed)
    until = deadline(state)
    lines = [
        f"**Phase** {state.phase}",
        f"**Rung** {rung(state)}",
        f"**Whose turn** {turn(state)}",
        f"**Until** {until:%F %R} UTC" if until else "**Until** -",
        f"**Messages owed** {len(state.outbox)}, of them parked {len(state.parked)}",
    ]
    if state.attached:
        lines.append(f"**Evidence to be fetched** {len(state.attached)}")
    if blocked:
        lines.insert(
            0, f"**Blocked: the ledger refuses ({blocked}); `holdfast doctor` says what to do**"
        )
    workflow.set_current_details("\n\n".join(lines))
