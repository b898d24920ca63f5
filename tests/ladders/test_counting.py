"""Counting days, business days and hours on a frozen calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.calendars import resolve
from ladders.calendar import Calendar
from ladders.contract import Counting
from ladders.counting import deadline, deadline_after_day, last_day
from ladders.errors import BeyondHorizon
from ladders.values import Period
from tests.world import CALENDAR

DAYS = st.dates(date(2026, 6, 1), date(2028, 6, 1))


def berlin(day: date, at: time) -> datetime:
    """That time in Berlin."""
    return CALENDAR.instant(day, at)


@pytest.mark.parametrize(
    ("start", "period", "last"),
    [
        (date(2026, 10, 1), "2 business days", date(2026, 10, 5)),
        (date(2026, 10, 1), "10 days", date(2026, 10, 11)),
        (date(2026, 12, 23), "2 business days", date(2026, 12, 28)),
        (date(2027, 1, 5), "1 business day", date(2027, 1, 7)),
        (date(2026, 10, 3), "1 week", date(2026, 10, 10)),
    ],
)
def test_periods_exclude_the_first_day_and_skip_what_is_not_worked(
    start: date, period: str, last: date
) -> None:
    """Weekends, 25 and 26 December, and Epiphany in Baden-Württemberg are no business days."""
    assert last_day(CALENDAR, start, Period.parse(period)) == last


def test_hours_run_on_through_a_change_of_clocks() -> None:
    """24 hours over the night the clocks go back end an hour earlier on the wall."""
    start = berlin(date(2026, 10, 24), time(12))
    end = deadline(CALENDAR, start, Period.parse("24 hours"))
    assert CALENDAR.local(end).time() == time(11)


@pytest.mark.parametrize(
    ("period", "length", "days"),
    [
        ("24 hours", timedelta(days=1), 1),
        ("25 hours", timedelta(hours=25), 2),
        ("30 minutes", timedelta(minutes=30), 1),
        ("1441 Minutes", timedelta(days=1, minutes=1), 2),
        ("1 minute", timedelta(minutes=1), 1),
        ("10 seconds", timedelta(seconds=10), 1),
    ],
)
def test_minutes_and_seconds_run_on_as_hours_do(period: str, length: timedelta, days: int) -> None:
    """To the instant, whatever day it is; a day that has begun counts as a whole one."""
    parsed = Period.parse(period)
    start = berlin(date(2026, 10, 24), time(23, 59, 58))
    assert deadline(CALENDAR, start, parsed) == start + length
    day = date(2026, 10, 1)
    assert deadline_after_day(CALENDAR, day, parsed) == CALENDAR.close(day) + length
    assert parsed.longest_days == days
    assert Period.model_validate_json(parsed.model_dump_json()) == parsed
    assert str(parsed) == period.lower()


@pytest.mark.parametrize("text", ["0 seconds", "10000 seconds", "1.5 hours", "2 fortnights", "s"])
def test_what_is_no_period_is_refused(text: str) -> None:
    """With an example of one."""
    with pytest.raises(ValueError, match="'10 business days' or '24 hours'"):
        Period.parse(text)


def test_a_deadline_ends_with_its_day_or_at_the_closing_time() -> None:
    """Without a closing time the day ends at midnight, local time."""
    start = berlin(date(2026, 3, 27), time(9))
    assert deadline(CALENDAR, start, Period.parse("2 days")) == datetime(
        2026, 3, 29, 22, tzinfo=UTC
    )
    early = CALENDAR.model_copy(update={"closing_time": time(16)})
    assert deadline(early, start, Period.parse("1 day")) == datetime(2026, 3, 28, 15, tzinfo=UTC)


def test_a_period_after_a_day_counts_from_the_end_of_that_day() -> None:
    """Two business days after 1 October end with 5 October, however the day is closed."""
    end = deadline_after_day(CALENDAR, date(2026, 10, 1), Period.parse("2 business days"))
    assert end == CALENDAR.close(date(2026, 10, 5))
    hours = deadline_after_day(CALENDAR, date(2026, 10, 1), Period.parse("24 hours"))
    assert hours == CALENDAR.close(date(2026, 10, 1)) + timedelta(hours=24)


def test_a_makeup_day_is_worked() -> None:
    """A Saturday that makes up for a bridge day counts as a business day."""
    saturday = date(2026, 10, 10)
    assert not CALENDAR.is_business_day(saturday)
    assert CALENDAR.model_copy(update={"makeup_days": (saturday,)}).is_business_day(saturday)


def test_beyond_the_frozen_calendar_weekends_alone_are_known() -> None:
    """A ladder that outlives its calendar goes on; days before it were never asked for."""
    assert CALENDAR.is_business_day(date(2040, 1, 2))
    assert not CALENDAR.is_business_day(date(2040, 1, 7))
    with pytest.raises(BeyondHorizon, match="2020"):
        CALENDAR.is_business_day(date(2020, 1, 2))


def test_a_skipped_local_time_means_the_instant_of_the_change() -> None:
    """02:30 does not exist on 28 March 2027 in Berlin; 02:30 on 31 October exists twice."""
    assert berlin(date(2027, 3, 28), time(2, 30)) == datetime(2027, 3, 28, 1, tzinfo=UTC)
    assert berlin(date(2027, 10, 31), time(2, 30)) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


@given(day=DAYS, at=st.times())
def test_local_time_and_instant_agree(day: date, at: time) -> None:
    """Reading the wall clock at an instant gives the local time it was made from, if it exists."""
    instant = CALENDAR.instant(day, at)
    shown = CALENDAR.local(instant)
    assert shown == datetime.combine(day, at) or shown.time() == time(3)


@given(start=DAYS, few=st.integers(1, 20), more=st.integers(0, 20))
def test_longer_periods_never_end_earlier(start: date, few: int, more: int) -> None:
    """Counting is monotone, and n business days contain exactly n of them."""
    short = last_day(CALENDAR, start, Period(count=few, unit="business days"))
    long = last_day(CALENDAR, start, Period(count=few + more, unit="business days"))
    assert start < short <= long
    span = [start + timedelta(days=n) for n in range(1, (short - start).days + 1)]
    assert sum(CALENDAR.is_business_day(day) for day in span) == few


@given(
    zone=st.sampled_from(["Europe/Berlin", "America/Detroit", "Asia/Kolkata", "Pacific/Apia"]),
    day=DAYS,
)
def test_the_frozen_offsets_agree_with_the_zone(zone: str, day: date) -> None:
    """The frozen calendar shows what the zone's own clock shows, at every noon."""
    calendar: Calendar = resolve(
        Counting(zone=zone, calendar="DE"), date(2026, 6, 1), date(2028, 6, 1)
    )
    noon = datetime.combine(day, time(12), tzinfo=ZoneInfo(zone))
    assert calendar.instant(day, time(12)) == noon
