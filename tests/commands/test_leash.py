"""A program on a leash ends with whoever started it, on every system."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commands import leash
from tests.commands.shell import wait_until

LEASH = Path(str(leash.__file__))
WHO = "import os, sys, time; open('pid', 'w').write(f'{os.getpid()} '); time.sleep(60)"
STARTS = """\
import os, subprocess, sys
sys.path.insert(0, sys.argv[1])
subprocess.run([sys.executable, "-c", sys.argv[2], *sys.argv[1:2], str(os.getpid()), *sys.argv[3:]])
"""
"""Somebody who starts a program on a leash, and waits for it."""

HOLDS = """\
import sys
sys.path.insert(0, sys.argv[1])
from commands import leash
leash.{how}(int(sys.argv[2]), sys.argv[3:])
"""


@pytest.fixture(params=["run", "watch"])
def owner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Somebody who runs a program on a leash: as this system can, and as any system can."""
    root, holds = str(LEASH.parents[1]), HOLDS.format(how=request.param)
    words = [sys.executable, "-c", STARTS, root, holds, sys.executable, "-c", WHO]
    process = subprocess.Popen(words, cwd=tmp_path, start_new_session=True)
    yield process
    if not is_over(process.pid):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def is_over(group: int) -> bool:
    """Whether no process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def program(folder: Path) -> int | None:
    """The process id of the program, once it runs."""
    file = folder / "pid"
    said = file.read_text(encoding="utf-8") if file.exists() else ""
    return int(said) if said.endswith(" ") else None


def test_it_ends_with_its_owner(owner: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """Who was killed, and could do nothing about it."""
    wait_until(lambda: program(tmp_path) is not None)
    owner.kill()
    owner.wait()
    wait_until(lambda: is_over(owner.pid))


def test_its_owner_hears_of_its_end(owner: subprocess.Popen[bytes], tmp_path: Path) -> None:
    """The leash ends with the program."""
    wait_until(lambda: program(tmp_path) is not None)
    os.kill(program(tmp_path) or 0, signal.SIGKILL)
    owner.wait(5)


@pytest.mark.parametrize("hold", [leash.run, leash.watch])
def test_an_owner_who_died_first_leaves_nothing(
    hold: Callable[[int, list[str]], None], tmp_path: Path
) -> None:
    """Whose death no kernel tells, because it came before anybody asked to be told."""
    nobody = subprocess.Popen([sys.executable, "-c", ""])
    nobody.wait()
    words = [sys.executable, "-c", HOLDS.format(how=hold.__name__), str(LEASH.parents[1])]
    words += [str(nobody.pid), sys.executable, "-c", WHO]
    subprocess.run(words, cwd=tmp_path, check=True, timeout=20)
    assert program(tmp_path) is None
