"""Any course of days, actions and instructions: what always holds of a ladder that follows."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ladders.alarms import next_alarm
from ladders.errors import ActionRefused
from ladders.events import ActionName
from ladders.folding import fold
from ladders.instructions import Amend, Close, Extend, Reassign, Request, Resume, Toll, Waive
from ladders.prose import PersonRef, Prose
from ladders.watch import next_start
from tests.world import CARLA, DUE, JONAS, LAUNCH, MIRA, SOURCE, Case, contract, person

ANA = PersonRef("p-ana")
CHOICES = st.sampled_from(["keep", "move", "withdraw"])
DATES = st.integers(-40, 120).map(lambda days: DUE + timedelta(days=days))
EVENTS = st.sampled_from(["strike", "flood"])


def extension(due: date, ladders: str) -> Request:
    """A later date."""
    fields = {"milestone": "tooling", "due": due, "ladders": ladders, "reservation": Prose("all")}
    return Extend.model_validate(fields)


def amendment(due: date, ladders: str, because: str) -> Request:
    """Another date in the file."""
    fields = {
        "because": because, "ladders": ladders, "affected": ("tooling",),
        "changes": (Prose("the date"),), "terms": contract(LAUNCH, due=due), "source": SOURCE,
    }  # fmt: skip
    return Amend.model_validate(fields)


def toll(event: str, since: date, ladders: str) -> Request:
    """Stopped time."""
    return Toll.model_validate({"event": event, "since": since, "ladders": ladders})


REQUESTS = st.one_of(
    st.builds(extension, DATES, CHOICES),
    st.builds(amendment, DATES, CHOICES, st.sampled_from(["signed-amendment", "entry-error"])),
    st.builds(toll, EVENTS, DATES, st.sampled_from(["keep", "move"])),
    st.builds(lambda event, on: Resume(event=event, on=on), EVENTS, DATES),
    st.sampled_from([JONAS, MIRA]).map(lambda ref: Reassign(leaver=ref, successor=person(ANA))),
)
ENDINGS = st.one_of(
    st.just(Waive(milestone="tooling", reason=Prose("given up"))),
    st.just(Close(ladders="withdraw", reason=Prose("over"))),
)
ACTS = st.sampled_from(["acknowledge", "complete", "confirm", "escalate", "tender", "reject"])
STEPS = st.lists(st.tuples(st.floats(0, 30), st.one_of(REQUESTS, ACTS)), max_size=10)


def walk(steps: list[tuple[float, Request | ActionName]]) -> Case:
    """Pass the days, and do or instruct what each step says; what is refused changes nothing."""
    case = Case()
    for days, step in steps:
        case.pass_days(days)
        try:
            _take(case, step)
        except ActionRefused:
            continue
        case.catch_up()
    return case


def _take(case: Case, step: Request | ActionName) -> None:
    if not isinstance(step, str):
        case.instruct(step)
        return
    who = case.state.person("approver" if step == "reject" else "owner")
    delivered = case.now.date() if step == "tender" else None
    case.act(step, who, note="because", delivered=delivered)


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
