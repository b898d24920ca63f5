"""Who is there: a person or, while that one is away, whoever stands in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ladders.contract import Person
from ladders.prose import PersonRef


def present(people: Iterable[Person], ref: PersonRef, day: date) -> list[PersonRef]:
    """``ref``, unless away on the local ``day``: then the deputies, and theirs if they are away.

    Nobody where all of them are away.
    """
    known = {person.id: person for person in people}
    found, seen, asked = list[PersonRef](), {ref}, [ref]
    while asked:
        person = known.get(asked.pop(0))
        if person is None:
            continue
        if not person.is_away(day):
            found.append(person.id)
            continue
        fresh = [deputy for deputy in person.deputies if deputy not in seen]
        seen.update(fresh)
        asked += fresh
    return found
