"""Bodies: what is sent to us is read within bounds of size and time."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

_PATIENCE_SECONDS = 10


async def read_body(request: Request, most: int) -> bytes:
    """The body of ``request``, of at most ``most`` bytes.

    Raises HTTPException: 413 where it is longer, 408 where it does not come, 400 where it ends
    before its time.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
    except ClientDisconnect:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None
    return bytes(body)
