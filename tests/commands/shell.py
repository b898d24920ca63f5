"""A folder in which commands are typed, as a stranger types them."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from typer.testing import CliRunner

from cli import app
from commands.ports import free_port

PROGRAM = Path(__file__).parents[2] / "cli.py"
_PATIENCE_SECONDS = 240
_FOREIGN = ("HOLDFAST_", "TEMPORAL_")


class Ran(NamedTuple):
    """How a command ended: its exit code, and all that it printed."""

    code: int
    said: str

    @property
    def document(self) -> Any:
        """What was printed, which must be one JSON document and nothing else."""
        return json.loads(self.said)


class Running:
    """A running ``up``. What it says goes into a file."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, data: Path) -> None:
        """Watch ``process``, which leads a group of its own and works on ``data``."""
        self.process = process
        self._log = log
        self._data = data

    @property
    def said(self) -> str:
        """All that it has said so far."""
        return self._log.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        """Wait until it says ``words``; fail if it ends or stays silent."""
        wait_until(lambda: words in self.said or self.process.poll() is not None)
        assert words in self.said, self.said

    def end(self, by: signal.Signals = signal.SIGTERM, within: float = 15) -> int:
        """Tell it to end, and return its exit code; fail if that takes longer, in seconds."""
        self.process.send_signal(by)
        return self.process.wait(within)

    def server(self) -> int:
        """The process id of the Temporal server that it runs."""
        (found,) = (pid for pid, words in working_on(self._data).items() if "start-dev" in words)
        return found

    def has_orphans(self) -> bool:
        """Whether anything that it started is still there once it has ended."""
        return bool(working_on(self._data))

    def clear_away(self) -> None:
        """Leave nothing running, whatever has gone wrong."""
        for pid in working_on(self._data):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(_PATIENCE_SECONDS)


class Shell:
    """One data folder with ports of its own, and the commands typed there."""

    def __init__(self, folder: Path) -> None:
        """Type commands in ``folder``; the data are kept in a folder below it."""
        self.folder = folder
        self.data = folder / "data"
        self.port, self.ui_port = free_port(), free_port()
        self.more_up_words: tuple[str, ...] = ()

    def file(self, name: str, text: str) -> str:
        """Write a file; return its name, to be typed."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return str(self.folder / name)

    def run(self, *words: str) -> Ran:
        """Type a command, as a process of its own."""
        done = subprocess.run(
            [sys.executable, PROGRAM, *words],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout)

    def type(self, *words: str, **environment: str) -> Ran:
        """Type a command within this process, which is quicker."""
        cleared: dict[str, str | None] = {
            name: None for name in os.environ if name.startswith(_FOREIGN)
        }
        settings = {**cleared, "HOLDFAST_DATA": str(self.data), **environment}
        result = CliRunner().invoke(app, words, env=settings)
        unforeseen = result.exception
        assert unforeseen is None or isinstance(unforeseen, SystemExit), repr(unforeseen)
        return Ran(result.exit_code, result.output)

    def talk(self, answers: str, *words: str) -> Ran:
        """Type a command on a terminal, and ``answers`` to what it asks."""
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [sys.executable, PROGRAM, *words],
            cwd=self.folder,
            env={**self.environment(), "COLUMNS": "200", "TERM": "dumb"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            os.write(ours, answers.encode())
            said = _heard(ours)
            os.close(ours)
            return Ran(process.wait(_PATIENCE_SECONDS), said.replace("\r\n", "\n"))

    @contextmanager
    def up(self, *before: str, **environment: str) -> Iterator[Running]:
        """Run ``up`` until it says so; whatever is left of it at the end is cleared away.

        ``before`` are words of a program that runs it.
        """
        log = self.folder / "up.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                [*before, sys.executable, PROGRAM, *self.up_words()],
                cwd=self.folder,
                env={**self.environment(), **environment},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running = Running(process, log, self.data)
        try:
            running.wait_for("requests")
            yield running
        finally:
            running.clear_away()

    def up_words(self) -> tuple[str, ...]:
        """What starts it on the ports of this shell."""
        ports = ("--port", str(self.port), "--ui-port", str(self.ui_port))
        return ("up", *ports, *self.more_up_words)

    def environment(self) -> dict[str, str]:
        """What a program started here finds set."""
        own = {name: text for name, text in os.environ.items() if not name.startswith(_FOREIGN)}
        return {**own, "HOLDFAST_DATA": str(self.data)}


def _heard(terminal: int) -> str:
    """All that is said on a terminal until the last who could speak is gone."""
    said = b""
    while True:
        try:
            heard = os.read(terminal, 4096)
        except OSError:  # how Linux tells the end
            heard = b""
        if not heard:
            return said.decode()
        said += heard


def working_on(data: Path) -> dict[int, str]:
    """Every process to which ``data`` was named as the data folder: its id, and its words."""
    if not Path("/proc/self").exists():
        command = ["ps", "axeww", "-o", "pid=,command="]
        lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        pairs = [line.split(maxsplit=1) for line in lines.splitlines()]
        return {int(pid): words for pid, words in pairs if f"HOLDFAST_DATA={data} " in words}
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = (process / "environ").read_bytes().split(b"\0")
            if f"HOLDFAST_DATA={data}".encode() in told:
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(process.name)] = words.decode()
    return found


def wait_until(condition: Callable[[], bool], seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait for what comes by itself; fail if it does not."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Whether anything listens there."""
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0
