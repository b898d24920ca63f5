"""``holdfast up``: Temporal's server, the worker and the ledger, on this machine."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

from filelock import FileLock, Timeout
from rich.console import Console
from temporalio.client import Client

from commands.embedded import embedded_server
from desk.door import Desk
from desk.office import Office
from ladders.errors import HoldfastError

Channel = TypeVar("Channel")
Serve = Callable[[Client, Office, Channel], AbstractAsyncContextManager[Desk]]


class AlreadyUp(HoldfastError):
    """Another ``up`` uses the same data folder: two servers would write to one file."""


async def up(
    serve: Serve[Channel],
    office: Office,
    channel: Channel,
    *,
    data: Path,
    port: int,
    ui_port: int,
    console: Console,
) -> int:
    """Run until SIGINT or SIGTERM. Temporal keeps its histories in ``data``; loopback only."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with _only_one(data):
        file = data / "temporal.sqlite"
        async with embedded_server(file=file, port=port, ui_port=ui_port) as server:
            _write_address(data, port)
            async with serve(server.client, office, channel):
                console.print(f"Holdfast is up. Temporal's own view: {server.ui_url}")
                console.print("Ctrl-C ends it; ladders go on where they stood.")
                await stop.wait()
        office.close()
    return 0


def _write_address(data: Path, port: int) -> None:
    (data / "temporal.address").write_text(f"127.0.0.1:{port}\n", encoding="utf-8")


@contextmanager
def _only_one(data: Path) -> Iterator[None]:
    try:
        with FileLock(data / "up.lock", timeout=0):
            yield
    except Timeout:
        remedy = "stop that one, or set HOLDFAST_DATA to another folder"
        raise AlreadyUp(f"Holdfast is up already in {data}", remedy) from None
