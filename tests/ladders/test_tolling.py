"""Tolling is one calculation: a union of intervals, applied to a stretch of days (law 13)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ladders.tolling import TollingInterval, stopped_days, tolled

START = date(2026, 10, 1)


def interval(since: int, until: int | None, event: str = "FM-1") -> TollingInterval:
    """From day ``since`` to the day before ``until``, counted from the start."""
    end = None if until is None else START + timedelta(days=until)
    return TollingInterval(event=event, since=START + timedelta(days=since), until=end)


def end_of(days: int, *intervals: TollingInterval) -> int | None:
    """On which day a stretch of ``days`` ends."""
    end = tolled(START, START + timedelta(days=days), intervals)
    return None if end is None else (end - START).days


@pytest.mark.parametrize(
    ("intervals", "end"),
    [
        ([], 14),
        ([interval(3, 8)], 19),
        ([interval(3, 8), interval(5, 8)], 19),
        ([interval(3, 8), interval(6, 10)], 21),
        ([interval(-10, -2)], 14),
        ([interval(-10, 2)], 16),
        ([interval(14, 16)], 16),
        ([interval(15, 20)], 14),
        ([interval(10, 20), interval(20, 22)], 26),
        ([interval(3, None)], None),
        ([interval(15, None)], 14),
        ([interval(10, 12), interval(15, None)], None),
        ([interval(5, 5)], 14),
    ],
)
def test_a_stretch_of_fourteen_days(intervals: list[TollingInterval], end: int | None) -> None:
    """Overlapping days count once, days before it not at all; an open interval never ends."""
    assert end_of(14, *intervals) == end


SPANS = st.lists(
    st.tuples(st.integers(-30, 120), st.integers(0, 40)).map(
        lambda span: interval(span[0], span[0] + span[1])
    ),
    max_size=6,
)


def by_hand(days: int, intervals: list[TollingInterval]) -> int:
    """Day by day: a day that counts for nobody is skipped."""
    stopped = {
        interval.since + timedelta(days=offset)
        for interval in intervals
        for offset in range(((interval.until or interval.since) - interval.since).days)
    }
    day = START
    left = days
    while left or day in stopped:
        left -= day not in stopped
        day += timedelta(days=1)
    return (day - START).days


@given(st.integers(0, 90), SPANS)
def test_it_is_what_counting_day_by_day_gives(days: int, intervals: list[TollingInterval]) -> None:
    """The one calculation against the slow one."""
    assert end_of(days, *intervals) == by_hand(days, intervals)


@given(st.integers(0, 90), SPANS)
def test_neither_order_nor_repetition_matters(days: int, intervals: list[TollingInterval]) -> None:
    """A union is a union."""
    assert end_of(days, *intervals[::-1], *intervals) == end_of(days, *intervals)


@given(st.integers(0, 90), SPANS)
def test_the_days_left_out_are_those_it_moved_by(
    days: int, intervals: list[TollingInterval]
) -> None:
    """Seen from the end, the ladder's own clock shows the day it was to end on."""
    end = tolled(START, START + timedelta(days=days), intervals)
    assert end is not None
    assert (end - START).days - stopped_days(START, end, intervals) == days
