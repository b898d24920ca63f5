"""``holdfast audit`` and ``holdfast verify``: whatever is changed afterwards is found and named."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commands.audit import audit, verify_contract, verify_file
from desk.casebook import UnknownCase
from desk.office import Office
from ledger.errors import NotAnExport, NothingRecorded, UnreadableHead
from ledger.verifying import HEAD_FILE, LINES_FILE
from tests.commands.books import Paper, Shelf, shelf_in
from tests.ledger.chronicle import CONTRACT, START, disarm

FORBIDDEN = {
    "UPDATE": "UPDATE entry SET line = 'x' WHERE seq = 2",
    "DELETE": "DELETE FROM entry WHERE seq = 5",
    "REPLACE": (
        "REPLACE INTO entry SELECT contract, seq, prev_seq, prev_hash, hash, stream, key, kind, "
        "'x' FROM entry WHERE seq = 5"
    ),
}
Lines = list[str]


@pytest.fixture
def office(shelf: Shelf) -> Office:
    """A ledger of five entries."""
    return shelf.noted()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The audit of such a ledger."""
    folder = tmp_path_factory.mktemp("exported")
    with shelf_in(folder) as shelf:
        assert write(shelf.noted(), folder / "audit")[0] == 0
    return folder / "audit"


def write(office: Office, folder: Path) -> tuple[int, str]:
    """Write the audit; the exit code and what was printed."""
    paper = Paper()
    code = audit(office.casebook, CONTRACT, folder, clock=lambda: START, console=paper)
    return code, paper.said


def verify(path: Path, seen: str | None = None) -> tuple[int, str]:
    """Verify what an audit wrote; the exit code and what was printed."""
    paper = Paper()
    return verify_file(path, seen, as_json=False, console=paper), paper.said


def verify_stored(office: Office, seen: str | None = None) -> tuple[int, str]:
    """Verify the ledger where it is kept."""
    paper = Paper()
    code = verify_contract(office.casebook, CONTRACT, seen, as_json=False, console=paper)
    return code, paper.said


