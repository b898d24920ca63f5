"""Slack's directory: which workspace a token opens, who is a member of it, what a channel is.

Every method asks Slack once, or page by page, and remembers nothing. All of them block, and raise
ChannelError where Slack does not answer or refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from channels.inert import one_line
from channels.message import Parked
from channels.slack_errors import in_our_terms
from ladders.errors import HoldfastError
from ladders.values import Value

_ID = re.compile(r"[CG][A-Z0-9]{7,}")
_PAGE = 200
_MINE = "public_channel,private_channel"
_PUBLIC = "public_channel"
_UNKNOWN_MEMBER = frozenset({"users_not_found", "user_not_found", "user_not_visible"})
_SHARED = ("is_ext_shared", "is_pending_ext_shared")
_UNFIT = {
    "deleted": "deactivated",
    "is_bot": "a bot",
    "is_stranger": "from another workspace",
    "is_ultra_restricted": "a guest",
    "is_restricted": "a guest",
}


class Unfit(HoldfastError):
    """Somebody in Slack's directory who cannot be asked anything: gone, a bot, a guest."""


class Team(Value):
    """The workspace that a token opens; ``bot`` is our own member id there.

    ``scopes`` are those that were granted to the token; None where Slack does not say.
    """

    id: str
    name: str
    url: str
    bot: str
    scopes: frozenset[str] | None


class Member(Value):
    """A member of a workspace. ``zone`` is the IANA time zone that the member has set.

    ``email`` is None where the token may not see it.
    """

    team: str
    id: str
    name: str
    zone: str | None = None
    email: str | None = None


class Room(Value):
    """A channel. ``is_member`` tells whether our bot is in it.

    ``is_shared_with_outsiders`` also where that was only proposed so far.
    """

    id: str
    name: str
    is_member: bool
    is_archived: bool
    is_shared_with_outsiders: bool


class SlackDirectory:
    """Reads the directory of the workspace that a client's token opens."""

    def __init__(self, client: WebClient) -> None:
        """Ask through this client. Raises ValueError if it would retry by itself."""
        if client.retry_handlers:
            raise ValueError("a Slack client that retries by itself; use slack_client()")
        self._client = client

    def team(self) -> Team:
        """The workspace, and what the token may do there."""
        with in_our_terms():
            answer = self._client.auth_test()
        said = {name.lower(): str(text) for name, text in answer.headers.items()}
        scopes = said.get("x-oauth-scopes")
        return Team(
            id=answer["team_id"],
            name=one_line(answer.get("team") or answer["team_id"]),
            url=answer.get("url") or "",
            bot=answer["user_id"],
            scopes=None if scopes is None else frozenset(re.findall(r"[^\s,]+", scopes)),
        )

    def member(self, email: str) -> Member | None:
        """The member with that e-mail address; None if there is none. Raises Unfit."""
        return _found(lambda: self._client.users_lookupByEmail(email=email))

    def info(self, member: str) -> Member | None:
        """The member with that id; None if there is none. Raises Unfit."""
        return _found(lambda: self._client.users_info(user=member))

    def room(self, channel: str) -> Room | None:
        """The channel of that id or name, with or without ``#``; None if it cannot be seen.

        A private channel can be seen only by a bot that was invited.
        """
        if _ID.fullmatch(channel):
            return self._room(channel)
        name = channel.removeprefix("#").lower()
        found = next((each for each in self._rooms() if each["name"] == name), None)
        return None if found is None else self._room(found["id"])

    def _room(self, channel: str) -> Room | None:
        try:
            with in_our_terms():
                found = self._client.conversations_info(channel=channel)["channel"]
        except Parked as refusal:
            if refusal.code == "channel_not_found":
                return None
            raise
        return Room(
            id=found["id"],
            name=one_line(found["name"]),
            is_member=bool(found.get("is_member")),
            is_archived=bool(found.get("is_archived")),
            is_shared_with_outsiders=any(found.get(flag) for flag in _SHARED),
        )

    def _rooms(self) -> Iterator[Mapping[str, Any]]:
        """The channels that the bot is in, then all that are public."""
        yield from _pages(self._client.users_conversations, _MINE)
        yield from _pages(self._client.conversations_list, _PUBLIC)


def _pages(ask: Callable[..., SlackResponse], types: str) -> Iterator[Mapping[str, Any]]:
    cursor: str | None = ""
    while cursor is not None:
        with in_our_terms():
            answer = ask(types=types, limit=_PAGE, cursor=cursor)
        yield from answer["channels"]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor") or None


def _found(ask: Callable[[], SlackResponse]) -> Member | None:
    try:
        with in_our_terms():
            return _member(ask()["user"])
    except Parked as refusal:
        if refusal.code in _UNKNOWN_MEMBER:
            return None
        raise


def _member(user: Mapping[str, Any]) -> Member:
    profile = user.get("profile") or {}
    said = (user.get("real_name"), profile.get("real_name"), user.get("name"), user["id"])
    name = one_line(next(filter(None, said)))
    unfit = next((words for flag, words in _UNFIT.items() if user.get(flag)), None)
    if unfit is not None:
        what = f"{name} ({user['id']}) is {unfit} in Slack"
        raise Unfit(what, "name somebody who is a full member of the workspace")
    return Member(
        team=user["team_id"],
        id=user["id"],
        name=name,
        zone=user.get("tz"),
        email=profile.get("email"),
    )
