"""The inbox: a request is kept once, and answered once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone

import pytest

from ledger.errors import KeyConflict, UnknownRequest
from ledger.inbox import Inbox, InboxRow
from tests.ledger.chronicle import CONTRACT, START

TARGET = "ladder:KSS-2026-014:tooling:1"
LATER = START + timedelta(minutes=5)


def receive(inbox: Inbox, key: str = "click-1", request: str = "{}", minutes: int = 0) -> InboxRow:
    """A request for the ladder."""
    return inbox.receive(key, CONTRACT, TARGET, request, START + timedelta(minutes=minutes))


def test_a_request_is_kept_as_received(inbox: Inbox) -> None:
    """What was received is found again, with its instant in UTC to the microsecond."""
    at = (START + timedelta(microseconds=1)).astimezone(timezone(timedelta(hours=2)))
    row = inbox.receive("click-1", CONTRACT, TARGET, '{"name":"done"}', at)
    assert row == InboxRow("click-1", CONTRACT, TARGET, '{"name":"done"}', at, None, None)
    assert inbox.find("click-1") == row
    assert row.received_at.utcoffset() == timedelta(0)
    assert inbox.find("click-2") is None


def test_the_same_request_again_finds_the_first(inbox: Inbox) -> None:
    """A second delivery of a click returns the row, with the time it was first received."""
    first = receive(inbox)
    assert receive(inbox, minutes=3) == first
    assert inbox.unsettled() == [first]


def test_another_request_under_the_same_key_is_refused(inbox: Inbox) -> None:
    """A key stands for one request, one target and one contract."""
    first = receive(inbox)
    with pytest.raises(KeyConflict):
        receive(inbox, request="[]")
    with pytest.raises(KeyConflict):
        inbox.receive("click-1", CONTRACT, "ladder:other", "{}", START)
    with pytest.raises(KeyConflict):
        inbox.receive("click-1", "B-2", TARGET, "{}", START)
    assert inbox.unsettled() == [first]


def test_the_first_answer_stands(inbox: Inbox) -> None:
    """Settling again changes neither the answer nor its time."""
    receive(inbox)
    settled = inbox.settle("click-1", '"done"', LATER)
    assert (settled.settled_at, settled.answer) == (LATER, '"done"')
    assert inbox.settle("click-1", '"other"', LATER + timedelta(days=1)) == settled
    assert inbox.find("click-1") == settled
    assert receive(inbox) == settled


def test_only_what_was_received_is_settled(inbox: Inbox) -> None:
    """An unknown key is refused."""
    with pytest.raises(UnknownRequest):
        inbox.settle("click-1", "{}", LATER)


def test_unsettled_requests_come_oldest_first(inbox: Inbox) -> None:
    """Whatever has no answer is listed in the order it was received."""
    for key, minutes in (("b", 2), ("a", 2), ("c", 1), ("d", 0)):
        receive(inbox, key=key, minutes=minutes)
    inbox.settle("d", "{}", LATER)
    assert [row.key for row in inbox.unsettled()] == ["c", "a", "b"]


def test_sixteen_threads_deliver_the_same_click(inbox: Inbox) -> None:
    """Everybody gets the same row, though each brought a time of its own."""
    with ThreadPoolExecutor(16) as pool:
        rows = list(pool.map(lambda minutes: receive(inbox, minutes=minutes), range(16)))
    assert all(row == rows[0] for row in rows)
    assert inbox.unsettled() == [rows[0]]
