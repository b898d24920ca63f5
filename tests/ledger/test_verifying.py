"""Verifying: whatever is changed, taken away, added or moved is found, and the entry named."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from ladders.entries import Entry
from ladders.prose import Prose
from ledger.book import Ledger
from ledger.errors import NotAnExport, UnreadableLine
from ledger.lines import GENESIS, Head, write
from ledger.private import PrivateRows
from ledger.verifying import Verdict, split_lines, verify_export, verify_ledger, verify_lines
from tests.ledger.chronicle import CONTRACT, START, chained, disarm, note, notes

ENTRIES: list[Entry] = [
    entry for pair in zip(notes(4), notes(4, stream="tooling/1"), strict=True) for entry in pair
]
LINES = chained(ENTRIES)
TEXTS = [line.text for line in LINES]
DATA = "".join(f"{text}\n" for text in TEXTS).encode()
HEAD = Head(len(LINES), LINES[-1].hash)
PLACES = st.integers(0, len(LINES) - 1)


def named(verdict: Verdict) -> set[int]:
    """The entries that the findings name."""
    return {finding.seq for finding in verdict.findings}


def test_an_honest_ledger_is_consistent_and_no_more() -> None:
    """Without a head noted elsewhere the answer says that nothing vouches for it."""
    verdict = verify_lines(TEXTS)
    assert verdict.ok
    assert (verdict.entries, verdict.head) == (len(LINES), HEAD)
    assert str(verdict) == "consistent, but nothing outside vouches for it"


@given(PLACES)
def test_any_head_of_its_past_vouches(place: int) -> None:
    """A head noted at any time is contained in what the ledger has become since."""
    verdict = verify_lines(TEXTS, seen=Head(place + 1, LINES[place].hash))
    assert verdict.ok
    assert str(verdict) == "consistent, and contains the head noted elsewhere"


@settings(max_examples=400)
@given(at=st.integers(0, len(DATA) - 1), byte=st.integers(0, 255))
def test_any_changed_byte_is_found(at: int, byte: int) -> None:
    """Whichever byte of an exported ledger becomes whatever else, the entry is named."""
    assume(DATA[at] != byte)
    changed = DATA[:at] + bytes([byte]) + DATA[at + 1 :]
    entry = DATA[:at].count(b"\n") + 1
    verdict = verify_lines(split_lines(changed), stated=HEAD)
    assert entry in named(verdict)
    assert str(verdict).startswith("rejected: ")
    if entry < len(LINES):
        assert entry in named(verify_lines(split_lines(changed)))


@given(PLACES)
def test_a_deleted_entry_is_found(place: int) -> None:
    """The missing number is named; the last one is missed only by a head noted elsewhere."""
    left = TEXTS[:place] + TEXTS[place + 1 :]
    assert place + 1 in named(verify_lines(left, seen=HEAD))
    assert (place + 1 in named(verify_lines(left))) == (place + 1 < len(TEXTS))


@given(PLACES, PLACES)
def test_a_doubled_entry_is_found(source: int, place: int) -> None:
    """A line that stands twice is named, wherever the second stands."""
    verdict = verify_lines([*TEXTS[:place], TEXTS[source], *TEXTS[place:]])
    assert source + 1 in named(verdict)


@given(PLACES)
def test_a_foreign_entry_is_found(place: int) -> None:
    """A well-formed entry slipped in after another breaks the chain there."""
    prev = LINES[place - 1].hash if place else GENESIS
    slipped = write(note(50), seq=place + 1, prev=prev, recorded_at=START)
    assert place + 1 in named(verify_lines([*TEXTS[:place], slipped.text, *TEXTS[place:]]))


@given(PLACES, PLACES)
def test_swapped_entries_are_found(one: int, other: int) -> None:
    """Two lines that changed places are both named."""
    assume(one != other)
    swapped = list(TEXTS)
    swapped[one], swapped[other] = TEXTS[other], TEXTS[one]
    assert {one + 1, other + 1} <= named(verify_lines(swapped, seen=HEAD))


@given(st.integers(0, len(LINES) - 1))
def test_a_cut_tail_is_caught_by_a_head_noted_elsewhere_alone(kept: int) -> None:
    """What is left is a good ledger; only the later head tells that something followed."""
    assert verify_lines(TEXTS[:kept]).ok == (kept > 0)
    verdict = verify_lines(TEXTS[:kept], seen=HEAD)
    assert f"ends at {kept}, but a head was noted at {HEAD.seq}" in verdict.findings[-1].what


def test_a_history_rewritten_as_a_whole_is_caught_by_a_head_noted_elsewhere_alone() -> None:
    """A new chain with another past checks, until somebody shows the head of the old one."""
    words = Prose("sealed:" + "9" * 64)
    rewritten = [line.text for line in chained([note(1, words=words), *notes(8)[1:]])]
    assert verify_lines(rewritten).ok
    verdict = verify_lines(rewritten, seen=Head(3, LINES[2].hash))
    assert [str(finding) for finding in verdict.findings] == [
        "entry 3 (contract:note:3): it has another hash than the head noted elsewhere"
    ]


def test_an_entry_of_another_contract_is_found() -> None:
    """A chain that another contract's entry continues is refused there."""
    mixed = [line.text for line in chained([note(1), note(1, contract="B-2", stream="x")])]
    assert named(verify_lines(mixed)) == {2}
    assert named(verify_lines(mixed, contract="B-2")) == {1}


