"""Dispatching: what becomes of a payload of Slack's, whichever way it came in.

The order is fixed: read it, know who sent it, open a form if one is needed, commit the request to
the inbox, answer Slack, and only then wait for Temporal, and not for long.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Mapping
from http import HTTPStatus
from typing import Any, Literal, NamedTuple, get_args

from pydantic import ValidationError

from channels.blocks import ACTION_PREFIX
from channels.message import ChannelError, Handle
from desk.door import Desk
from desk.office import Office
from ladders.entries import Doer
from ladders.errors import ActionRefused, HoldfastError
from ladders.events import Action, ActionName
from web.clickers import Clickers
from web.doubles import Doubles
from web.entered import FieldErrors, Sender, action, instruction
from web.menus import attempt, choices, chosen, menu, refusal, rung_of
from web.modals import Scene, form
from web.outcomes import Outcomes
from web.payloads import FORM, MENU, Carried, Press, Pressed, Submission
from web.saying import Said, refused, view
from web.telling import Teller

_LOG = logging.getLogger("holdfast.web")
_NAMES: tuple[ActionName, ...] = get_args(ActionName)
_INSTRUCTIONS: tuple[Literal["toll", "resume"], ...] = ("toll", "resume")
_AT_ONCE: tuple[ActionName, ...] = ("acknowledge", "confirm")
"""Answers that need no form: a button that offers one has asked for confirmation, if need be."""
_MORE = "more"
_FINISH_SECONDS = 5


class NotAPayload(HoldfastError):
    """Something that is signed by Slack, or says so, and has not the form of its payloads."""


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

        Raises NotAPayload; and whatever keeps a request from being committed, of which Slack must
        not be told that all is well.
        """
        try:
            match payload.get("type"):
                case "block_actions":
                    return await self._pressed(Press.model_validate(payload))
                case "view_submission":
                    return await self._submitted(Submission.model_validate(payload))
                case _:
                    # Slack's own kinds grow; a modal that was closed asks for nothing.
                    return Reply()
        except ValidationError as error:
            count = error.error_count()
            what = f"a payload of Slack's has {count} parts that cannot be read"
            raise NotAPayload(what, "nothing was recorded; press the button again") from None

    async def finish(self) -> None:
        """Wait, within bounds, until everybody who was answered has been told the outcome."""
        if self._afterwards:
            await asyncio.wait(self._afterwards, timeout=_FINISH_SECONDS)
        for task in self._afterwards:
            task.cancel()

    async def _pressed(self, press: Press) -> Reply:
        for pressed in press.actions:
            name = pressed.action_id.removeprefix(ACTION_PREFIX)
            known = pressed.action_id.startswith(ACTION_PREFIX) and name in (*_NAMES, _MORE)
            if not known:
                continue
            handle = Handle.model_validate_json(pressed.value)
            try:
                await self._answer_press(press, pressed, handle)
            except HoldfastError as trouble:
                self._tell(press, refused(trouble, None))
        return Reply()

    async def _answer_press(self, press: Press, pressed: Pressed, handle: Handle) -> None:
        by = await self._clickers.doer(*press.member, handle.contract)
        name = _action_named(pressed.action_id.removeprefix(ACTION_PREFIX))
        if name is None:
            await self._open_menu(press, handle, by)
        elif name in _AT_ONCE:
            await self._act(press, pressed, handle, name, by)
        else:
            await self._open_form(press, pressed, handle, name, by)

    async def _act(
        self, press: Press, pressed: Pressed, handle: Handle, name: ActionName, by: Doer
    ) -> None:
        request = Action(
            key=self._doubles.key(press, pressed),
            name=name,
            by=by,
            received_at=self._office.clock(),
            rung=rung_of(name, handle),
            about=handle.about,
        )
        row = await self._desk.take(handle.contract, handle.stream, request)
        self._afterwards_do(self._tell_outcome(press, self._outcomes.of(row, by)))

    async def _open_form(
        self, press: Press, pressed: Pressed, handle: Handle, name: ActionName, by: Doer
    ) -> None:
        scene = await asyncio.to_thread(self._scene, handle)
        against = refusal(scene, name, by, handle)
        if against is None:
            carried = _carried(press, handle, name)
            await self._open(press, scene, carried)
            return
        tried = attempt(scene, press.key(pressed), name, by, handle)
        await self._desk.turn_away(handle.contract, handle.stream, tried, against)
        self._afterwards_do(self._tell_outcome(press, self._outcomes.against(handle, by, against)))

    async def _open_menu(self, press: Press, handle: Handle, by: Doer) -> None:
        scene = await asyncio.to_thread(self._scene, handle)
        offered = list(choices(scene, by))
        if offered:
            await self._open(press, scene, _carried(press, handle, _MORE), offered)
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

    async def _submitted(self, sent: Submission) -> Reply:
        if sent.view.callback_id not in (FORM, MENU):
            return Reply()
        carried = Carried.model_validate_json(sent.view.private_metadata)
        try:
            if sent.view.callback_id == MENU:
                return await self._chosen(sent, carried)
            return _page(*await self._sent(sent, carried))
        except FieldErrors as wrong:
            return _errors(sent, wrong)
        except HoldfastError as trouble:
            return _page(refused(trouble, None), None)

    async def _chosen(self, sent: Submission, carried: Carried) -> Reply:
        picked = sent.view.fields.get("choice")
        option = None if picked is None else picked.selected_option
        scene = await asyncio.to_thread(self._scene, carried.handle)
        wanted = None if option is None else chosen(scene, carried, option.value)
        if wanted is None:
            raise FieldErrors({"choice": "Choose what to do."})
        scene = scene._replace(rung=wanted.handle.rung)
        return Reply(body={"response_action": "update", "view": form(scene, wanted).to_dict()})

    async def _sent(self, sent: Submission, carried: Carried) -> tuple[Said, str | None]:
        by = await self._clickers.doer(*sent.member, carried.handle.contract)
        # The same form, sent again: it was read before, and the world has gone on since.
        row = await asyncio.to_thread(self._office.inbox.find, sent.key)
        if row is None:
            row = await self._take(sent, carried, by)
        said = await self._outcomes.of(row, by)
        return said, await self._teller.link(said)

    async def _take(self, sent: Submission, carried: Carried, by: Doer) -> Any:
        handle = carried.handle
        scene = await asyncio.to_thread(self._scene, handle)
        sender = Sender(key=sent.key, by=by, received_at=self._office.clock())
        name = _action_named(carried.action)
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


def _action_named(name: str) -> ActionName | None:
    return next((each for each in _NAMES if each == name), None)
