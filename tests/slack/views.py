"""The methods of ``views.*``, and what an answer to a submitted modal does."""

from __future__ import annotations

import copy
import json

from tests.slack import shapes
from tests.slack.arguments import text_of
from tests.slack.chat import explained
from tests.slack.wording import kept, kept_blocks
from tests.slack.workspace import Workspace
from tests.slack.world import APP, BOT, TEAM, Json, Modal, Refused, Trigger

TRIGGER_SECONDS = 3
_DEEPEST = 3
_LARGEST = 250_000


def open_view(workspace: Workspace, arguments: Json) -> Json:
    """Open a modal in answer to a click."""
    view = checked(arguments.get("view"))
    trigger = _exchanged(workspace, arguments)
    for modal in stack(workspace, trigger.user):
        modal.is_open = False
    return {"view": show(workspace, trigger.user, view, trigger.id).view}


def push_view(workspace: Workspace, arguments: Json) -> Json:
    """Put a modal on top of the one that was clicked in."""
    view = checked(arguments.get("view"))
    trigger = _exchanged(workspace, arguments)
    return {"view": push(workspace, trigger.user, view, trigger.id).view}


def update_view(workspace: Workspace, arguments: Json) -> Json:
    """Change an open modal."""
    view = checked(arguments.get("view"))
    modal = _open_modal(workspace, arguments)
    expected = arguments.get("hash")
    if expected and expected != modal.view["hash"]:
        raise Refused("hash_conflict")
    return {"view": replace(workspace, modal, view).view}


def _open_modal(workspace: Workspace, arguments: Json) -> Modal:
    view_id, external = text_of(arguments, "view_id"), text_of(arguments, "external_id")
    for modal in workspace.modals:
        if not modal.is_open:
            continue
        if view_id == modal.id or (external and external == modal.view["external_id"]):
            return modal
    raise Refused("not_found")


def _exchanged(workspace: Workspace, arguments: Json) -> Trigger:
    trigger = workspace.triggers.get(text_of(arguments, "trigger_id"))
    if trigger is None:
        raise Refused("invalid_trigger_id")
    if trigger.used:
        raise Refused("exchanged_trigger_id")
    if workspace.now() - trigger.made_at > TRIGGER_SECONDS:
        raise Refused("expired_trigger_id")
    trigger.used = True
    return trigger


def checked(view: object) -> Json:
    """A view that Slack would show. Raises Refused."""
    if not isinstance(view, dict):
        raise Refused("invalid_arguments", **explained(["view: must be a JSON object"]))
    if len(json.dumps(view).encode()) > _LARGEST:
        raise Refused("view_too_large")
    problems = shapes.check_view(view)
    if problems:
        raise Refused("invalid_arguments", **explained(problems))
    return view


def stack(workspace: Workspace, user: str) -> list[Modal]:
    """The modals that a user has open, the lowest first."""
    return [each for each in workspace.modals if each.user == user and each.is_open]


def show(workspace: Workspace, user: str, view: Json, trigger: str) -> Modal:
    """Put a view before a user, on top of what is open."""
    below = stack(workspace, user)
    view_id = f"V0{workspace.sign()}"
    modal = Modal(user, {"id": view_id}, trigger)
    modal.view |= {
        "root_view_id": below[0].id if below else view_id,
        "previous_view_id": below[-1].id if below else None,
    }
    modal.view |= _dressed(workspace, view)
    workspace.modals.append(modal)
    return modal


def push(workspace: Workspace, user: str, view: Json, trigger: str) -> Modal:
    """Put a view on top of those that a user has open. Raises Refused."""
    below = stack(workspace, user)
    if not below:
        raise Refused("not_found")
    if len(below) >= _DEEPEST:
        raise Refused("push_limit_reached")
    return show(workspace, user, view, trigger)


def replace(workspace: Workspace, modal: Modal, view: Json) -> Modal:
    """Put another view in an open one's place; it keeps its id."""
    modal.former.append(copy.deepcopy(modal.view))
    modal.view |= _dressed(workspace, view)
    return modal


def conclude(workspace: Workspace, modal: Modal, answer: Json, trigger: str) -> None:
    """Do to a submitted modal what the app answers. Fails where Slack would show an error."""
    modal.errors = {}
    match answer:
        case {"response_action": "errors", "errors": dict(errors)}:
            modal.errors = _checked_errors(modal, errors)
        case {"response_action": "update", "view": view}:
            replace(workspace, modal, _accepted(view))
        case {"response_action": "push", "view": view}:
            push(workspace, modal.user, _accepted(view), trigger)
        case {"response_action": "clear"}:
            for each in stack(workspace, modal.user):
                each.is_open = False
        case {}:
            assert not answer, f"Slack makes nothing of {answer}"
            modal.is_open = False


def _accepted(view: object) -> Json:
    problems = shapes.check_view(view)
    assert not problems, problems
    assert isinstance(view, dict)
    return view


def _checked_errors(modal: Modal, errors: Json) -> dict[str, str]:
    inputs = {each["block_id"] for each in modal.view["blocks"] if each["type"] == "input"}
    assert errors, "errors without an error"
    assert errors.keys() <= inputs, f"{sorted(errors)} are not all inputs of {sorted(inputs)}"
    assert all(isinstance(each, str) and each for each in errors.values())
    return dict(errors)


def _dressed(workspace: Workspace, view: Json) -> Json:
    """A view with all that Slack adds to it."""
    titles = {name: kept(view.get(name)) for name in ("title", "submit", "close")}
    return {
        "team_id": TEAM,
        "app_id": APP,
        "bot_id": BOT,
        "app_installed_team_id": TEAM,
        "type": view["type"],
        "blocks": kept_blocks(view["blocks"]),
        "private_metadata": view.get("private_metadata", ""),
        "callback_id": view.get("callback_id", ""),
        "external_id": view.get("external_id", ""),
        "clear_on_close": view.get("clear_on_close", False),
        "notify_on_close": view.get("notify_on_close", False),
        "hash": f"{int(workspace.now())}.{workspace.sign(8)}",
        "state": {"values": {}},
        **titles,
    }
