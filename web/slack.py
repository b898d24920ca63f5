"""Slack over HTTP: one route, which takes what Slack has signed and nothing else."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from web.bodies import read_body
from web.dispatching import Dispatcher
from web.parsing import NotAPayload
from web.signing import Signatures

PATH = "/slack/interactions"
"""Where Slack sends clicks to; the app's manifest names it as the request URL."""

_LONGEST = 1024 * 1024
_LOG = logging.getLogger("holdfast.web")


def slack_route(dispatcher: Dispatcher, signatures: Signatures) -> Route:
    """The route of Slack's clicks: 4xx for what Slack has not sent, 500 for what is not safe."""

    async def interactions(request: Request) -> Response:
        try:
            body = await read_body(request, _LONGEST)
        except HTTPException as refused:
            return Response(status_code=refused.status_code)
        fault = signatures.fault(request.headers, body)
        if fault is not None:
            return Response(status_code=fault)
        return await _answer(dispatcher, body)

    return Route(PATH, interactions, methods=["POST"])


async def _answer(dispatcher: Dispatcher, body: bytes) -> Response:
    try:
        reply = await dispatcher.dispatch(_payload(body))
    except NotAPayload as fault:
        _LOG.warning("%s", fault)
        return Response(status_code=HTTPStatus.BAD_REQUEST)
    except Exception:  # noqa: BLE001
        # Slack shows a warning beside the button: better than a click that is lost unseen.
        _LOG.exception("a click could not be recorded")
        return Response(status_code=HTTPStatus.INTERNAL_SERVER_ERROR)
    if reply.body is None:
        return Response(status_code=reply.status)
    return JSONResponse(reply.body, status_code=reply.status)


def _payload(body: bytes) -> dict[str, Any]:
    """The one payload in a form. Raises NotAPayload."""
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=10)
        (text,) = fields.get("payload", [])
        payload = json.loads(text)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        raise NotAPayload("a signed request holds no payload", "nothing was recorded")
    return payload
