"""Evidence is kept under its hash: whole or not at all, whatever happens to who writes it."""

from __future__ import annotations

import hashlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from ladders.errors import HoldfastError
from ledger.errors import EvidenceChanged, EvidenceLacking, EvidenceUnwritable
from ledger.evidence import EvidenceStore

ROOT = Path(__file__).parents[2]
PHOTO = b"a tool, seen from above" * 1000
NAME = hashlib.sha256(PHOTO).hexdigest()

_KILLED = """
import sys
from pathlib import Path
from ledger.evidence import EvidenceStore

def chunks():
    yield b"a tool, "
    print("begun", flush=True)
    sys.stdin.read()

EvidenceStore(Path(sys.argv[1])).keep(chunks())
"""
_LIMITED = """
import resource, sys
from pathlib import Path
from ledger.errors import EvidenceUnwritable
from ledger.evidence import EvidenceStore

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    EvidenceStore(Path(sys.argv[1])).keep([b"x" * 600, b"x" * 600])
except EvidenceUnwritable as error:
    print(error.code, error.permanent)
"""


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    """A store in which nothing is kept, and whose folder is still to be made."""
    return EvidenceStore(tmp_path / "data" / "evidence")


def files(store: EvidenceStore) -> list[Path]:
    """Every file in the store's folder, however deep."""
    return sorted(path for path in store.folder.rglob("*") if path.is_file())


def mode(path: Path) -> int:
    """The rights on a path."""
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_kept_comes_back_under_its_hash(store: EvidenceStore) -> None:
    """Name and size are those of what came, and nobody else may read it."""
    kept = store.keep([PHOTO[:100], b"", PHOTO[100:]])
    assert kept == (NAME, len(PHOTO))
    assert files(store) == [store.folder / NAME]
    assert (mode(store.folder / NAME), mode(store.folder)) == (0o600, 0o700)
    with store.open(NAME) as file:
        assert file.read() == PHOTO
    assert store.has(NAME)
    assert store.examine(NAME) == "kept"


def test_keeping_the_same_again_changes_nothing(store: EvidenceStore) -> None:
    """One file, however often it comes."""
    assert store.keep([PHOTO]) == store.keep([PHOTO])
    assert files(store) == [store.folder / NAME]


def test_a_file_of_the_operator_is_only_read(store: EvidenceStore, tmp_path: Path) -> None:
    """Neither moved nor linked: what happens to the original later does not reach the copy."""
    original = tmp_path / "photo.jpg"
    original.write_bytes(PHOTO)
    before = original.stat()
    assert store.keep_file(original) == (NAME, len(PHOTO))
    after = original.stat()
    assert (after.st_mtime_ns, after.st_mode, after.st_nlink) == (
        before.st_mtime_ns, before.st_mode, 1,
    )  # fmt: skip
    original.write_bytes(b"another tool")
    assert store.examine(NAME) == "kept"


def test_a_file_that_cannot_be_read_leaves_no_folder(store: EvidenceStore, tmp_path: Path) -> None:
    """The failure is the file's, not the store's."""
    with pytest.raises(FileNotFoundError):
        store.keep_file(tmp_path / "nothing")
    assert not store.folder.exists()


def test_what_breaks_off_leaves_nothing(store: EvidenceStore) -> None:
    """A download that fails half-way fails in its own words, and its beginning is gone."""

    def chunks() -> Iterator[bytes]:
        yield PHOTO[:100]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.keep(chunks())
    assert files(store) == []


def test_a_writer_that_is_killed_leaves_nothing_under_a_name(store: EvidenceStore) -> None:
    """SIGKILL in the midst of a file: what it left is swept away once it is a day old."""
    with _running(_KILLED, store) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"begun\n"
        writer.send_signal(signal.SIGKILL)
    (left,) = files(store)
    assert left.parent != store.folder
    store.keep([PHOTO])
    assert files(store) == sorted([left, store.folder / NAME])
    long_ago = left.stat().st_mtime - timedelta(days=2).total_seconds()
    os.utime(left, (long_ago, long_ago))
    store.keep([PHOTO])
    assert files(store) == [store.folder / NAME]


def test_a_full_disk_is_worth_another_try_and_leaves_nothing(store: EvidenceStore) -> None:
    """As a limit on the size of files has it; the operator makes room, and it goes on."""
    with _running(_LIMITED, store) as writer:
        said, _ = writer.communicate(timeout=30)
    assert said == b"evidence-unwritable False\n"
    assert files(store) == []


def test_a_folder_that_cannot_be_made_is_worth_another_try(tmp_path: Path) -> None:
    """Somebody mends it; the refusal names the folder."""
    (tmp_path / "data").write_text("in the way", encoding="utf-8")
    store = EvidenceStore(tmp_path / "data" / "evidence")
    with pytest.raises(EvidenceUnwritable, match="data/evidence") as refused:
        store.keep([PHOTO])
    assert not refused.value.permanent


def test_many_may_keep_at_once(store: EvidenceStore) -> None:
    """The same file and others, all begun while the folder is still to be made."""
    contents = [b"%d" % (number % 5) * 10_000 for number in range(40)]
    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda content: store.keep([content]), contents))
    assert [each.sha256 for each in kept] == [hashlib.sha256(each).hexdigest() for each in contents]
    assert [path.name for path in files(store)] == sorted({each.sha256 for each in kept})


def test_what_was_changed_is_not_handed_out(store: EvidenceStore) -> None:
    """Until the true file is kept again."""
    store.keep([PHOTO])
    (store.folder / NAME).write_bytes(PHOTO + b"!")
    with pytest.raises(EvidenceChanged, match=NAME):
        store.open(NAME)
    assert store.examine(NAME) == "changed"
    store.keep([PHOTO])
    assert store.examine(NAME) == "kept"


@pytest.mark.parametrize("name", [NAME, f"../{NAME}", "incoming", "", NAME.upper()])
def test_what_is_not_there_is_lacking(store: EvidenceStore, name: str) -> None:
    """Nor does a name lead out of the folder."""
    store.keep([b"another file"])
    (store.folder.parent / NAME).write_bytes(PHOTO)
    with pytest.raises(EvidenceLacking):
        store.open(name)
    with pytest.raises(HoldfastError):
        store.open(name)
    assert store.examine(name) == "missing"


def test_what_cannot_be_read_is_said_to_be_so(store: EvidenceStore) -> None:
    """Neither kept nor missing: somebody has to look."""
    (store.folder / NAME).mkdir(parents=True)
    assert store.examine(NAME) == "unreadable"


def test_what_was_erased_is_gone(store: EvidenceStore) -> None:
    """Once; there is nothing to erase after that."""
    store.keep([PHOTO])
    assert store.erase(NAME)
    assert (store.has(NAME), store.examine(NAME)) == (False, "missing")
    assert not store.erase(NAME)


def _running(script: str, store: EvidenceStore) -> subprocess.Popen[bytes]:
    """A process of its own that writes into the store."""
    return subprocess.Popen(
        [sys.executable, "-c", script, str(store.folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
