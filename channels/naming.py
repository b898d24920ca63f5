"""How people are shown in messages: by name, else by what else is known of them."""

from __future__ import annotations

from collections.abc import Callable

from ladders.contract import Contract
from ladders.entries import ENGINE, ROOM, Doer, Names
from ladders.prose import PersonRef

IdentityOf = Callable[[str], str | None]
"""Tells the identity behind a pseudonym: an e-mail address, ``os:user``, ``slack:team:member``."""


def unknown(_: str) -> str | None:
    """No identity at all, where there are no private rows to look it up in."""
    return None


def naming(terms: Contract, identity_of: IdentityOf = unknown) -> Names:
    """The names of the people of ``terms``; of whoever is not among them, what they are known by.

    Whoever is known by nothing is shown by pseudonym.
    """

    def name(ref: str) -> str:
        if ref == ENGINE:
            return "Holdfast"
        if ref == ROOM:
            return "the contract's channel"
        person = terms.person(PersonRef(ref))
        if person is not None:
            return str(person.name or person.email)
        identity = identity_of(ref)
        return ref if identity is None else described(identity)

    return name


def described(identity: str) -> str:
    """An identity in words: a user of the machine, a member of Slack, an e-mail address."""
    kind, _, rest = identity.partition(":")
    match kind:
        case "os" if rest:
            return f"{rest} at the command line"
        case "slack" if rest:
            return f"somebody in Slack ({rest.rpartition(':')[2].upper()})"
        case _:
            return identity


def who(by: Doer, names: Names) -> str:
    """Who did it, and for whom."""
    if by.on_behalf_of is None:
        return names(by.actor)
    return f"{names(by.actor)}, for {names(by.on_behalf_of)}"
