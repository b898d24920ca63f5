"""The application: what its parts bring as routes, a sign of life, and a page for every failure."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from desk.casebook import UnknownCase
from desk.links import ExpiredLink, ForgedLink
from ladders.errors import HoldfastError
from web.pages import page

_FAILURE = (
    "Something went wrong here",
    "nothing may have been recorded; load the page again to see, and tell whoever runs Holdfast",
)
_SAID: dict[int, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: (
        "This request cannot be read",
        "nothing was recorded; open the link in the message again and send the form once more",
    ),
    HTTPStatus.NOT_FOUND: (
        "There is no such page",
        "open the link in the message again; copy it as a whole if it is broken into lines",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "This page cannot be used so",
        "nothing was recorded; open the link in the message in a browser",
    ),
    HTTPStatus.REQUEST_TIMEOUT: (
        "The request did not arrive as a whole",
        "nothing was recorded; go back and send the form once more",
    ),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "The request is too long",
        "nothing was recorded; go back, write less and send the form once more",
    ),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (
        "This request cannot be read",
        "nothing was recorded; open the link in the message again and send the form there",
    ),
}
"""What a page says of a status, and what is to be done."""


_STATUSES: dict[type[HoldfastError], HTTPStatus] = {
    ForgedLink: HTTPStatus.NOT_FOUND,
    ExpiredLink: HTTPStatus.GONE,
    UnknownCase: HTTPStatus.NOT_FOUND,
}
"""Refusals that explain themselves."""


def create_app(routes: Iterable[BaseRoute]) -> Starlette:
    """An application of ``routes`` and ``/healthz``, for :func:`web.serving.listening`.

    The routes come from the parts: :func:`web.answering.answer_routes`, and Slack's.
    """
    app = Starlette(
        routes=[Route("/healthz", _healthz), *routes],
        exception_handlers={
            HTTPException: _refused,
            **dict.fromkeys(_STATUSES, _explained),
            Exception: _failed,
        },
    )
    # A redirect would be built from the request's own words.
    app.router.redirect_slashes = False
    return app


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok", headers={"Cache-Control": "no-store"})


async def _refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    what, remedy = _SAID.get(error.status_code, _FAILURE)
    status = HTTPStatus(error.status_code)
    return page("said.html.j2", status, error.headers, what=what, remedy=remedy)


async def _explained(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HoldfastError):
        raise error
    status = next(_STATUSES[kind] for kind in type(error).mro() if kind in _STATUSES)
    return page("said.html.j2", status, what=error.what, remedy=error.remedy)


async def _failed(_request: Request, _error: Exception) -> Response:
    """Answer for a mistake of this program; the server logs it."""
    what, remedy = _FAILURE
    return page("said.html.j2", HTTPStatus.INTERNAL_SERVER_ERROR, what=what, remedy=remedy)
