"""Any course of days, actions and instructions: what always holds of a ladder that follows."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ladders.alarms import next_alarm
from ladders.errors import ActionRefused
from ladders.events import ActionName
from ladders.folding import fold
from ladders.instructions import Request, Resume
from ladders.watch import next_start
from tests.ladders.courses import (
    ENDINGS,
    STEPS,
    toll,
    walk,
)
from tests.world import CARLA, DUE, Case


@settings(max_examples=80)
@given(steps=STEPS)
def test_the_state_is_what_the_entries_give(
    steps: list[tuple[float, Request | ActionName]],
) -> None:
    """A fold of the ledger, whatever was moved; and no key is ever used twice."""
    case = walk(steps)
    assert fold(case.entries) == case.state
    keys = [entry.key for entry in case.entries]
    messages = [message.key for entry in case.entries for message in entry.body.tell]
    assert len(keys) == len(set(keys))
    assert len(messages) == len(set(messages))
    times = [entry.occurred_at for entry in case.entries]
    assert times == sorted(times)


@settings(max_examples=80)
@given(steps=STEPS)
def test_nothing_is_asked_twice_at_one_instant_for_ever(
    steps: list[tuple[float, Request | ActionName]],
) -> None:
    """Once caught up, whatever comes next lies ahead: time alone never spins."""
    case = walk(steps)
    case.catch_up()
    alarm = next_alarm(case.state)
    assert alarm is None or alarm.at > case.now


@settings(max_examples=50)
@given(steps=STEPS)
def test_every_open_ladder_comes_to_an_end_once_time_runs(
    steps: list[tuple[float, Request | ActionName]],
) -> None:
    """All tolls resumed and nothing tendered, the climb is over ninety of its own days later."""
    case = walk(steps)
    for event in ("strike", "flood"):
        try:
            case.instruct(Resume(event=event, on=max(case.now.date(), DUE + timedelta(days=121))))
        except ActionRefused:
            continue
    if case.state.tender is not None and case.state.closing is None:
        case.act("reject", case.state.person("approver"), note="no")
    case.pass_days(450)
    if case.state.closing is None:
        assert case.state.phase == "exhausted"
        assert {rung.status for rung in case.state.rungs} <= {"open", "done", "passed"}


@settings(max_examples=50)
@given(steps=STEPS, ending=ENDINGS)
def test_a_waiver_or_a_close_ends_the_ladder_for_good(
    steps: list[tuple[float, Request | ActionName]], ending: Request
) -> None:
    """Whatever came before; and nothing follows on a closed ladder, nor begins for it."""
    case = walk(steps)
    try:
        case.instruct(ending)
    except ActionRefused:
        assert case.watch.milestones["tooling"].status == "settled"
        return
    if case.watch.milestones["tooling"].number == 1:
        assert case.state.phase == "closed"
    count = len(case.entries)
    case.pass_days(100)
    assert len(case.entries) == count
    assert next_start(case.watch) is None


@settings(max_examples=50)
@given(days=st.integers(1, 60), since=st.integers(1, 80))
def test_tolled_days_move_every_deadline_alike(days: int, since: int) -> None:
    """Rungs to come move by exactly the days that did not count, neither more nor less."""
    case, twin = Case(), Case()
    for each in (case, twin):
        each.pass_days(12)
        each.act("confirm")
        each.pass_days(since)
    stopped = case.state.opened.calendar.local(case.now).date()
    before = [case.state.scheduled(index) for index in range(len(case.state.rungs))]
    case.instruct(toll("strike", stopped, "move"))
    case.instruct(Resume(event="strike", on=stopped + timedelta(days=days)))
    after = [case.state.scheduled(index) for index in range(len(case.state.rungs))]
    for old, new in zip(before, after, strict=True):
        assert old is not None
        assert new is not None
        moved = (new.date() - old.date()).days
        assert moved == (days if old.date() >= stopped else 0)
    assert all(a is not None and b is not None and a < b for a, b in pairwise(after))
    assert twin.state.rungs[2].status == case.state.rungs[2].status
    assert case.state.person("approver") == CARLA
