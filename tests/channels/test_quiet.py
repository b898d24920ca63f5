"""Quiet hours: nobody is pinged in them, nor on days that are not worked, but right after."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.quiet import opening
from tests.world import CALENDAR

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [BERLIN, ZoneInfo("America/Los_Angeles"), ZoneInfo("Pacific/Apia"), ZoneInfo("UTC")]
)
HALF_HOURS = st.integers(0, 47).map(lambda n: time(n // 2, 30 * (n % 2)))
INSTANTS = st.integers(0, 240 * 24 * 60).map(
    lambda minutes: datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def is_quiet(at: datetime, zone: ZoneInfo, begins: time, ends: time) -> bool:
    """Whether nobody is to be pinged, said the long way."""
    local = at.astimezone(zone)
    if not CALENDAR.is_business_day(local.date()):
        return True
    wall = local.time()
    return begins <= wall < ends if begins < ends else wall >= begins or wall < ends


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        ("20:00-07:00", "2026-10-02 09:00", "2026-10-02 09:00"),
        ("20:00-07:00", "2026-10-02 06:59", "2026-10-02 07:00"),
        ("20:00-07:00", "2026-10-01 20:00", "2026-10-02 07:00"),
        ("20:00-07:00", "2026-10-02 21:00", "2026-10-05 07:00"),
        ("00:00-07:00", "2026-10-02 03:00", "2026-10-02 07:00"),
        ("12:00-13:00", "2026-10-02 09:00", "2026-10-02 09:00"),
        ("12:00-13:00", "2026-10-02 12:30", "2026-10-02 13:00"),
        ("12:00-13:00", "2026-10-03 12:30", "2026-10-05 00:00"),
        ("none", "2026-10-03 03:00", "2026-10-03 03:00"),
    ],
)
def test_when_somebody_may_be_pinged(hours: str, now: str, expected: str) -> None:
    """Friday 2 October, the weekend after it, and hours that pass midnight or do not."""
    at = datetime.fromisoformat(now).replace(tzinfo=BERLIN)
    wanted = datetime.fromisoformat(expected).replace(tzinfo=BERLIN)
    assert opening(hours, BERLIN, CALENDAR, at) == wanted


@given(now=INSTANTS, zone=ZONES, begins=HALF_HOURS, ends=HALF_HOURS)
def test_it_is_the_first_moment_that_is_not_quiet(
    now: datetime, zone: ZoneInfo, begins: time, ends: time
) -> None:
    """Whatever the zone, and whichever way its clock was changed meanwhile."""
    if begins == ends:
        return
    found = opening(f"{begins:%H:%M}-{ends:%H:%M}", zone, CALENDAR, now)
    assert found >= now
    assert not is_quiet(found, zone, begins, ends)
    earlier = now
    while earlier < found:
        assert is_quiet(earlier, zone, begins, ends)
        earlier += timedelta(minutes=10)
