"""The API's dispatch: method, token, scope, faults, then the method itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tests.slack import chat, conversations, people, views
from tests.slack.arguments import text_of
from tests.slack.faults import Fault
from tests.slack.workspace import Workspace
from tests.slack.world import Call, Json, Refused

Handler = Callable[[Workspace, Json], Json]


class Method(NamedTuple):
    """What a method does and which scope it needs; None for none."""

    handle: Handler
    scope: Callable[[Workspace, Json], str | None]


@dataclass(frozen=True)
class Answer:
    """What goes back: ``body`` as JSON or, as text, as it is; None hangs up without an answer."""

    body: Json | str | None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def _needs(scope: str | None) -> Callable[[Workspace, Json], str | None]:
    return lambda _workspace, _arguments: scope


def _by_kind(right: str) -> Callable[[Workspace, Json], str | None]:
    """Channels, private channels and direct messages have scopes of their own."""

    def scope(workspace: Workspace, arguments: Json) -> str | None:
        channel = workspace.channels.get(text_of(arguments, "channel"))
        return f"{channel.kind if channel else 'channels'}:{right}"

    return scope


def _by_types(workspace: Workspace, arguments: Json) -> str | None:
    scopes = {"public_channel": "channels:read", "private_channel": "groups:read"}
    needed = sorted(scopes.get(each, "im:read") for each in conversations.wanted_types(arguments))
    return next((each for each in needed if each not in workspace.scopes), needed[0])


METHODS: dict[str, Method] = {
    "auth.test": Method(chat.auth_test, _needs(None)),
    "chat.postMessage": Method(chat.post_message, _needs("chat:write")),
    "chat.update": Method(chat.update, _needs("chat:write")),
    "chat.delete": Method(chat.delete, _needs("chat:write")),
    "chat.postEphemeral": Method(chat.post_ephemeral, _needs("chat:write")),
    "chat.getPermalink": Method(chat.get_permalink, _needs(None)),
    "conversations.open": Method(conversations.open_direct, _needs("im:write")),
    "conversations.info": Method(conversations.info, _by_kind("read")),
    "conversations.list": Method(conversations.list_all, _by_types),
    "conversations.members": Method(conversations.members, _by_kind("read")),
    "conversations.history": Method(conversations.history, _by_kind("history")),
    "conversations.replies": Method(conversations.replies, _by_kind("history")),
    "users.conversations": Method(conversations.list_own, _by_types),
    "users.info": Method(people.info, _needs("users:read")),
    "users.lookupByEmail": Method(people.look_up, _needs("users:read.email")),
    "files.info": Method(people.file_info, _needs("files:read")),
    "views.open": Method(views.open_view, _needs(None)),
    "views.push": Method(views.push_view, _needs(None)),
    "views.update": Method(views.update_view, _needs(None)),
}


def call(workspace: Workspace, method: str, token: str, arguments: Json) -> Answer:
    """Answer a call, and keep it among the calls."""
    with workspace.lock:
        answer, outcome = _answered(workspace, method, token, arguments)
        workspace.calls.append(Call(method, arguments, outcome))
        return answer


def _answered(workspace: Workspace, method: str, token: str, arguments: Json) -> tuple[Answer, str]:
    """The answer, and its name among the calls."""
    try:
        handler = _admitted(workspace, method, token, arguments)
        fault = _fault(workspace, method, arguments)
        if fault is not None:
            return _faulty(workspace, fault, handler, arguments)
        body = {"ok": True, **handler(workspace, arguments)}
        return Answer(body, headers=_granted(workspace, token)), "ok"
    except Refused as refusal:
        return refused(refusal), refusal.code


def _granted(workspace: Workspace, token: str) -> dict[str, str]:
    """The header by which Slack tells what a token may do."""
    scopes = workspace.scopes if token == workspace.token else {"connections:write"}
    return {"X-OAuth-Scopes": ",".join(sorted(scopes))}


def refused(refusal: Refused) -> Answer:
    """The answer that a refusal becomes."""
    more: Json = dict(refusal.more)
    body: Json = {"ok": False, "error": refusal.code, **more}
    if refusal.code == "ratelimited":
        return Answer(body, 429, {"Retry-After": str(body.pop("retry_after", 1))})
    return Answer(body)


def _admitted(workspace: Workspace, method: str, token: str, arguments: Json) -> Handler:
    """The method, if the token may call it. Raises Refused."""
    found = METHODS.get(method)
    if found is None and method != "apps.connections.open":
        raise Refused("unknown_method")
    if not token:
        raise Refused("not_authed")
    if token not in {workspace.token, workspace.app_token}:
        raise Refused("invalid_auth")
    if (token == workspace.app_token) != (method == "apps.connections.open"):
        raise Refused("not_allowed_token_type")
    if found is None:
        return lambda workspace, _arguments: {"url": workspace.socket_url()}
    needed = found.scope(workspace, arguments)
    if needed and needed not in workspace.scopes:
        provided = ",".join(sorted(workspace.scopes))
        raise Refused("missing_scope", needed=needed, provided=provided)
    return found.handle


def _fault(workspace: Workspace, method: str, arguments: Json) -> str | None:
    """A scripted failure, else one by seed; the first may be any error code of Slack's."""
    for scripted in workspace.scripted:
        if scripted[0] == method:
            workspace.scripted.remove(scripted)
            return scripted[1]
    about = _about(arguments)
    workspace.attempts[method, about] += 1
    return workspace.faults.of(method, about, workspace.attempts[method, about])


def _about(arguments: Json) -> str:
    """What tells a call from others by its meaning, so that faults do not hang on timing."""
    metadata: Any = arguments.get("metadata")
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    key = payload.get("key") if isinstance(payload, dict) else None
    return str(key or arguments.get("channel") or arguments.get("users") or "")


def _faulty(
    workspace: Workspace, fault: Fault | str, handler: Handler, arguments: Json
) -> tuple[Answer, str]:
    match fault:
        case "ratelimited":
            after = str(workspace.faults.retry_after)
            return Answer({"ok": False, "error": fault}, 429, {"Retry-After": after}), fault
        case "unavailable":
            return Answer("<html>upstream unavailable</html>", 503), fault
        case "refused":
            return Answer(None), fault
        case "lost":
            handler(workspace, arguments)
            return Answer(None), fault
        case "fatal":
            handler(workspace, arguments)
            return Answer({"ok": False, "error": "fatal_error"}), fault
    return Answer({"ok": False, "error": fault}), fault