def test_a_back_dated_entry_is_found() -> None:
    """An entry recorded earlier than the one before it is named, though the chain fits."""
    first = write(note(1), seq=1, prev=GENESIS, recorded_at=note(9).occurred_at)
    second = write(note(2), seq=2, prev=first.hash, recorded_at=START)
    verdict = verify_lines([first.text, second.text])
    assert [str(finding) for finding in verdict.findings] == [
        "entry 2 (contract:note:2): it was recorded earlier than entry 1"
    ]


def test_an_entry_that_skips_its_predecessor_is_found() -> None:
    """An entry whose stream lacks the one it follows is named."""
    verdict = verify_lines(line.text for line in chained([note(1), note(3)]))
    assert named(verdict) == {2}
    assert "does not follow the latest entry of stream contract" in verdict.findings[0].what


def test_an_empty_ledger_proves_nothing() -> None:
    """No line at all is not a ledger."""
    assert not verify_lines([]).ok


@pytest.mark.parametrize(
    "data", [b"\xff\xfe\n", b"\n", b"{}\n", DATA.replace(b"\n", b"\r\n"), b"\0"]
)
def test_what_is_no_ledger_is_refused(data: bytes) -> None:
    """Bytes that are not text, other line ends and empty lines are findings, never a crash."""
    assert 1 in named(verify_lines(split_lines(data)))


def test_an_export_is_checked_with_its_head(tmp_path: Path) -> None:
    """The head beside the lines catches a change of the last one; the lines alone do not."""
    last = write(
        note(4, stream="tooling/1", words=Prose("sealed:" + "9" * 64)),
        seq=len(LINES),
        prev=LINES[-2].hash,
        recorded_at=ENTRIES[-1].occurred_at,
    )
    changed = "".join(f"{text}\n" for text in [*TEXTS[:-1], last.text])
    (tmp_path / "ledger.jsonl").write_text(changed)
    assert verify_export(tmp_path / "ledger.jsonl").ok
    (tmp_path / "ledger.head").write_text(f"{HEAD}\n")
    assert named(verify_export(tmp_path)) == {HEAD.seq}
    (tmp_path / "ledger.jsonl").write_bytes(DATA)
    assert verify_export(tmp_path, seen=HEAD).ok


def test_a_missing_export_is_refused(tmp_path: Path) -> None:
    """A folder without lines is not an audit."""
    with pytest.raises(NotAnExport):
        verify_export(tmp_path)


def fill(ledger: Ledger) -> None:
    """Append the entries."""
    for entry in ENTRIES:
        ledger.append(entry)


