"""What ``deploy/`` says is so: the worker serves a named Temporal, the unit names what exists."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator
from configparser import ConfigParser
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from typer.main import get_group

from cli import app
from commands.doctor import doctor
from commands.doctor_reach import Reach
from commands.embedded import temporal_program
from desk.office import Office
from settings import Settings, utc_now
from workflows.names import SEARCH_ATTRIBUTES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
CREATE = "temporal operator search-attribute create"


@pytest.fixture
async def cluster() -> AsyncIterator[Client]:
    """A Temporal server that knows nothing of Holdfast yet."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_program(), dev_server_log_level="error"
    ) as environment:
        yield environment.client


def attribute_command() -> list[str]:
    """The words of the command that the page gives for the search attributes."""
    found = re.search(rf"^{CREATE} \\\n(?:.*\\\n)*.*$", PAGE, re.MULTILINE)
    assert found
    return shlex.split(found[0].replace("\\\n", " "))


def address(cluster: Client) -> str:
    """Where the server listens."""
    return cluster.service_client.config.target_host


async def examine(cluster: Client, database: str) -> tuple[int, str]:
    """What the doctor says of a server and a ledger."""

    async def connect() -> Client:
        return cluster

    out = StringIO()
    console = Console(file=out, width=40)
    code = await doctor(
        connect,
        lambda: Office.open(database, lambda: datetime.now(UTC)),
        Reach(),
        now=utc_now(),
        as_json=False,
        console=console,
    )
    return code, out.getvalue()


def create_attributes(cluster: Client) -> None:
    """Run the page's command against the server."""
    _, *words = attribute_command()
    program = temporal_program() or "temporal"
    subprocess.run([program, *words, "--address", address(cluster)], check=True, timeout=30)


async def test_the_search_attributes_are_those_that_the_doctor_misses(
    cluster: Client, tmp_path: Path
) -> None:
    """The doctor's remedy is the page's command, and after it nothing is missing."""
    database = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    _, said = await examine(cluster, database)
    assert f"{len(SEARCH_ATTRIBUTES)} search attributes are not registered" in said
    assert shlex.join(attribute_command()) in said
    await asyncio.to_thread(create_attributes, cluster)
    _, said = await examine(cluster, database)
    assert "search attributes are registered" in said


async def test_the_worker_serves_the_temporal_of_its_environment(
    cluster: Client, tmp_path: Path
) -> None:
    """``python worker.py`` finds Temporal and the ledger by variables, and ends when told to."""
    database = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    await asyncio.to_thread(create_attributes, cluster)
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TEMPORAL_", "HOLDFAST_"))
    }
    told = {"TEMPORAL_ADDRESS": address(cluster), "HOLDFAST_DATABASE": database}
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "worker.py", cwd=ROOT, env=inherited | told
    )
    try:
        async with asyncio.timeout(60):
            code, said = await examine(cluster, database)
            while code:
                await asyncio.sleep(0.2)
                code, said = await examine(cluster, database)
        assert "holdfast is served" in said
        worker.terminate()
        assert await asyncio.wait_for(worker.wait(), 30) == 0
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()


def test_the_unit_starts_what_is_there() -> None:
    """The example parses, runs ``up`` and stops it in order, and names settings that exist."""
    text = (ROOT / "deploy" / "holdfast.service").read_text(encoding="utf-8")
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text)
    service = unit["Service"]
    folder = service["WorkingDirectory"]
    program, command = service["ExecStart"].split()
    assert program == f"{folder}/.venv/bin/holdfast"
    assert command in get_group(app).commands
    assert (service["Type"], service["KillMode"], service["Restart"]) == ("exec", "mixed", "always")
    variables = re.findall(r"^Environment=HOLDFAST_(\w+)=", text, re.MULTILINE)
    assert variables == ["DATA", "SLACK_TOKEN_FILE"]
    assert {variable.lower() for variable in variables} <= set(Settings.model_fields)
    assert service["EnvironmentFile"].removeprefix("-") in PAGE
    assert service["LoadCredential"].partition(":")[2] in PAGE
    assert f"/var/lib/{service['StateDirectory']}" in PAGE
    assert folder in PAGE
