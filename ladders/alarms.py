"""What time will do next: every instant at which a ladder has something to say by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal, NamedTuple

from ladders.state import LadderState

Cause = Literal[
    "miss", "ask", "unconfirmed", "remind-delivery", "presume",
    "rung", "remind-rung", "silence", "climb-end", "respond", "decision",
]  # fmt: skip
_ORDER: tuple[Cause, ...] = (
    "ask", "unconfirmed", "remind-delivery", "miss", "presume",
    "rung", "remind-rung", "silence", "respond", "climb-end", "decision",
)  # fmt: skip


class Alarm(NamedTuple):
    """Something due at an instant; ``rung`` is an index where a rung is concerned."""

    at: datetime
    cause: Cause
    rung: int | None = None


def next_alarm(state: LadderState) -> Alarm | None:
    """The first thing that will happen if nobody does anything; None once the ladder is closed."""
    return min(alarms(state), key=_rank, default=None)


def _rank(alarm: Alarm) -> tuple[datetime, int]:
    return alarm.at, _ORDER.index(alarm.cause)


def alarms(state: LadderState) -> Iterator[Alarm]:
    """Everything that time will do if nobody does anything, in no order."""
    if state.phase == "closed":
        return
    if state.phase == "watching":
        yield from _before_the_miss(state)
    else:
        yield from _after_the_miss(state)
    yield from _open_rungs(state)
    if state.tender is not None:
        yield Alarm(state.tender.ask_at, "respond")


def _before_the_miss(state: LadderState) -> Iterator[Alarm]:
    if state.misses_at is not None:
        yield Alarm(state.misses_at, "miss")
    if state.misses_at is not None or state.tender is not None or state.suspended:
        return
    index = state.next_pending
    if index is not None and state.opened.ladder.rungs[index].is_early_warning:
        yield from _at(state.scheduled(index), "rung", index)
    if state.asked_at is None:
        yield Alarm(state.opened.calendar.opening(state.opened.milestone.due), "ask")
    elif state.presumed_at is None:
        yield Alarm(state.due_close, "unconfirmed")
    else:
        yield Alarm(state.presumed_at, "presume")
        if state.remind_at is not None:
            yield Alarm(state.remind_at, "remind-delivery")


def _after_the_miss(state: LadderState) -> Iterator[Alarm]:
    index = state.next_pending
    if index is not None:
        yield from _at(state.scheduled(index), "rung", index)
        yield from _at(state.next_rung_now, "rung", index)
    if state.phase == "climbing":
        yield from _at(state.climb_end, "climb-end")
    elif state.decision_at is not None:
        yield Alarm(state.decision_at, "decision")


def _open_rungs(state: LadderState) -> Iterator[Alarm]:
    for index, rung in enumerate(state.rungs):
        if rung.status != "open" or rung.deadline is None:
            continue
        if rung.remind_at is not None:
            yield Alarm(rung.remind_at, "remind-rung", index)
        if not rung.silent:
            yield Alarm(rung.deadline, "silence", index)


def _at(instant: datetime | None, cause: Cause, rung: int | None = None) -> Iterator[Alarm]:
    if instant is not None:
        yield Alarm(instant, cause, rung)
