"""What Slack sends when somebody clicks, submits or closes: built from its own state."""

from __future__ import annotations

import copy

from tests.slack.kit.blocks import elements_of
from tests.slack.people import handle_of
from tests.slack.wording import shown
from tests.slack.workspace import Workspace
from tests.slack.world import APP, DOMAIN, TEAM, Channel, Json, Modal, Posted, User


def pressed(workspace: Workspace, user: User, message: Posted, action_id: str, at: float) -> Json:
    """A press of a button in a message. Fails if there is no such button."""
    block, button = found_button(message.blocks, action_id)
    channel = workspace.channels[message.channel]
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id}
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    return {
        "type": "block_actions",
        **_common(user),
        "container": {**container, "is_ephemeral": False},
        "trigger_id": workspace.new_trigger(user.id).id,
        "channel": _channel(channel),
        "message": copy.deepcopy(shown(message)),
        "state": {"values": {}},
        "response_url": workspace.new_response_url(user.id, channel.id, message.ts),
        "actions": [_action(block, button, at)],
    }


def pressed_in_view(
    workspace: Workspace, user: User, modal: Modal, action_id: str, at: float
) -> Json:
    """A press of a button in a modal. Fails if there is no such button."""
    block, button = found_button(modal.view["blocks"], action_id)
    return {
        "type": "block_actions",
        **_common(user),
        "container": {"type": "view", "view_id": modal.id},
        "trigger_id": workspace.new_trigger(user.id).id,
        "view": copy.deepcopy(modal.view),
        "actions": [_action(block, button, at)],
    }


def submitted(workspace: Workspace, user: User, modal: Modal, state: Json) -> Json:
    """A modal as it is submitted with what stands in its inputs."""
    view = copy.deepcopy(modal.view)
    view["state"] = {"values": state}
    return {
        "type": "view_submission",
        **_common(user),
        "trigger_id": workspace.new_trigger(user.id).id,
        "view": view,
        "response_urls": [],
    }


def closed(user: User, modal: Modal, *, cleared: bool) -> Json:
    """A modal as it is closed without being submitted."""
    view = copy.deepcopy(modal.view)
    return {"type": "view_closed", **_common(user), "view": view, "is_cleared": cleared}


def found_button(blocks: list[Json], action_id: str) -> tuple[Json, Json]:
    """The block and the button with this id. Fails if there is none."""
    offered = []
    for block in blocks:
        for element in elements_of(block):
            offered.append(element.get("action_id"))
            if element["type"] == "button" and element["action_id"] == action_id:
                return block, element
    raise AssertionError(f"there is no button {action_id!r} among {offered}")


def _common(user: User) -> Json:
    return {
        "team": {"id": user.team, "domain": DOMAIN if user.team == TEAM else "elsewhere"},
        "user": {
            "id": user.id,
            "username": handle_of(user),
            "name": handle_of(user),
            "team_id": user.team,
        },
        "api_app_id": APP,
        "token": "Shh_its_a_seekrit",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _channel(channel: Channel) -> Json:
    if channel.partner:
        return {"id": channel.id, "name": "directmessage"}
    return {"id": channel.id, "name": "privategroup" if channel.private else channel.name}


def _action(block: Json, button: Json, at: float) -> Json:
    named = ("action_id", "text", "value", "style", "url", "confirm")
    action = {name: copy.deepcopy(button[name]) for name in named if name in button}
    return {**action, "block_id": block["block_id"], "type": "button", "action_ts": f"{at:.6f}"}
