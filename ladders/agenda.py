"""What lies ahead: everything that falls due by itself, on a ladder and before one begins."""

from __future__ import annotations

from collections.abc import Iterator

from ladders.alarms import Alarm, alarms
from ladders.contract import OWNER
from ladders.state import LadderState
from ladders.turn import turn
from ladders.values import Role
from ladders.watch import Start, next_start
from ladders.watched import ContractState

_REMINDERS = ("remind-delivery", "remind-rung")
_OF_THE_AUTHORITY = ("respond", "climb-end", "decision")


def agenda(state: LadderState) -> list[Alarm]:
    """All that falls due on a ladder if nobody does anything, in order; reminders left out."""
    return sorted(
        (alarm for alarm in alarms(state) if alarm.cause not in _REMINDERS),
        key=lambda alarm: alarm.at,
    )


def concerned(state: LadderState, alarm: Alarm) -> Role:
    """The role whom ``alarm`` concerns: who is to act until then, or from then on."""
    if alarm.rung is not None:
        return state.opened.ladder.rungs[alarm.rung].owner
    return turn(state) if alarm.cause in _OF_THE_AUTHORITY else OWNER


def starts(state: ContractState) -> Iterator[Start]:
    """Every ladder of the contract that will begin by itself, in order."""
    while (start := next_start(state)) is not None:
        yield start
        begun = state.milestones[start.milestone].model_copy(update={"status": "laddered"})
        milestones = {**state.milestones, start.milestone: begun}
        state = state.model_copy(update={"milestones": milestones})