def test_a_database_is_checked_with_its_columns(ledger: Ledger, engine: Engine) -> None:
    """An honest database is consistent, and vouched for by its head."""
    fill(ledger)
    assert str(verify_ledger(engine, CONTRACT)).endswith("nothing outside vouches for it")
    assert verify_ledger(engine, CONTRACT, ledger.head(CONTRACT)).ok
    assert not verify_ledger(engine, "B-2").ok


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_changed_character_in_the_database_is_found(
    ledger: Ledger, engine: Engine, data: st.DataObject
) -> None:
    """Also in the last entry, and without a head noted elsewhere: its column tells."""
    fill(ledger)
    disarm(engine)
    place = data.draw(PLACES)
    line = ledger.lines(CONTRACT)[place].text
    at = data.draw(st.integers(0, len(line) - 1))
    character = data.draw(st.characters(codec="utf-8", exclude_characters="\0" + line[at]))
    changing = text("UPDATE entry SET line = :line WHERE seq = :seq")
    changed = line[:at] + character + line[at + 1 :]
    with engine.begin() as connection:
        connection.execute(changing, {"line": changed, "seq": place + 1})
    try:
        assert place + 1 in named(verify_ledger(engine, CONTRACT))
    finally:
        with engine.begin() as connection:
            connection.execute(changing, {"line": line, "seq": place + 1})


@pytest.mark.parametrize(
    "change",
    [f"hash = '{'f' * 64}'", "key = 'x'", "kind = 'climb.ended'", "stream = 'x'"],
)
def test_a_column_that_contradicts_its_line_is_found(
    ledger: Ledger, engine: Engine, change: str
) -> None:
    """The columns that constraints look at must say what the hashed line says."""
    fill(ledger)
    disarm(engine)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE entry SET {change} WHERE seq = {len(ENTRIES)}"))
    assert named(verify_ledger(engine, CONTRACT)) == {HEAD.seq}


def test_a_tail_cut_in_the_database_is_caught_by_the_head(ledger: Ledger, engine: Engine) -> None:
    """Deleting the last entries leaves a consistent ledger that lacks the head noted before."""
    fill(ledger)
    head = ledger.head(CONTRACT)
    disarm(engine)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM entry WHERE seq > 5"))
    assert verify_ledger(engine, CONTRACT).ok
    assert named(verify_ledger(engine, CONTRACT, head)) == {HEAD.seq}


def test_a_line_that_cannot_be_read_stops_readers(ledger: Ledger, engine: Engine) -> None:
    """Reading a broken line names the entry and says what to do."""
    fill(ledger)
    disarm(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE entry SET line = '{' WHERE seq = 2"))
    with pytest.raises(UnreadableLine, match=r"entry 2 .* run verify"):
        ledger.lines(CONTRACT)
    assert 2 in named(verify_ledger(engine, CONTRACT))


def test_private_rows_are_checked_too(ledger: Ledger, engine: Engine, private: PrivateRows) -> None:
    """A text changed behind its commitment is found; an erased one is counted and is no fault."""
    one, two = (
        private.seal(CONTRACT, note(number, words=Prose(f"words {number}"))) for number in (1, 2)
    )
    ledger.append(one)
    ledger.append(two)
    with engine.begin() as connection:
        connection.execute(text("UPDATE private_text SET text = 'other' WHERE text = 'words 2'"))
    verdict = verify_ledger(engine, CONTRACT)
    assert named(verdict) == {2}
    assert "is not the one recorded" in verdict.findings[0].what
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM private_text"))
    verdict = verify_ledger(engine, CONTRACT)
    assert verdict.ok
    assert verdict.erased == 2


def test_hashes_are_of_the_stored_bytes(ledger: Ledger, engine: Engine) -> None:
    """The hash in the table is SHA-256 of the line exactly as the database returns it."""
    fill(ledger)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT line, hash FROM entry")).all()
    assert all(hashlib.sha256(line.encode()).hexdigest() == hash_ for line, hash_ in rows)
