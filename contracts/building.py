"""Putting a contract together from sheets without problems, every default filled in."""

from __future__ import annotations

from typing import Any

from contracts.checks import DEFAULT_LADDER, counting, known_ladders, milestones
from contracts.dates import due_dates
from contracts.house import Terms
from contracts.kinds import Sheet
from contracts.people import references
from ladders.contract import APPROVER, Contract, Document, Milestone, Person
from ladders.ladder import Ladder
from ladders.prose import PersonRef, Prose


def build(terms: Terms, document: Document | None) -> Contract:
    """The contract that ``terms``, found to be without problems, say."""
    people = _people(terms)
    own, ladders = terms.own, _ladders(terms.own)
    shared = {name: terms.first(name) for name in ("buyer", "slack_channel", "quiet_hours")}
    roles = {name: people[placed.value.lower()].id for name, placed in terms.roles().items()}
    wanted = {rung.owner for ladder in ladders for rung in ladder.rungs}
    authority = {"authority": tuple(placed.value for placed in own.get("authority") or ())}
    return Contract.model_validate(
        {
            **own.given("contract", "supplier", "title", "law", "cisg", "notices"),
            **{name: placed.value for name, placed in shared.items() if placed},
            **(authority if own.says("authority") else {}),
            "document": document,
            "counting": counting(terms),
            "people": tuple(people.values()),
            "roles": dict.fromkeys(sorted(wanted), roles[APPROVER]) | roles,
            "ladders": ladders,
            "milestones": _milestones(own, people),
        }
    )


def _people(terms: Terms) -> dict[str, Person]:
    """The people by e-mail in lower case; where none are listed, the addresses used."""
    listed = terms.people()
    if not listed:
        used = {placed.value.lower(): placed.value for _, placed in references(terms)}
        return {key: Person(id=PersonRef(ref), email=Prose(ref)) for key, ref in used.items()}
    refs = {key: PersonRef(sheet.values["email"]) for key, sheet in listed.items()}
    return {key: _person(sheet, refs) for key, sheet in listed.items()}


def _person(sheet: Sheet, refs: dict[str, PersonRef]) -> Person:
    email = sheet.values["email"]
    return Person.model_validate(
        {
            **sheet.given("name", "slack"),
            "id": refs[email.lower()],
            "email": Prose(email),
            "deputies": tuple(refs[d.value.lower()] for d in sheet.get("deputies") or ()),
            "absences": tuple(placed.value for placed in sheet.get("absences") or ()),
        }
    )


def _ladders(own: Sheet) -> tuple[Ladder, ...]:
    """The ladders that milestones run, in the order of the milestones."""
    known = known_ladders(own)
    used = dict.fromkeys(sheet.get("ladder") or DEFAULT_LADDER for sheet in milestones(own))
    return tuple(ladder for name in used if (ladder := known[name]) is not None)


def _milestones(own: Sheet, people: dict[str, Person]) -> tuple[Milestone, ...]:
    dates, _ = due_dates(own)
    found = []
    for sheet, due in zip(milestones(own), dates, strict=True):
        values: dict[str, Any] = {**sheet.values, "due": due}
        if owner := sheet.get("owner"):
            values["owner"] = people[owner.lower()].id
        found.append(Milestone.model_validate(values))
    return tuple(found)
