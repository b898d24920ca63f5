"""Listening: an HTTP server inside the event loop that is running already."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from starlette.types import ASGIApp
from uvicorn import Config, Server

from ladders.errors import HoldfastError

_GRACE_SECONDS = 5
_AT_ONCE = 200
"""Connections and requests beyond this many are answered 503 and not kept."""


class CannotListen(HoldfastError):
    """The address that was to be listened on cannot be had."""


class _Server(Server):
    """Leaves signals to whoever runs the event loop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@asynccontextmanager
async def listening(app: ASGIApp, host: str, port: int) -> AsyncIterator[int]:
    """Serve ``app`` while the context lasts; yields the port, which ``port`` 0 leaves to chance.

    Requests under way at the end have some seconds to finish. Nothing is logged of what was asked
    for, because addresses hold signed links. Raises CannotListen.
    """
    config = Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=_AT_ONCE,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    config.load()
    server = _Server(config)
    # From here on connections queue, so nobody who comes before the server runs is turned away.
    with _bound(host, port) as listener:
        running = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await running


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise CannotListen(
            f"{host} port {port} cannot be listened on: {error.strerror}",
            "end what listens there, or set HOLDFAST_WEB_HOST and HOLDFAST_WEB_PORT to others",
        ) from None
