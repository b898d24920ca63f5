"""Dispatching: what becomes of a payload of Slack's, whichever way it came in.

The order is fixed: read it, open a form if one is needed, commit the request to the inbox, answer
Slack, and only then find out who sent it and wait for Temporal, and not for long.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Literal, NamedTuple

from channels.message import ChannelError, Handle
from desk.clickers import Clickers, Unidentified
from desk.door import Desk
from desk.office import Office
from ladders.entries import Doer
from ladders.errors import ActionRefused, HoldfastError
from ladders.events import Action, ActionName
from ledger.inbox import InboxRow
from web.doubles import Doubles
from web.entered import FieldErrors, Sender, action, instruction
from web.menus import attempt, choices, chosen, menu, refusal, rung_of
from web.modals import Scene, form
from web.outcomes import Outcomes
from web.parsing import MORE, Click, NotAPayload, action_named, clicks_in, parsing, submission_in
from web.payloads import MENU, Carried, Press, Submission
from web.saying import Said, refused, view
from web.telling import Teller

_LOG = logging.getLogger("holdfast.web")
_INSTRUCTIONS: tuple[Literal["toll", "resume"], ...] = ("toll", "resume")
_AT_ONCE: tuple[ActionName, ...] = ("acknowledge", "confirm")
"""Answers that need no form: a button that offers one has asked for confirmation, if need be."""
_FINISH_SECONDS = 5
_SLACKS_TURN = timedelta(seconds=2)
"""How long Slack may take to say who somebody is; it opens a form for 3 seconds after the press."""


class FormNotOpened(HoldfastError):
    """Slack did not open a form."""


class Reply(NamedTuple):
    """What Slack is answered; ``body`` is for modals alone."""

    status: HTTPStatus = HTTPStatus.OK
    body: dict[str, Any] | None = None


class Dispatcher:
    """Takes payloads, by HTTP and by Socket Mode alike."""

    def __init__(
        self, desk: Desk, office: Office, clickers: Clickers, teller: Teller, outcomes: Outcomes
    ) -> None:
        """Hand requests in at ``desk``, whose patience must be short: Slack's is 3 seconds."""
        self._desk = desk
        self._office = office
        self._clickers = clickers
        self._teller = teller
        self._outcomes = outcomes
        self._doubles = Doubles()
        self._afterwards: set[asyncio.Task[None]] = set()

    async def dispatch(self, payload: Mapping[str, Any]) -> Reply:
        """Do what a payload asks for; returns once that is safe, so that Slack can be answered.

        What it asks for counts from now on, however long it takes to be safe. Raises NotAPayload;
        and whatever keeps a request from being committed, of which Slack must not be told that all
        is well.
        """
        at = self._office.clock()
        match payload.get("type"):
            case "block_actions":
                return await self._pressed(clicks_in(payload, at))
            case "view_submission":
                return await self._submitted(*submission_in(payload), at)
            case _:
                # Slack's own kinds grow; a modal that was closed asks for nothing.
                return Reply()

    async def finish(self) -> None:
        """Wait, within bounds, until everybody who was answered has been told the outcome."""
        if self._afterwards:
            await asyncio.wait(self._afterwards, timeout=_FINISH_SECONDS)
        for task in self._afterwards:
            task.cancel()

    async def _pressed(self, clicks: list[Click]) -> Reply:
        for click in clicks:
            try:
                await self._answer_press(click)
            except HoldfastError as trouble:
                self._tell(click.press, refused(trouble, None))
        return Reply()

    async def _answer_press(self, click: Click) -> None:
        by = await asyncio.to_thread(self._clickers.sender, *click.press.member)
        name = click.name
        if name is None:
            await self._open_menu(click.press, click.handle, by)
        elif name in _AT_ONCE:
            await self._act(click, name, by)
        else:
            await self._open_form(click, name, by)

    async def _act(self, click: Click, name: ActionName, by: Doer) -> None:
        press, handle = click.press, click.handle
        request = Action(
            key=self._doubles.key(press, click.pressed),
            name=name,
            by=by,
            received_at=click.at,
            rung=rung_of(name, handle),
            about=handle.about,
        )
        row = await self._desk.take(handle.contract, handle.stream, request)
        self._afterwards_do(self._tell_outcome(press, self._outcomes.of(row, by)))

    async def _open_form(self, click: Click, name: ActionName, by: Doer) -> None:
        press, handle = click.press, click.handle
        scene = await asyncio.to_thread(self._scene, handle)
        against = None
        try:
            by = await self._clickers.doer(handle.contract, by, _SLACKS_TURN)
        except Unidentified:
            # Whether they may is told once they have sent it: Slack lets no form wait.
            _LOG.info("a form is opened for somebody whom Slack does not name at present")
        else:
            against = refusal(scene, name, by, handle)
        if against is None:
            await self._open(press, scene, _carried(press, handle, name))
            return
        tried = attempt(scene, press.key(click.pressed), name, by, handle)
        await self._desk.turn_away(handle.contract, handle.stream, tried, against)
        self._afterwards_do(self._tell_outcome(press, self._outcomes.against(handle, by, against)))

    async def _open_menu(self, press: Press, handle: Handle, by: Doer) -> None:
        scene = await asyncio.to_thread(self._scene, handle)
        try:
            by = await self._clickers.doer(handle.contract, by, _SLACKS_TURN)
        except Unidentified as unknown:
            what = "Slack does not say at present who you are, so what you may do is not known"
            remedy = "nothing was recorded; press the button again in a minute"
            raise FormNotOpened(what, remedy) from unknown
        offered = list(choices(scene, by))
        if offered:
            await self._open(press, scene, _carried(press, handle, MORE), offered)
            return
        what = f"there is nothing that you may do on {handle.stream} at present"
        against = ActionRefused(what, "look at its board for who is asked")
        self._afterwards_do(self._tell_outcome(press, self._outcomes.against(handle, by, against)))

    async def _open(
        self, press: Press, scene: Scene, carried: Carried, offered: list[Any] | None = None
    ) -> None:
        shown = form(scene, carried) if offered is None else menu(scene, carried, offered)
        try:
            await self._teller.open(press.trigger_id, shown)
        except ChannelError as trouble:
            what = f"Slack did not open the form: {trouble.code}"
            raise FormNotOpened(what, "nothing was recorded; press the button again") from None

    async def _submitted(self, sent: Submission, carried: Carried | None, at: datetime) -> Reply:
        if carried is None:
            return Reply()
        try:
            if sent.view.callback_id == MENU:
                return await self._chosen(sent, carried)
            return _page(*await self._sent(sent, carried, at))
        except FieldErrors as wrong:
            return _errors(sent, wrong)
        except HoldfastError as trouble:
            return _page(refused(trouble, None), None)

    async def _chosen(self, sent: Submission, carried: Carried) -> Reply:
        picked = sent.view.fields.get("choice")
        option = None if picked is None else picked.selected_option
        scene = await asyncio.to_thread(self._scene, carried.handle)
        with parsing():
            wanted = None if option is None else chosen(scene, carried, option.value)
        if wanted is None:
            raise FieldErrors({"choice": "Choose what to do."})
        scene = scene._replace(rung=wanted.handle.rung)
        return Reply(body={"response_action": "update", "view": form(scene, wanted).to_dict()})

    async def _sent(
        self, sent: Submission, carried: Carried, at: datetime
    ) -> tuple[Said, str | None]:
        by = await asyncio.to_thread(self._clickers.sender, *sent.member)
        # The same form, sent again: it was read before, and the world has gone on since.
        row = await asyncio.to_thread(self._office.inbox.find, sent.key)
        if row is None:
            row = await self._take(sent, carried, Sender(key=sent.key, by=by, received_at=at))
        said = await self._outcomes.of(row, by)
        return said, await self._teller.link(said)

    async def _take(self, sent: Submission, carried: Carried, sender: Sender) -> InboxRow:
        handle = carried.handle
        scene = await asyncio.to_thread(self._scene, handle)
        name = action_named(carried.action)
        if name is not None:
            request = action(carried, name, sent.view.fields, sender, scene)
            return await self._desk.take(handle.contract, handle.stream, request)
        for each in _INSTRUCTIONS:
            if carried.action == each:
                asked = instruction(each, sent.view.fields, sender, scene)
                return await self._desk.take_instruction(handle.contract, asked)
        raise NotAPayload(f"no form asks for {carried.action}", "nothing was recorded")

    def _scene(self, handle: Handle) -> Scene:
        book, private = self._office.casebook, self._office.private
        watch = book.watch(handle.contract)
        return Scene(
            terms=private.open(watch.contract),
            watch=watch,
            state=private.open(book.ladder(handle.contract, handle.stream)),
            now=self._office.clock(),
            names=book.names(handle.contract),
            rung=handle.rung,
        )

    async def _tell_outcome(self, press: Press, outcome: Coroutine[Any, Any, Said]) -> None:
        await self._teller.answer(press.response_url, press.user.id, await outcome)

    def _tell(self, press: Press, said: Said) -> None:
        self._afterwards_do(self._teller.answer(press.response_url, press.user.id, said))

    def _afterwards_do(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on with ``work`` once Slack is answered; what counts is in the inbox by then."""
        task = asyncio.create_task(_logged(work))
        self._afterwards.add(task)
        task.add_done_callback(self._afterwards.discard)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:  # noqa: BLE001
        # Nobody waits for this any more; the click itself is safe.
        _LOG.exception("somebody who clicked could not be told the outcome")


def _errors(sent: Submission, wrong: FieldErrors) -> Reply:
    """What is wrong, beside the fields; Slack takes no errors for fields that it does not show."""
    if set(wrong.errors) <= set(sent.view.fields):
        return Reply(body={"response_action": "errors", "errors": wrong.errors})
    return _page(refused(NotAPayload(str(wrong), "open the form again"), None), None)


def _page(said: Said, link: str | None) -> Reply:
    return Reply(body={"response_action": "update", "view": view(said, link)})


def _carried(press: Press, handle: Handle, name: str) -> Carried:
    where = press.container
    return Carried(action=name, handle=handle, channel=where.channel_id, ts=where.message_ts)
