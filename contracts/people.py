"""Checking who is named: owners, approvers, roles, deputies, and whether somebody is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.circles import circles
from contracts.house import Terms
from contracts.kinds import Placed, Sheet
from contracts.source import Problem, problem
from contracts.words import suggestion
from ladders.contract import APPROVER, OWNER


def check(terms: Terms) -> Iterator[Problem]:
    """Everything wrong with the people of a contract and its house."""
    yield from check_list(terms)
    for name in (OWNER, APPROVER):
        if not terms.is_mentioned(name):
            what = f"nobody is the contract's {name}"
            yield problem(terms.own.place(name), what, f"add '{name}: name@company.example'")
    people = terms.people()
    if people:
        yield from _unknown(terms, people)


def check_list(terms: Terms) -> Iterator[Problem]:
    """What is wrong with the list of people by itself."""
    for sheet in terms.sheets:
        yield from _listed_twice(sheet)
    yield from _deputies(terms.people())


def references(terms: Terms) -> Iterator[tuple[str, Placed]]:
    """Every person named directly, with the part in which they are."""
    yield from terms.roles().items()
    for entry in terms.own.get("milestones") or ():
        if entry.value.get("owner"):
            yield OWNER, Placed(entry.value.get("owner"), entry.value.place("owner"))


def _listed_twice(sheet: Sheet) -> Iterator[Problem]:
    lines: dict[str, int] = {}
    for entry in sheet.get("people") or ():
        address = entry.value.get("email") or ""
        place = entry.value.place("email")
        if address and address.lower() in lines:
            what = f"{address} is listed twice, first on line {lines[address.lower()]}"
            yield problem(place, what, "put both together")
        lines.setdefault(address.lower(), place.line)


def _unknown(terms: Terms, people: Mapping[str, Sheet]) -> Iterator[Problem]:
    for part, placed in references(terms):
        if placed.value.lower() not in people:
            what = f"unknown {part} {placed.value}: nobody listed under people has this address"
            yield problem(placed.place, what, suggestion(placed.value.lower(), people))


def _deputies(people: Mapping[str, Sheet]) -> Iterator[Problem]:
    named = {address: sheet.get("deputies") or () for address, sheet in people.items()}
    for deputy in (deputy for deputies in named.values() for deputy in deputies):
        if deputy.value.lower() not in people:
            what = f"unknown deputy {deputy.value}: nobody listed under people has this address"
            yield problem(deputy.place, what, suggestion(deputy.value.lower(), people))
    for circle in circles({who: [d.value.lower() for d in named[who]] for who in people}):
        place = next(d.place for d in named[circle[0]] if d.value.lower() == circle[1])
        what = f"deputies in a circle: {' -> '.join(circle)}"
        yield problem(place, what, "let one of them name somebody else")
