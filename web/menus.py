"""Menus: what somebody may do on a ladder at present, and the modal in which they choose."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple, get_args

from slack_sdk.models.views import View

from channels.answers import ANSWERS
from channels.blocks import plain
from channels.message import Handle
from ladders.actions import ACTIONS, permit
from ladders.administration import permit_instruction
from ladders.entries import Doer
from ladders.errors import ActionRefused, HoldfastError
from ladders.events import Action, ActionName
from ladders.instructions import INSTRUCTIONS, Instruction, Resume, Toll
from ladders.people import open_rungs
from ladders.prose import Prose
from ladders.requirements import about
from ladders.values import Ref
from web.blocks import choice_input, option, paragraphs
from web.modals import FORMS, Scene, heading
from web.payloads import MENU, Carried

_NAMES: tuple[ActionName, ...] = get_args(ActionName)
_RUNGS: tuple[ActionName, ...] = ("acknowledge", "complete")
"""What is done about one rung, which has to be named."""

_EXPLAINED = {
    "note": ANSWERS["note"].meaning,
    "resume": "deadlines move by the days that did not count",
}
"""What those mean whose titles only repeat the table's own words."""

_TITLE = 24


class Choice(NamedTuple):
    """Something that somebody may do: an action's or an instruction's name, about which rung."""

    name: str
    rung: Ref | None = None

    def __str__(self) -> str:
        """Return how a modal carries it."""
        return self.name if self.rung is None else f"{self.name}:{self.rung}"


def refusal(scene: Scene, name: ActionName, by: Doer, handle: Handle) -> ActionRefused | None:
    """Why ``by`` may not do ``name`` now, as the ledger has it; None if they may.

    What a form would bring is taken as given.
    """
    try:
        permit(scene.state, _tried(scene, name, by, handle), scene.now)
    except ActionRefused as refused:
        return refused
    return None


def attempt(scene: Scene, key: str, name: ActionName, by: Doer, handle: Handle) -> Action:
    """What somebody has tried by opening a form, for the record.

    It is about nothing that is ever asked: should it be sent on, it is refused again.
    """
    tried = _tried(scene, name, by, handle)
    blank = {"note": None, "delivered": None, "about": "a form that was refused"}
    return tried.model_copy(update={"key": key, **blank})


def _tried(scene: Scene, name: ActionName, by: Doer, handle: Handle) -> Action:
    return Action(
        key="tried",
        name=name,
        by=by,
        received_at=scene.now,
        rung=rung_of(name, handle),
        note=Prose("-"),
        delivered=scene.today,
        about=handle.about,
    )


def rung_of(name: str, handle: Handle) -> Ref | None:
    """The rung that an answer is about; the others are about the ladder as a whole."""
    return handle.rung if name in _RUNGS else None


def choices(scene: Scene, by: Doer) -> Iterator[Choice]:
    """Everything that ``by`` may do on the ladder now, and to stop time for its contract."""
    for choice in _thinkable(scene):
        if choice.name in ACTIONS and _may(scene, choice, by):
            yield choice
    if _may_instruct(scene, by, Toll(event="tried", since=scene.today)):
        yield Choice("toll")
    if any(_may_instruct(scene, by, request) for request in _resumptions(scene)):
        yield Choice("resume")


def _resumptions(scene: Scene) -> Iterator[Resume]:
    """How every event that stops time could end, at the earliest."""
    for event, since in scene.stopped.items():
        yield Resume(event=event, on=max(scene.today, since + timedelta(days=1)))


def _thinkable(scene: Scene) -> Iterator[Choice]:
    for name in _NAMES:
        if name not in _RUNGS:
            yield Choice(name)
            continue
        if name == "acknowledge" and scene.state.phase == "watching":
            yield Choice(name)
        yield from (Choice(name, rung) for rung in open_rungs(scene.state))


def _may(scene: Scene, choice: Choice, by: Doer) -> bool:
    name = next(each for each in _NAMES if each == choice.name)
    handle = Handle(contract=scene.state.contract, stream=scene.state.stream, rung=choice.rung)
    try:
        return refusal(scene, name, by, handle) is None
    except HoldfastError:
        return False


def _may_instruct(scene: Scene, by: Doer, request: Toll | Resume) -> bool:
    instruction = Instruction(key="tried", by=by, received_at=scene.now, request=request)
    try:
        permit_instruction(scene.watch, instruction, scene.now)
    except HoldfastError:
        return False
    return True


def menu(scene: Scene, carried: Carried, offered: list[Choice]) -> View:
    """The modal in which one of ``offered`` is chosen; there must be one."""
    options = [option(str(choice), _label(choice, offered), _meaning(choice)) for choice in offered]
    return View(
        type="modal",
        callback_id=MENU,
        private_metadata=str(carried),
        title=plain("More you may do", _TITLE),
        submit=plain("Continue", _TITLE),
        close=plain("Cancel", _TITLE),
        blocks=[paragraphs([heading(scene)]), choice_input("choice", "What to do", "", options)],
    )


def chosen(scene: Scene, carried: Carried, value: str) -> Carried | None:
    """What the form of the chosen answer carries; None if there is no such answer."""
    name, _, rung = value.partition(":")
    if name not in FORMS:
        return None
    action = next((each for each in _NAMES if each == name), None)
    handle = Handle(
        contract=carried.handle.contract,
        stream=carried.handle.stream,
        rung=rung or None,
        about=None if action is None else about(scene.state, action, rung or None),
    )
    return carried.model_copy(update={"action": name, "handle": handle})


def _label(choice: Choice, offered: list[Choice]) -> str:
    title = FORMS[choice.name].title
    several = sum(each.name == choice.name for each in offered) > 1
    return f"{title}: rung {choice.rung}" if several and choice.rung else title


def _meaning(choice: Choice) -> str:
    if choice.name in _EXPLAINED:
        return _EXPLAINED[choice.name]
    if choice.name in INSTRUCTIONS and choice.name not in ACTIONS:
        return INSTRUCTIONS[choice.name].summary
    return next(rule.summary for name, rule in ACTIONS.items() if name == choice.name)
