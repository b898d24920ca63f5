"""The stand that tests of pages act from: the stage, with a real server in front of its desk."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx

from channels.message import Handle
from desk.door import PATIENCE, Desk
from desk.links import Links
from ladders.events import ActionName
from ladders.requirements import about
from tests.stage import CONTRACT, Stage
from web.answering import answer_routes
from web.app import create_app
from web.serving import listening

KEY = "for tests, and long enough to be one"
_ELSEWHERE = "https://holdfast.ardent.example"


@dataclass
class Stand:
    """What a test opens pages with."""

    stage: Stage
    links: Links
    http: httpx.AsyncClient

    def link(
        self, name: ActionName, who: str, rung: str | None = None, asked: str | None = None
    ) -> str:
        """The path of a link for somebody, as a message of now would carry it."""
        state = self.stage.state()
        handle = Handle(
            contract=CONTRACT,
            stream=state.stream,
            rung=rung,
            about=asked or about(state, name, rung),
        )
        return self.links.make(self.stage.person(who), handle, name).removeprefix(_ELSEWHERE)

    async def answer(self, path: str, **said: str) -> httpx.Response:
        """Open a link, fill its form in and send it."""
        shown = await self.http.get(path)
        hidden = re.search(r'name="shown" value="([^"]*)"', shown.text)
        assert hidden, shown.text
        return await self.http.post(path, data={"shown": hidden[1], **said})


@asynccontextmanager
async def standing(stage: Stage, patience: timedelta = PATIENCE) -> AsyncIterator[Stand]:
    """Serve the pages of ``stage`` on a free port; its desk has ``patience`` with Temporal."""
    office, clock = stage.office, stage.virtual.clock
    desk = Desk(stage.client, office.casebook, office.inbox, clock, patience)
    links = Links(KEY, _ELSEWHERE, clock)
    app = create_app(answer_routes(desk, office.casebook, links, clock))
    async with (
        listening(app, "127.0.0.1", 0) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http,
    ):
        yield Stand(stage, links, http)
