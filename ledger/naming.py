"""Who a pseudonym is, as far as a reader may still see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from ladders.amending import named_in
from ladders.contract import Person
from ladders.entries import ENGINE, ROOM, Entry, Names
from ledger import identities
from ledger.private import ERASED

ENGINE_NAME = "Holdfast"
ROOM_NAME = "the contract's channel"


def naming(opened: Iterable[Entry], identity_of: Callable[[str], str | None]) -> Names:
    """Names for the people of a contract, from its ``opened`` entries.

    Whoever stands on none of them is shown by the identity behind the pseudonym, and whoever was
    erased by the pseudonym, as ``person p-… (erased)``.
    """
    people = _people(opened)

    @cache
    def name(ref: str) -> str:
        if ref == ENGINE:
            return ENGINE_NAME
        if ref == ROOM:
            return ROOM_NAME
        person = people.get(ref)
        known = () if person is None else (person.name, person.email)
        shown = next((text for text in known if text not in {None, ERASED}), None)
        return shown or identities.shown(identity_of(ref) or f"person {ref} (erased)")

    return name


def _people(opened: Iterable[Entry]) -> dict[str, Person]:
    return {person.id: person for entry in opened for person in named_in(entry)}
