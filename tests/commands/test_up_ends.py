"""However ``up`` ends, nothing it started outlives it, and the next one starts at once."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from temporalio.testing import WorkflowEnvironment

from commands.embedded import temporal_program
from tests.commands.shell import PROGRAM, Running, Shell, listens, wait_until, working_on

CONTRACT = """\
contract: KSS-1
supplier: Kitano Sealing Systems
zone: Europe/Berlin
calendar: DE-BW
owner: mira@ardent.example
approver: carla@ardent.example
people: [{email: mira@ardent.example}, {email: carla@ardent.example, slack: U0CARLA}]
milestones: [{id: tooling, due: 2099-10-01}]
"""
OVERDUE = CONTRACT.replace("2099-10-01", "2025-10-01, past_due: open") + "quiet_hours: none\n"
AS_A_PARENT = "import subprocess, sys; subprocess.run(sys.argv[1:])"
ONCE = """\
#!/bin/sh
[ -e started ] && exit 3
touch started
exec {program} "$@"
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A folder in which nothing runs, of a name that would mean something else in a URL."""
    folder = tmp_path / "what? 50%25#"
    folder.mkdir()
    return Shell(folder)


@pytest.fixture
def running(shell: Shell) -> Iterator[Running]:
    """``up`` in that folder."""
    with shell.up() as running:
        yield running


def is_free(shell: Shell) -> bool:
    """Whether nothing works on the folder or listens on its ports, and its lock can be taken."""
    if working_on(shell.data) or listens(shell.port) or listens(shell.ui_port):
        return False
    with FileLock(shell.data / "up.lock", timeout=0):
        return True


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_all_that_a_terminal_reaches_ends_it(
    shell: Shell, running: Running, name: signal.Signals
) -> None:
    """As Ctrl-C sends it: to the whole group, make and up alike. The exit code is 0."""
    os.killpg(running.process.pid, name)
    assert running.process.wait(15) == 0
    assert is_free(shell)


def test_a_terminal_that_is_closed_ends_it(shell: Shell) -> None:
    """Though nothing can be written to it any more."""
    terminal, inside = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _ON_A_TERMINAL, str(PROGRAM), *shell.up_words()],
        env=shell.environment(),
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
    )
    os.close(inside)
    said = b""
    while b"requests" not in said:
        said += os.read(terminal, 1024)
    os.close(terminal)
    assert process.wait(15) == 0
    assert is_free(shell)


_ON_A_TERMINAL = """\
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


def test_a_slack_that_does_not_answer_delays_no_end(shell: Shell) -> None:
    """The message is owed, and sent once the next one is up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(20)
        slack = f"http://127.0.0.1:{silent.getsockname()[1]}/api/"
        token = shell.file("token", "any")
        with shell.up(HOLDFAST_SLACK_API=slack, HOLDFAST_SLACK_TOKEN_FILE=token) as running:
            assert shell.type("register", shell.file("kss.yaml", OVERDUE), "--yes").code == 0
            with silent.accept()[0]:
                assert running.end(within=10) == 0
    assert is_free(shell)


def test_nohup_is_respected(shell: Shell) -> None:
    """Where the hangup is ignored when it starts, it stays."""
    with shell.up("sh", "-c", 'trap "" HUP; exec "$@"', "sh") as running:
        running.process.send_signal(signal.SIGHUP)
        wait_until(lambda: shell.type("doctor").code == 0)
        assert running.end() == 0


def test_its_server_does_not_outlive_a_kill(shell: Shell, running: Running) -> None:
    """The next one starts at once, and knows what is watched."""
    assert shell.type("register", shell.file("kss.yaml", CONTRACT), "--yes").code == 0
    running.process.kill()
    running.process.wait()
    wait_until(lambda: not working_on(shell.data))
    with shell.up() as again:
        assert "watched   contracts 1, open ladders 0" in again.said
        wait_until(lambda: shell.type("doctor").code == 0)
        assert again.end() == 0
    assert is_free(shell)


def test_it_ends_with_the_program_that_runs_it(shell: Shell) -> None:
    """``make up`` asks for that: killed, it takes everything along."""
    shell.more_up_words = ("--with-parent",)
    with shell.up(sys.executable, "-c", AS_A_PARENT) as running:
        running.process.kill()
        running.process.wait()
        wait_until(lambda: is_free(shell))


def test_a_server_that_dies_is_started_again(shell: Shell, running: Running) -> None:
    """The worker goes on as if nothing had been."""
    first = running.server()
    os.kill(first, signal.SIGKILL)
    running.wait_for("it was started again")
    registered = shell.type("register", shell.file("kss.yaml", CONTRACT), "--yes")
    assert registered.code == 0, registered.said
    assert running.server() != first
    assert running.end() == 0
    assert is_free(shell)


def test_a_server_that_cannot_be_started_again_ends_it(shell: Shell) -> None:
    """With 1, and words that say so."""
    stub = Path(shell.file("temporal", ONCE.format(program=temporal_program())))
    stub.chmod(0o755)
    with shell.up(PATH=f"{shell.folder}:{os.environ['PATH']}") as running:
        os.kill(running.server(), signal.SIGKILL)
        assert running.process.wait(15) == 1
        assert "ended as it was started, with exit code 3" in running.said
        assert str(stub) in running.said
        assert is_free(shell)


@pytest.mark.parametrize("by_profile", [False, True])
async def test_a_temporal_that_is_named_wins(shell: Shell, *, by_profile: bool) -> None:
    """No server is started; search attributes that it lacks are registered."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_program(), dev_server_log_level="error"
    ) as cluster:
        address = cluster.client.service_client.config.target_host
        told = {"TEMPORAL_ADDRESS": address}
        if by_profile:
            profile = f"[profile.default]\naddress = '{address}'\n"
            told = {"TEMPORAL_CONFIG_FILE": shell.file("temporal.toml", profile)}
        with shell.up(**told) as running:
            assert f"temporal  {address}, as the environment or a profile says" in running.said
            assert not listens(shell.port)
            file = shell.file("kss.yaml", CONTRACT)
            registered = await asyncio.to_thread(shell.type, "register", file, "--yes", **told)
            assert registered.code == 0, registered.said
            assert running.end() == 0
        assert not (shell.data / "temporal.sqlite").exists()
    assert is_free(shell)
