"""What stands in the way of ``holdfast up`` is named, with what to do, and nothing is left."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from filelock import FileLock

from tests.commands.shell import Ran, Shell, listens, working_on


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A folder in which nothing runs."""
    return Shell(tmp_path)


def refused(shell: Shell, **environment: str) -> Ran:
    """Type ``up``, which must be refused and leave neither a process nor a lock."""
    ran = shell.type(*shell.up_words(), **environment)
    assert ran.code == 1, ran.said
    assert "Traceback" not in ran.said
    assert not working_on(shell.data)
    return ran


@pytest.mark.parametrize("which", ["port", "ui_port"])
def test_a_port_that_is_taken(shell: Shell, which: str) -> None:
    """Also that of Temporal's own view; the folder is free again at once."""
    port: int = getattr(shell, which)
    with socket.create_server(("127.0.0.1", port)):
        ran = refused(shell)
    assert f"port {port} cannot be used: Address already in use" in ran.said
    assert "--port and --ui-port" in ran.said
    with FileLock(shell.data / "up.lock", timeout=0):
        assert not listens(shell.port)


def test_a_folder_that_cannot_be_used(shell: Shell) -> None:
    """With the variable that names another one."""
    file = shell.file("no-folder", "")
    ran = refused(shell, HOLDFAST_DATA=f"{file}/data")
    assert f"{file}/data cannot be used: Not a directory" in ran.said
    assert "HOLDFAST_DATA" in ran.said


def test_a_server_that_does_not_start(shell: Shell) -> None:
    """A ``temporal`` on PATH wins, and is named once it has failed."""
    broken = Path(shell.file("temporal", "#!/bin/sh\nexit 3\n"))
    broken.chmod(0o755)
    ran = refused(shell, PATH=str(shell.folder))
    assert "with exit code 3" in ran.said
    assert str(broken) in ran.said


def test_a_temporal_that_is_named_but_away(shell: Shell) -> None:
    """It wins all the same: no server of our own is started in its stead."""
    ran = refused(shell, TEMPORAL_ADDRESS="127.0.0.1:1")
    assert "Temporal at 127.0.0.1:1 cannot be used" in ran.said
    assert "unset TEMPORAL_ADDRESS" in ran.said
    assert not (shell.data / "temporal.sqlite").exists()


@pytest.mark.parametrize("text", ["[[[", "[profile.other]\naddress = '127.0.0.1:1'\n"])
def test_a_profile_that_cannot_be_read(shell: Shell, text: str) -> None:
    """Because the file is none, or lacks the profile that is chosen."""
    file = shell.file("temporal.toml", text)
    ran = refused(shell, TEMPORAL_CONFIG_FILE=file, TEMPORAL_PROFILE="mine")
    assert "Temporal's configuration cannot be read" in ran.said
    assert "TEMPORAL_CONFIG_FILE" in ran.said


def test_a_token_file_that_is_not_there(shell: Shell) -> None:
    """Nothing is started that could send no message."""
    ran = refused(shell, HOLDFAST_SLACK_TOKEN_FILE=str(shell.folder / "gone"))
    assert "gone" in ran.said
    assert not shell.data.exists()