def with_lines(exported: Path, folder: Path, change: Callable[[Lines], Lines]) -> Path:
    """A copy of the audit whose lines have been changed."""
    copy = Path(shutil.copytree(exported, folder / "copy"))
    lines = (copy / LINES_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    (copy / LINES_FILE).write_text("".join(change(lines)), encoding="utf-8")
    return copy


def head_of(audit: Path) -> str:
    """The head written down beside the lines."""
    return (audit / HEAD_FILE).read_text(encoding="utf-8").strip()


def test_an_audit_names_its_files_and_verifies(office: Office, tmp_path: Path) -> None:
    """The folder, the lines alone, and the ledger itself."""
    code, said = write(office, tmp_path / "audit")
    assert code == 0
    for name in ("chronology.txt", "chronology.html", LINES_FILE, HEAD_FILE):
        assert f"wrote {tmp_path / 'audit' / name}" in said
    for path in (tmp_path / "audit", tmp_path / "audit" / LINES_FILE):
        assert verify(path)[0] == 0
    assert verify_stored(office)[0] == 0


def test_a_verdict_claims_no_more_than_was_checked(exported: Path, office: Office) -> None:
    """Only a head noted elsewhere vouches for the whole."""
    assert "nothing outside vouches for it" in verify(exported)[1]
    assert "contains the head noted elsewhere" in verify(exported, head_of(exported))[1]
    stored = str(office.ledger.head(CONTRACT))
    assert "contains the head noted elsewhere" in verify_stored(office, stored)[1]


@settings(max_examples=200)
@given(where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_single_changed_byte_is_found_and_its_entry_named(
    exported: Path, where: float, flip: int
) -> None:
    """Whichever byte, and whatever becomes of it."""
    original = (exported / LINES_FILE).read_bytes()
    at = int(where * len(original))
    forged = bytearray(original)
    forged[at] ^= flip
    copy = exported.parent / "forged"
    copy.mkdir(exist_ok=True)
    shutil.copy(exported / HEAD_FILE, copy)
    (copy / LINES_FILE).write_bytes(forged)
    entry = original[:at].count(b"\n") + 1
    code, said = verify(copy)
    assert code == 1
    assert re.search(rf"\bentry {entry}\b", said), said


@pytest.mark.parametrize(
    ("change", "entry"),
    [
        (lambda lines: [*lines[:2], *lines[3:]], 3),
        (lambda lines: lines[1:], 1),
        (lambda lines: [*lines[:2], lines[1], *lines[2:]], 3),
        (lambda lines: [*lines[:2], "{}\n", *lines[2:]], 3),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2),
        (lambda lines: [*lines[:-2], lines[-1], lines[-2]], 4),
        (lambda _: [], 1),
    ],
    ids=["deleted", "first deleted", "doubled", "inserted", "reordered", "end reordered", "empty"],
)
def test_changed_lines_are_found_and_the_entry_named(
    exported: Path, tmp_path: Path, change: Callable[[Lines], Lines], entry: int
) -> None:
    """Where something lacks, is too much, or stands in another order."""
    code, said = verify(with_lines(exported, tmp_path, change))
    assert code == 1
    assert f"entry {entry}" in said


def test_a_cut_tail_is_caught_by_the_head(exported: Path, tmp_path: Path) -> None:
    """Beside the lines, or noted elsewhere; without either it cannot be seen."""
    cut = with_lines(exported, tmp_path, lambda lines: lines[:-1])
    code, said = verify(cut)
    assert (code, "entry 4" in said) == (1, True)
    (cut / HEAD_FILE).unlink()
    assert verify(cut)[0] == 0
    code, said = verify(cut, head_of(exported))
    assert (code, "entry 5: it is missing" in said) == (1, True)


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN)
def test_the_database_itself_refuses_to_change_an_entry(
    office: Office, shelf: Shelf, statement: str
) -> None:
    """Whoever opens the file with SQLite's own tool is refused as well."""
    connection = sqlite3.connect(shelf.latest)
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    connection.close()
    assert verify_stored(office)[0] == 0


@pytest.mark.parametrize("statement", ["UPDATE", "REPLACE"])
def test_what_the_owner_of_the_database_forces_is_found(office: Office, statement: str) -> None:
    """Without its triggers the database obeys, and verify names the entry."""
    disarm(office.ledger.engine)
    with office.ledger.engine.begin() as connection:
        connection.exec_driver_sql(FORBIDDEN[statement])
    code, said = verify_stored(office)
    assert code == 1
    assert f"entry {2 if statement == 'UPDATE' else 5} " in said


def test_json_is_one_document(exported: Path, tmp_path: Path) -> None:
    """With the verdict, the head and every finding."""
    paper = Paper()
    assert verify_file(exported, None, as_json=True, console=paper) == 0
    document = json.loads(paper.said)
    assert (document["ok"], document["head"]) == (True, head_of(exported))
    cut = with_lines(exported, tmp_path, lambda lines: lines[1:])
    other = Paper()
    assert verify_file(cut, None, as_json=True, console=other) == 1
    assert json.loads(other.said)["findings"]


def test_what_is_not_there_is_refused_in_words(office: Office, tmp_path: Path) -> None:
    """An unknown contract, an empty folder, a head that is none."""
    with pytest.raises(NothingRecorded, match="NOPE"):
        audit(office.casebook, "NOPE", tmp_path / "a", clock=lambda: START, console=Paper())
    with pytest.raises(UnknownCase, match="NOPE"):
        verify_contract(office.casebook, "NOPE", None, as_json=False, console=Paper())
    with pytest.raises(NotAnExport):
        verify(tmp_path)
    with pytest.raises(UnreadableHead):
        verify_stored(office, "abc")
