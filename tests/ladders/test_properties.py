"""Any valid ladder, any sequence of events and times: what always holds."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ladders import entries as kinds
from ladders.actions import ACTIONS
from ladders.entries import Entry
from ladders.errors import ActionRefused
from ladders.folding import fold
from ladders.ladder import LAST_DAY, Ladder, faults
from ladders.prose import Prose
from tests.world import CARLA, DEPUTY, JONAS, MIRA, Case, rung

PERIODS = st.one_of(
    st.integers(1, 60).map(lambda n: f"{n} days"),
    st.integers(1, 15).map(lambda n: f"{n} business days"),
    st.integers(1, 200).map(lambda n: f"{n} hours"),
)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Any ladder that the check would let through."""
    early = draw(st.sets(st.integers(-20, -1), max_size=2))
    later = draw(st.sets(st.integers(0, LAST_DAY), min_size=1, max_size=6))
    rungs = []
    for number, day in enumerate(sorted(early | later)):
        on_day = st.integers(max(day, 0), LAST_DAY).map(lambda d: f"day {d}")
        rungs.append(
            rung(
                f"r{number}",
                day,
                draw(st.sampled_from(["owner", "lead", "approver"])),
                draw(st.one_of(PERIODS, on_day)),
                on_silence=draw(st.sampled_from(["wait", "climb"])),
            )
        )
    return Ladder(id="any", version=1, situation=Prose("any"), rungs=tuple(rungs))


STEPS = st.lists(
    st.tuples(
        st.floats(0, 40, allow_nan=False),
        st.booleans(),
        st.sampled_from([*ACTIONS, None]),
        st.sampled_from([MIRA, JONAS, CARLA, DEPUTY]),
        st.integers(-3, 3),
    ),
    max_size=12,
)


def walk(ladder: Ladder, steps: list[tuple[float, bool, str | None, str, int]]) -> Case:
    """Run through the steps: time passes (observed, or in an outage), and somebody acts."""
    case = Case(ladder)
    for days, outage, name, who, offset in steps:
        if outage:
            case.now += timedelta(days=days)
            case.catch_up()
        else:
            case.pass_days(days)
        if name is None:
            continue
        today = case.state.opened.calendar.local(case.now).date()
        delivered = today + timedelta(days=offset) if name == "tender" else None
        try:
            case.act(name, who, note="because", delivered=delivered)  # type: ignore[arg-type]
        except ActionRefused:
            continue
        case.catch_up()
    return case


def rungs_gone_by(entries: list[Entry]) -> list[str]:
    """The rungs that opened or were passed, in the order that happened."""
    gone = (kinds.RungOpened, kinds.RungPassed)
    return [entry.body.rung for entry in entries if isinstance(entry.body, gone)]


@settings(max_examples=150)
@given(ladder=ladders(), steps=STEPS)
def test_no_rung_is_skipped_or_doubled(
    ladder: Ladder, steps: list[tuple[float, bool, str | None, str, int]]
) -> None:
    """Rungs open or pass in order, each once; all of them, once the climb has ended."""
    assert list(faults(ladder)) == []
    case = walk(ladder, steps)
    names = [rung.id for rung in ladder.rungs]
    gone = rungs_gone_by(case.entries)
    assert gone == names[: len(gone)]
    if case.state.closing is None and case.state.tender is None:
        case.pass_days(150)
        assert rungs_gone_by(case.entries) == names
        assert case.state.phase == "exhausted"


@settings(max_examples=150)
@given(ladder=ladders(), steps=STEPS)
def test_deadlines_follow_their_openings_and_never_pass_day_ninety(
    ladder: Ladder, steps: list[tuple[float, bool, str | None, str, int]]
) -> None:
    """Openings rise from rung to rung; each deadline lies after its opening, none beyond day 90."""
    case = walk(ladder, steps)
    opened = [e for e in case.entries if isinstance(e.body, kinds.RungOpened)]
    times = [entry.occurred_at for entry in opened]
    assert times == sorted(times)
    last_close = case.state.last_close
    assert last_close is not None
    for entry in opened:
        assert isinstance(entry.body, kinds.RungOpened)
        assert entry.body.deadline is not None
        assert entry.occurred_at < entry.body.deadline <= last_close
    ended = [e for e in case.entries if e.body.kind == "climb.ended"]
    assert len(ended) <= 1
    assert all(entry.deemed_at <= last_close for entry in ended)


@settings(max_examples=150)
@given(ladder=ladders(), steps=STEPS)
def test_folding_the_entries_gives_the_state(
    ladder: Ladder, steps: list[tuple[float, bool, str | None, str, int]]
) -> None:
    """What the ledger keeps, read back from JSON, is enough to know where the ladder stands."""
    case = walk(ladder, steps)
    stored = [Entry.model_validate_json(e.model_dump_json(exclude_none=True)) for e in case.entries]
    assert fold(stored) == case.state
    keys = [entry.key for entry in case.entries]
    assert len(keys) == len(set(keys))


@settings(max_examples=150)
@given(ladder=ladders(), steps=STEPS, days=st.integers(1, 400))
def test_closed_is_final(
    ladder: Ladder, steps: list[tuple[float, bool, str | None, str, int]], days: int
) -> None:
    """After a close neither time nor anybody adds an entry."""
    case = walk(ladder, steps)
    if case.state.closing is None:
        case.act("withdraw", CARLA, note="error")
    closed = case.state
    assert case.pass_days(days) == []
    for name in ACTIONS:
        try:
            case.act(name, MIRA, note="x", delivered=date(2026, 10, 1))
        except ActionRefused:
            continue
        raise AssertionError(name)
    assert case.state == closed


@settings(max_examples=100)
@given(ladder=ladders(), steps=STEPS)
def test_every_time_is_in_order_and_every_message_has_one_key(
    ladder: Ladder, steps: list[tuple[float, bool, str | None, str, int]]
) -> None:
    """Entries occur in order, none is deemed later than it occurred but by a lawful date."""
    case = walk(ladder, steps)
    times = [entry.occurred_at for entry in case.entries]
    assert times == sorted(times)
    assert all(entry.deemed_at <= entry.occurred_at for entry in case.entries)
    messages = [m.key for entry in case.entries for m in entry.body.tell]
    assert len(messages) == len(set(messages))
