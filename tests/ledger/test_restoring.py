"""Restoring: what a ledger lost is chained again exactly as it stood, or says that it is not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from ladders.entries import Doer, Entry, LedgerMended
from ladders.kinds.mending import LEDGER_STREAM
from ledger.book import Ledger, Lost
from ledger.errors import KeyConflict, LedgerBehind
from ledger.lines import Head, Line
from ledger.verifying import verify_ledger
from tests.ledger.chronicle import CONTRACT, MIRA, Clock, chained, note


def lost(lines: list[Line]) -> list[Lost]:
    """Those lines, as somebody remembers them who noted everything."""
    return [Lost(line.entry, line.seq, line.hash, line.recorded_at) for line in lines]


def conclude(added: list[Line]) -> Entry:
    """The entry that tells of the mending."""
    first, last = added[0].seq, added[-1].seq
    body = LedgerMended(first=first, last=last, restored=len(added), renumbered=0)
    entry = note(1, stream=LEDGER_STREAM, by=MIRA)
    return entry.model_copy(update={"body": body})


@pytest.fixture
def stood() -> list[Line]:
    """The lines of a ledger as it stood before an older backup took its place."""
    return chained(
        [
            note(1),
            note(1, stream="tooling/1"),
            note(2),
            note(2, stream="tooling/1"),
            note(3),
            note(4),
        ]
    )


def append(ledger: Ledger, clock: Clock, lines: list[Line]) -> None:
    """Append what the backup has, at the times at which it was recorded."""
    for line in lines:
        clock.now = line.recorded_at
        ledger.append(line.entry)


def test_lost_entries_stand_again_as_they_stood(
    ledger: Ledger, clock: Clock, stood: list[Line]
) -> None:
    """Byte for byte, so that a head noted before the loss is found; the mending comes last."""
    append(ledger, clock, stood[:2])
    clock.now += timedelta(days=30)
    added = ledger.restore(CONTRACT, lost(stood[2:]), conclude)
    *lines, mending = ledger.lines(CONTRACT)
    assert [line.text for line in lines] == [line.text for line in stood]
    assert [line.seq for line in added] == [3, 4, 5, 6]
    assert mending.entry.body == LedgerMended(first=3, last=6, restored=4, renumbered=0)
    verdict = verify_ledger(ledger.engine, CONTRACT, Head(6, stood[-1].hash))
    assert (verdict.ok, verdict.vouched) == (True, True)
    assert ledger.append(note(5)).seq == 8


def test_a_whole_ledger_can_be_restored(ledger: Ledger, stood: list[Line]) -> None:
    """Even a contract of which the backup knows nothing."""
    ledger.restore(CONTRACT, lost(stood), conclude)
    assert [line.hash for line in ledger.lines(CONTRACT)][:-1] == [line.hash for line in stood]


def test_restoring_again_adds_nothing(ledger: Ledger, clock: Clock, stood: list[Line]) -> None:
    """Not even another word on the mending."""
    append(ledger, clock, stood[:2])
    ledger.restore(CONTRACT, lost(stood), conclude)
    before = ledger.lines(CONTRACT)
    assert ledger.restore(CONTRACT, lost(stood), conclude) == []
    assert ledger.lines(CONTRACT) == before


def test_what_nobody_noted_the_time_of_is_recorded_anew(
    ledger: Ledger, clock: Clock, stood: list[Line]
) -> None:
    """With the present as its time, and a chain that is whole."""
    append(ledger, clock, stood[:2])
    clock.now += timedelta(days=30)
    forgotten = [each._replace(recorded_at=None) for each in lost(stood[2:])]
    added = ledger.restore(CONTRACT, forgotten, conclude)
    assert [line.entry for line in added] == [line.entry for line in stood[2:]]
    assert {line.recorded_at for line in added} == {clock.now}
    assert verify_ledger(ledger.engine, CONTRACT).ok


def test_what_another_entry_has_come_before_is_recorded_anew(
    ledger: Ledger, clock: Clock, stood: list[Line]
) -> None:
    """An entry of a stream that lost nothing was chained to the old end meanwhile."""
    append(ledger, clock, stood[:2])
    ledger.append(note(1, stream="ppap/1"))
    added = ledger.restore(CONTRACT, lost(stood[2:]), conclude)
    assert [line.seq for line in added] == [4, 5, 6, 7]
    assert not {line.hash for line in added} & {line.hash for line in stood}
    assert verify_ledger(ledger.engine, CONTRACT).ok


def test_other_content_under_a_key_stops_it_all(
    ledger: Ledger, clock: Clock, stood: list[Line]
) -> None:
    """Nothing is appended, neither what came before nor what came after."""
    append(ledger, clock, stood[:2])
    ledger.append(note(2, stream="tooling/1", by=Doer()))
    before = ledger.lines(CONTRACT)
    with pytest.raises(KeyConflict):
        ledger.restore(CONTRACT, lost(stood[2:]), conclude)
    assert ledger.lines(CONTRACT) == before


def test_a_gap_in_what_is_remembered_stops_it_all(
    ledger: Ledger, clock: Clock, stood: list[Line]
) -> None:
    """An entry whose predecessor neither ledger nor memory has is not appended."""
    append(ledger, clock, stood[:1])
    with pytest.raises(LedgerBehind):
        ledger.restore(CONTRACT, lost(stood[2:]), conclude)
    assert len(ledger.lines(CONTRACT)) == 1


def test_two_who_restore_at_once_restore_once(
    engine: Engine, ledger: Ledger, clock: Clock, stood: list[Line]
) -> None:
    """Whoever comes second finds everything there."""
    append(ledger, clock, stood[:2])

    def restore(book: Ledger) -> int:
        return len(book.restore(CONTRACT, lost(stood[2:]), conclude))

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(restore, [ledger, Ledger(engine, clock)])) == [0, 4]
    verdict = verify_ledger(engine, CONTRACT)
    assert (verdict.ok, verdict.entries) == (True, 7)
