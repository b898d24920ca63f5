"""Checks across the fields of a contract: dates, ladders, cure periods, and what is worth a remark.

People are checked in :mod:`contracts.people`, the shape of ladders in :mod:`contracts.shipped`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from contracts import people
from contracts.cure import cure_faults
from contracts.dates import due_dates
from contracts.house import Terms, said_twice
from contracts.kinds import Placed, Sheet
from contracts.shipped import ladder_of, shape, shipped
from contracts.source import Problem, problem
from contracts.words import suggestion
from ladders.contract import APPROVER, OWNER, Counting, Milestone
from ladders.ladder import LAST_DAY, Ladder
from ladders.values import Period

DEFAULT_LADDER: str = Milestone.model_fields["ladder"].default
"""The ladder of a milestone that names none."""


class Undecided(NamedTuple):
    """A milestone whose date has passed, without a word on what is so; and the problem of it."""

    milestone: str
    due: date
    problem: Problem


def check(terms: Terms, today: date | None) -> Iterator[Problem]:
    """Everything wrong across the fields of a contract and its house.

    ``today`` is local; None leaves out what is past.
    """
    for sheet in terms.sheets:
        yield from said_twice(sheet)
    yield from _counting(terms)
    yield from people.check(terms)
    yield from _ladders(terms.own)
    yield from _milestones(terms.own, today)
    if today is not None:
        yield from (found.problem for found in undecided(terms.own, today))
    yield from _authority(terms)
    yield from _cures(terms)


def _counting(terms: Terms) -> Iterator[Problem]:
    for name, example in (("zone", "Europe/Berlin"), ("calendar", "DE-BW")):
        if not terms.is_mentioned(name):
            what = f"neither the contract nor its house says the {name}"
            yield problem(terms.own.place(name), what, f"add for example '{name}: {example}'")


def counting(terms: Terms) -> Counting | None:
    """How days are counted; None where the zone or the calendar is not known."""
    said = {name: terms.first(name) for name in Counting.model_fields}
    values = {name: placed.value for name, placed in said.items() if placed}
    return Counting.model_validate(values) if {"zone", "calendar"} <= values.keys() else None


def milestones(own: Sheet) -> list[Sheet]:
    """The milestones that could be read."""
    return [entry.value for entry in own.get("milestones") or ()]


def _twice(entries: tuple[Placed, ...], of: str) -> Iterator[Problem]:
    lines: dict[str, int] = {}
    for entry in entries:
        name, place = entry.value.get("id"), entry.value.place("id")
        if name in lines:
            what = f"{of} id {name!r} is used twice, first on line {lines[name]}"
            yield problem(place, what, "rename one of them")
        elif name:
            lines[name] = place.line


def _ladders(own: Sheet) -> Iterator[Problem]:
    entries = own.get("ladders") or ()
    yield from _twice(entries, "ladder")
    for entry in entries:
        yield from shape(entry.value)


def known_ladders(own: Sheet) -> Mapping[str, Ladder | None]:
    """The ladders a milestone may name: shipped and own; None for one that cannot be read."""
    found: dict[str, Ladder | None] = dict(shipped())
    for entry in own.get("ladders") or ():
        sheet: Sheet = entry.value
        if sheet.get("id"):
            found[sheet.values["id"]] = _sound(sheet)
    return found


def _sound(sheet: Sheet) -> Ladder | None:
    return ladder_of(sheet) if sheet.is_clean and not any(shape(sheet)) else None


def _milestones(own: Sheet, today: date | None) -> Iterator[Problem]:
    yield from _twice(own.get("milestones") or (), "milestone")
    dates, unresolved = due_dates(own)
    yield from unresolved
    ladders = known_ladders(own)
    for sheet, due in zip(milestones(own), dates, strict=True):
        name = sheet.get("ladder")
        if name and name not in ladders:
            what = f"unknown ladder {name!r}"
            yield problem(sheet.place("ladder"), what, suggestion(name, ladders))
        if due is not None and today is not None:
            yield from _premature(sheet, due, today)
        yield from _windows(sheet)


def _windows(sheet: Sheet) -> Iterator[Problem]:
    for field in ("confirm_within", "respond_within"):
        window: Period | None = sheet.get(field)
        if window is not None and window.longest_days > LAST_DAY:
            what = f"{window} is longer than any ladder"
            remedy = f"choose a period of at most {LAST_DAY} days"
            yield problem(sheet.place(field), what, remedy)


def undecided(own: Sheet, today: date) -> Iterator[Undecided]:
    """The milestones of which somebody must say whether they were delivered, or are open."""
    dates, _ = due_dates(own)
    for sheet, due in zip(milestones(own), dates, strict=True):
        if due is not None and due < today and not sheet.says("past_due"):
            what = f"{due} has already passed, and nothing says what is so"
            remedy = "add 'past_due: open' or 'past_due: delivered', or correct the date"
            found = problem(sheet.place("due"), what, remedy)
            yield Undecided(sheet.get("id") or "", due, found)


def _premature(sheet: Sheet, due: date, today: date) -> Iterator[Problem]:
    if due >= today and sheet.says("past_due"):
        what = f"past_due is said of {due}, which has not passed yet"
        yield problem(sheet.place("past_due"), what, "remove the line, or correct the date")


def _authority(terms: Terms) -> Iterator[Problem]:
    filled = terms.roles().keys() | {OWNER, APPROVER}
    for placed in terms.own.get("authority") or ():
        if placed.value not in filled:
            what = f"nobody fills the role {placed.value!r} that has the authority"
            yield problem(placed.place, what, suggestion(placed.value, filled))


def _cures(terms: Terms) -> Iterator[Problem]:
    ladders = known_ladders(terms.own)
    profile = counting(terms)
    dates, _ = due_dates(terms.own)
    for sheet, due in zip(milestones(terms.own), dates, strict=True):
        ladder = ladders.get(sheet.get("ladder") or DEFAULT_LADDER)
        if sheet.get("cure") and ladder and profile and due:
            yield from cure_faults(sheet, due, ladder, profile)
