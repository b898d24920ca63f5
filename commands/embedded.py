"""The Temporal server that comes along: the ``temporal`` program as a child on loopback."""

from __future__ import annotations

import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from ladders.errors import HoldfastError
from workflows.names import SEARCH_ATTRIBUTES

_SILENT = ("--output", "none")
_TIME_SKIPPING = (
    "--dynamic-config-value", "frontend.WorkflowTimeSkippingEnabled=true",
    "--dynamic-config-value", 'history.timerProcessorMaxTimeShift="20ms"',
)  # fmt: skip
_DURABLE = (
    "--sqlite-pragma", "journal_mode=WAL",
    "--sqlite-pragma", "synchronous=FULL",
)  # fmt: skip


class PortTaken(HoldfastError):
    """Something listens already where Temporal's server was to listen."""


@dataclass(frozen=True)
class EmbeddedServer:
    """A running server: a client of it, and where its own UI is."""

    client: Client
    ui_url: str


def temporal_program() -> str | None:
    """The ``temporal`` on PATH, else the one installed beside this Python; None: the SDK's own."""
    beside = Path(sys.executable).parent / "temporal"
    return shutil.which("temporal") or (str(beside) if beside.exists() else None)


@asynccontextmanager
async def embedded_server(
    *,
    file: Path | None = None,
    port: int | None = None,
    ui_port: int | None = None,
    time_skipping: bool = False,
    dynamic_config: tuple[str, ...] = (),
) -> AsyncIterator[EmbeddedServer]:
    """Run Temporal's dev server for as long as the context lasts; stop it at the end.

    With ``file`` it keeps its histories there; without, in memory. ``time_skipping`` lets a
    rehearsal move the clocks of single workflows, and is never used for real contracts.
    ``dynamic_config`` holds further settings of the server, each ``key=value``. Raises PortTaken.
    """
    ui_port = ui_port or _free_port()
    # The SDK would take whatever listens there for the server it has started.
    for wanted in (port, ui_port):
        if wanted is not None:
            _require_free(wanted)
    environment = await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter,
        identity="holdfast",
        ip="127.0.0.1",
        port=port,
        ui=True,
        ui_port=ui_port,
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_existing_path=temporal_program(),
        dev_server_database_filename=None if file is None else str(file),
        dev_server_log_level="error",
        dev_server_extra_args=[
            *_SILENT,
            *(_TIME_SKIPPING if time_skipping else ()),
            *(_DURABLE if file is not None else ()),
            *(word for setting in dynamic_config for word in ("--dynamic-config-value", setting)),
        ],
    )
    async with environment:
        yield EmbeddedServer(environment.client, f"http://127.0.0.1:{ui_port}")


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise PortTaken(
                f"port {port} cannot be used: {error.strerror}",
                "end what listens there, perhaps another holdfast up, or name another port",
            ) from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
