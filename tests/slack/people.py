"""The methods of ``users.*`` that concern people, and of ``files.*``."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.slack.arguments import text_of
from tests.slack.workspace import Workspace
from tests.slack.world import TEAM, Json, Refused, User


def shown_user(workspace: Workspace, user: User) -> Json:
    """A user as Slack describes them; without an address unless the app may read it."""
    profile: Json = {"real_name": user.name, "display_name": user.name, "team": user.team}
    if user.email and "users:read.email" in workspace.scopes:
        profile["email"] = user.email
    described: Json = {
        "id": user.id,
        "team_id": user.team,
        "name": handle_of(user),
        "deleted": user.deleted,
        "profile": profile,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": int(workspace.now()),
    }
    if not user.deleted:
        described |= _alive(user, datetime.fromtimestamp(workspace.now(), ZoneInfo(user.zone)))
    if user.stranger or user.team != TEAM:
        described["is_stranger"] = user.stranger
    return described


def _alive(user: User, at: datetime) -> Json:
    """What Slack says only of those who have not left, at a time in their zone."""
    offset = at.utcoffset()
    return {
        "real_name": user.name,
        "tz": user.zone,
        "tz_label": at.tzname(),
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": user.guest,
        "is_ultra_restricted": False,
    }


def handle_of(user: User) -> str:
    """The short name of a user."""
    return user.email.partition("@")[0] or user.name.lower()


def info(workspace: Workspace, arguments: Json) -> Json:
    """One user."""
    user = workspace.user(text_of(arguments, "user"))
    return {"user": shown_user(workspace, user)}


def look_up(workspace: Workspace, arguments: Json) -> Json:
    """The user with an e-mail address, if they are active and of this workspace."""
    wanted = text_of(arguments, "email").casefold()
    for user in workspace.users.values():
        if wanted and user.email.casefold() == wanted and not user.deleted and user.team == TEAM:
            return {"user": shown_user(workspace, user)}
    raise Refused("users_not_found")


def file_info(workspace: Workspace, arguments: Json) -> Json:
    """One file."""
    file = workspace.files.get(text_of(arguments, "file"))
    if file is None:
        raise Refused("file_not_found")
    if file.deleted:
        raise Refused("file_deleted")
    return {"file": workspace.file_view(file)}
