"""Identities: how somebody is shown who stands in no contract, by what a pseudonym stands for."""

from __future__ import annotations

_SLACK = "slack:"
"""What the identity begins with of whom no more is known than workspace and member id."""


def shown(identity: str) -> str:
    """``identity`` for a reader; whoever only Slack knows is named by their member id."""
    if not identity.startswith(_SLACK):
        return identity
    _, _, member = identity.removeprefix(_SLACK).partition(":")
    # Identities are kept in lower case; Slack writes its ids in upper case.
    return f"somebody in Slack ({member.upper()})"
