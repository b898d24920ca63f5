"""Slack over Socket Mode: the same clicks, through a connection that we open ourselves.

The SDK's client runs in threads of its own, keeps the connection and makes it anew. An envelope is
acknowledged once what it asks for is safe; an answer to a modal travels with that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from channels.message import ChannelError
from channels.slack_errors import in_our_terms
from web.dispatching import Dispatcher, Reply
from web.parsing import NotAPayload

_LOG = logging.getLogger("holdfast.web")
_TRY_AGAIN_SECONDS = 10
_LONGEST_SECONDS = 30


@asynccontextmanager
async def socket_mode(app_token: str, base_url: str, dispatcher: Dispatcher) -> AsyncIterator[None]:
    """Take clicks over Socket Mode while the context lasts, connecting as soon as Slack lets us."""
    loop = asyncio.get_running_loop()
    web = WebClient(base_url=base_url, retry_handlers=[])
    client = SocketModeClient(app_token, web_client=web)

    def take(client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Runs in a thread of the SDK's."""
        reply = _reply(loop, dispatcher, request)
        if reply is not None:
            response = SocketModeResponse(request.envelope_id, reply.body)
            client.send_socket_mode_response(response)

    client.socket_mode_request_listeners.append(take)
    connecting = asyncio.create_task(_connect(client))
    try:
        yield
    finally:
        connecting.cancel()
        await asyncio.to_thread(client.close)


def _reply(
    loop: asyncio.AbstractEventLoop, dispatcher: Dispatcher, request: SocketModeRequest
) -> Reply | None:
    """What an envelope is acknowledged with; None leaves it, so that Slack shows a warning."""
    if request.type != "interactive":
        return Reply()
    future = asyncio.run_coroutine_threadsafe(dispatcher.dispatch(request.payload), loop)
    try:
        return future.result(_LONGEST_SECONDS)
    except NotAPayload as fault:
        _LOG.warning("%s", fault)
        return None
    except Exception:  # noqa: BLE001
        _LOG.exception("a click could not be recorded")
        return None


async def _connect(client: SocketModeClient) -> None:
    """Connect for the first time; from then on the SDK does."""
    while True:
        try:
            await asyncio.to_thread(_connect_once, client)
        except ChannelError as trouble:
            _LOG.warning(
                "Socket Mode is not connected: %s; trying again every %s seconds. If that lasts, "
                "check HOLDFAST_SLACK_APP_TOKEN and that the app has Socket Mode switched on",
                trouble.code,
                _TRY_AGAIN_SECONDS,
            )
            await asyncio.sleep(_TRY_AGAIN_SECONDS)
        else:
            return


def _connect_once(client: SocketModeClient) -> None:
    with in_our_terms():
        client.connect()
