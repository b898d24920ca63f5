"""Whose turn it is on a ladder: the rung it stands on, the role that is to act, and until when."""

from __future__ import annotations

from datetime import datetime

from ladders.alarms import next_alarm
from ladders.contract import APPROVER, OWNER
from ladders.state import LadderState
from ladders.values import Role

NOBODY = "-"
"""Stands for the rung or the role where there is none."""


def rung(state: LadderState) -> str:
    """The id of the highest rung whose action is still to be done."""
    return NOBODY if state.current is None else state.opened.ladder.rungs[state.current].id


def turn(state: LadderState) -> Role:
    """The role that is to act next; nobody's once the ladder is closed."""
    if state.phase == "closed":
        return NOBODY
    if state.tender is not None or state.phase == "exhausted":
        return state.standing.authority[0] if state.standing.authority else APPROVER
    if state.current is not None:
        return state.opened.ladder.rungs[state.current].owner
    return OWNER


def deadline(state: LadderState) -> datetime | None:
    """Until when whoever's turn it is may act."""
    if state.tender is not None:
        return state.tender.respond_by
    if state.current is not None and state.phase != "exhausted":
        return state.rungs[state.current].deadline
    alarm = next_alarm(state)
    return alarm and alarm.at
