"""Resolving due dates, some of which are said as days after another milestone's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from graphlib import TopologicalSorter

from contracts.circles import circles
from contracts.kinds import Sheet
from contracts.source import Problem, problem
from contracts.words import After, Unreadable, ahead, suggestion


def due_dates(own: Sheet) -> tuple[list[date | None], list[Problem]]:
    """The due date of each milestone, None where it has none, and why it has none."""
    sheets = _by_id(own)
    named = {
        name: [due.milestone] if isinstance(due := sheet.get("due"), After) else []
        for name, sheet in sheets.items()
    }
    problems = list(_unknown(sheets))
    in_circles: set[str] = set()
    for circle in circles(named):
        in_circles.update(circle)
        what = f"due dates in a circle: {' after '.join(circle)}"
        place = sheets[circle[0]].place("due")
        problems.append(problem(place, what, "write a date for one of them"))
    straight = {name: others for name, others in named.items() if name not in in_circles}
    found: dict[str, date] = {}
    for name in TopologicalSorter(straight).static_order():
        if name in straight:
            problems.extend(_resolve(sheets[name], name, found))
    return [
        _own_date(entry.value, sheets, found) for entry in own.get("milestones") or ()
    ], problems


def _own_date(sheet: Sheet, sheets: dict[str, Sheet], found: dict[str, date]) -> date | None:
    """The date of a milestone, which may bear an id that another bore before."""
    due, name = sheet.get("due"), sheet.get("id")
    if isinstance(due, date):
        return due
    return found.get(name) if sheets.get(name) is sheet else None


def _by_id(own: Sheet) -> dict[str, Sheet]:
    found: dict[str, Sheet] = {}
    for entry in own.get("milestones") or ():
        if name := entry.value.get("id"):
            found.setdefault(name, entry.value)
    return found


def _unknown(sheets: dict[str, Sheet]) -> Iterator[Problem]:
    for sheet in sheets.values():
        due = sheet.get("due")
        if isinstance(due, After) and due.milestone not in sheets:
            what = f"unknown milestone {due.milestone!r}"
            yield problem(sheet.place("due"), what, suggestion(due.milestone, sheets))


def _resolve(sheet: Sheet, name: str, found: dict[str, date]) -> Iterator[Problem]:
    due = sheet.get("due")
    if isinstance(due, date):
        found[name] = due
    elif isinstance(due, After) and due.milestone in found:
        try:
            found[name] = ahead(found[due.milestone], due.days)
        except Unreadable as error:
            yield problem(sheet.place("due"), error.what, error.remedy)
