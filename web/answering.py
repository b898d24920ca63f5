"""Answering by link: a page that shows what is asked, and a form that answers it.

Opening a link changes nothing, because programs that scan mail open links too.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from channels.moments import Moment
from desk.applying import NotAppliedYet
from desk.casebook import Casebook
from desk.door import Desk
from desk.links import PATH, Link, Links
from ladders.actions import ACTIONS
from ladders.errors import ActionRefused
from ladders.events import Action
from web.asking import Asked, answer_to, look_up, receipt_of
from web.bodies import read_body
from web.forms import FORMS, Filled, fields, read_form
from web.pages import page

_LONGEST_BODY = 64 * 1024
_FORM = "application/x-www-form-urlencoded"


def answer_routes(
    desk: Desk, casebook: Casebook, links: Links, clock: Callable[[], datetime]
) -> list[Route]:
    """Where signed links lead. ``clock`` stamps what is received."""
    answering = _Answering(desk, casebook, links, clock)
    path = f"{PATH}/{{token}}"
    return [
        Route(path, answering.show, methods=["GET"]),
        Route(path, answering.take, methods=["POST"]),
    ]


class _Answering:
    """The pages behind links."""

    def __init__(
        self, desk: Desk, casebook: Casebook, links: Links, clock: Callable[[], datetime]
    ) -> None:
        self._desk = desk
        self._casebook = casebook
        self._links = links
        self._clock = clock

    async def show(self, request: Request) -> Response:
        """Show what is asked, and the form that answers it or why it cannot be answered."""
        link = self._links.read(request.path_params["token"])
        now = self._clock()
        asked = await asyncio.to_thread(look_up, self._casebook, link, now)
        if asked.refusal is not None:
            return _refused(link, asked, asked.refusal, HTTPStatus.OK)
        # Whoever comes back later and answers again means another answer, not the same twice.
        return _form(link, asked, {"shown": now.isoformat()}, {}, HTTPStatus.OK)

    async def take(self, request: Request) -> Response:
        """Take the answer, if it is complete, and say what became of it."""
        token = request.path_params["token"]
        link = self._links.read(token)
        sent = await _sent(request)
        now = self._clock()
        asked = await asyncio.to_thread(look_up, self._casebook, link, now)
        filled = read_form(link.action, sent, asked.today)
        if filled.errors and asked.refusal is None:
            return _form(link, asked, sent, filled.errors, HTTPStatus.UNPROCESSABLE_ENTITY)
        action = answer_to(
            link, _key(token, sent, filled), now, note=filled.note, delivered=filled.delivered
        )
        return await self._apply(link, action)

    async def _apply(self, link: Link, action: Action) -> Response:
        handle = link.handle
        try:
            await self._desk.act(handle.contract, handle.stream, action)
        except NotAppliedYet:
            at = await asyncio.to_thread(self._wall_clock, handle.contract, action.received_at)
            return page("received.html.j2", HTTPStatus.ACCEPTED, form=FORMS[link.action], at=at)
        except ActionRefused as refusal:
            asked = await asyncio.to_thread(look_up, self._casebook, link, self._clock())
            return _refused(link, asked, refusal, HTTPStatus.CONFLICT)
        recorded = await asyncio.to_thread(receipt_of, self._casebook, handle.contract, action.key)
        return page(
            "recorded.html.j2", HTTPStatus.OK,
            form=FORMS[link.action], contract=handle.contract, recorded=recorded,
            reference=_reference(link),
        )  # fmt: skip

    def _wall_clock(self, contract: str, at: datetime) -> Moment:
        return Moment.on(self._casebook.watch(contract).calendar, at)


async def _sent(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = await read_body(request, _LONGEST_BODY)
    try:
        return fields(body)
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None


def _key(token: str, sent: Mapping[str, str], filled: Filled) -> str:
    """One key for one answer, however often it is sent; another once something is corrected."""
    day = filled.delivered and filled.delivered.isoformat()
    said = json.dumps([token, sent.get("shown"), filled.note, day])
    return f"link:{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def _form(
    link: Link, asked: Asked, kept: Mapping[str, str], errors: Mapping[str, str], status: HTTPStatus
) -> Response:
    return page(
        "answer.html.j2", status,
        form=FORMS[link.action], needs=ACTIONS[link.action].needs, reference=_reference(link),
        asked=asked, kept=kept, errors=errors,
    )  # fmt: skip


def _refused(link: Link, asked: Asked, refusal: ActionRefused, status: HTTPStatus) -> Response:
    return page(
        "refused.html.j2", status,
        form=FORMS[link.action], reference=_reference(link), asked=asked, refusal=refusal,
    )  # fmt: skip


def _reference(link: Link) -> str:
    return f"{link.handle.contract}/{link.handle.stream}"
