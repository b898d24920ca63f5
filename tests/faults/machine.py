"""One machine that is switched off and on: a data folder, and the processes that work on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from commands.embedded import server_words
from tests.commands.shell import PROGRAM, Shell, listens, wait_until, working_on

WORKER = PROGRAM.with_name("worker.py")

Part = Literal["server", "worker", "up"]


class Machine(Shell):
    """Runs the server and the worker as processes of their own, or both as ``up``."""

    def __init__(self, folder: Path, slack: str, token: str) -> None:
        """Work in ``folder``; messages go to the Slack at ``slack``, which takes ``token``."""
        super().__init__(folder)
        self.data.mkdir()
        self._slack = {"HOLDFAST_SLACK_API": slack, "HOLDFAST_SLACK_TOKEN": token}
        self._parts: dict[Part, subprocess.Popen[bytes]] = {}

    @property
    def address(self) -> str:
        """Where Temporal is."""
        return f"127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """What every part finds set."""
        return {**super().environment(), **self._slack}

    def start(self, *parts: Part) -> None:
        """Start parts, as an operator does: a worker once its server listens."""
        for part in parts:
            self._parts[part] = self._started(part)

    def _started(self, part: Part) -> subprocess.Popen[bytes]:
        match part:
            case "server":
                words = server_words(self.data / "temporal.sqlite", self.port, self.ui_port)
                return self._run(self.data, *words)
            case "worker":
                wait_until(lambda: listens(self.port))
                named = {"TEMPORAL_ADDRESS": self.address}
                return self._run(self.folder, sys.executable, str(WORKER), **named)
            case "up":
                return self._run(self.folder, sys.executable, str(PROGRAM), *self.up_words())

    def _run(self, where: Path, *words: str, **environment: str) -> subprocess.Popen[bytes]:
        with (self.folder / "machine.log").open("ab") as log:
            return subprocess.Popen(
                words,
                cwd=where,
                env={**self.environment(), **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, *parts: Part) -> None:
        """SIGKILL parts, which nothing can do anything about, and see them gone."""
        for part in parts:
            self._parts[part].kill()
        for part in parts:
            self._parts.pop(part).wait(10)

    def end(self, part: Part) -> int:
        """Tell a part to end; return its exit code."""
        process = self._parts.pop(part)
        process.terminate()
        return process.wait(20)

    def server_of_up(self) -> int:
        """The process id of the server that ``up`` runs."""
        return next(pid for pid, words in working_on(self.data).items() if "start-dev" in words)

    @contextmanager
    def cleared(self) -> Iterator[None]:
        """Leave nothing running, whatever goes wrong meanwhile."""
        try:
            yield
        finally:
            for pid in working_on(self.data):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for process in self._parts.values():
                process.wait(10)
