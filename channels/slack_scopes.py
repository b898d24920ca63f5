"""Which right of Slack's each call needs; the app's manifest asks for these and no others."""

from __future__ import annotations

_CHANNELS = frozenset({"channels:read", "groups:read"})
_HISTORY = frozenset({"channels:history", "groups:history", "im:history"})
_POST = frozenset({"chat:write"})
_NONE = frozenset[str]()

BOT_SCOPES: dict[str, frozenset[str]] = {
    "auth.test": _NONE,
    "chat.delete": _POST,
    "chat.getPermalink": _NONE,
    "chat.postEphemeral": _POST,
    "chat.postMessage": _POST,
    "chat.update": _POST,
    "conversations.history": _HISTORY,
    "conversations.info": _CHANNELS,
    "conversations.list": _CHANNELS,
    "conversations.open": frozenset({"im:write"}),
    "conversations.replies": _HISTORY,
    "files.info": frozenset({"files:read"}),
    "users.conversations": _CHANNELS,
    "users.info": frozenset({"users:read"}),
    "users.lookupByEmail": frozenset({"users:read", "users:read.email"}),
    "views.open": _NONE,
    "views.push": _NONE,
    "views.update": _NONE,
}
"""The methods that are called with the bot token. Files are downloaded with it as well, by the same
right as ``files.info``; a channel's kind decides which of several scopes Slack looks at."""

APP_SCOPES: dict[str, frozenset[str]] = {"apps.connections.open": frozenset({"connections:write"})}
"""The methods that are called with the app-level token of Socket Mode."""

SCOPES = frozenset[str]().union(*BOT_SCOPES.values())
"""All that the bot token must have been granted."""
