"""Receiving: everything that takes people's clicks in Slack, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

from starlette.routing import BaseRoute
from temporalio.client import Client

from channels.slack_directory import SlackDirectory
from desk.clickers import Clickers
from desk.door import Desk
from desk.office import Office
from web.app import create_app
from web.dispatching import Dispatcher
from web.outcomes import Outcomes
from web.serving import listening
from web.signing import Signatures
from web.slack import slack_route
from web.sockets import socket_mode
from web.telling import LateNews

PATIENCE = timedelta(seconds=1.5)
"""How long somebody who clicked waits for Temporal; Slack itself waits for 3 seconds in all."""


class Listener(NamedTuple):
    """Where HTTP is listened on. ``slack_secret`` is what Slack signs with; None: it does not."""

    host: str
    port: int
    slack_secret: str | None
    routes: Iterable[BaseRoute] = ()


class Socket(NamedTuple):
    """Socket Mode: the app-level token, and where Slack's API is."""

    app_token: str
    base_url: str


def dispatcher(
    temporal: Client, office: Office, late: LateNews, patience: timedelta = PATIENCE
) -> Dispatcher:
    """A dispatcher that hands in at a desk of its own, which waits for Temporal for ``patience``.

    It speaks to people through the same client of Slack's as ``late`` does.
    """
    book = office.casebook
    clickers = Clickers(book, SlackDirectory(late.teller.client))
    desk = Desk(temporal, book, office.inbox, office.clock, patience, clickers=clickers)
    return Dispatcher(desk, office, clickers, late.teller, Outcomes(desk, office, late))


@asynccontextmanager
async def receiving(
    clicks: Dispatcher | None,
    clock: Callable[[], datetime],
    listener: Listener,
    socket: Socket | None,
) -> AsyncIterator[int | None]:
    """Take clicks while the context lasts; yields the port that is listened on, if any is.

    Nothing listens where there is nothing to listen for. Raises CannotListen.
    """
    async with AsyncExitStack() as stack:
        routes = list(listener.routes)
        if clicks is not None:
            stack.push_async_callback(clicks.finish)
            if listener.slack_secret is not None:
                routes.append(slack_route(clicks, Signatures(listener.slack_secret, clock)))
            if socket is not None:
                await stack.enter_async_context(socket_mode(*socket, clicks))
        port = None
        if routes:
            app = create_app(routes)
            port = await stack.enter_async_context(listening(app, listener.host, listener.port))
        yield port
