"""Ladders: read from their sheets, checked for shape, and those that are shipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from contracts.forms import LADDER
from contracts.kinds import Placed, Sheet
from contracts.source import Problem, parse, problem
from ladders.errors import HoldfastError
from ladders.ladder import Due, Ladder, Rung, faults
from ladders.prose import Prose
from ladders.values import Period


@cache
def shipped() -> Mapping[str, Ladder]:
    """The shipped ladders by id; raises HoldfastError where the installation is damaged."""
    folder = files("ladders") / "definitions"
    found = [_definition(file.name, file.read_text("utf-8")) for file in folder.iterdir()]
    return MappingProxyType({ladder.id: ladder for ladder in found})


def _definition(name: str, text: str) -> Ladder:
    node, problems = parse(text, name)
    sheet = LADDER.read(node, problems) if node else None
    if sheet:
        problems.extend(shape(sheet))
    if sheet is None or problems:
        raise HoldfastError(f"a shipped ladder is damaged: {problems[0]}", "install again")
    return ladder_of(sheet)


def ladder_of(sheet: Sheet) -> Ladder:
    """The ladder of a sheet without problems."""
    rungs = tuple(Rung.model_validate(entry.value.values) for entry in sheet.values["rungs"])
    return Ladder.model_validate({"version": 1, **sheet.values, "rungs": rungs})


def shape(sheet: Sheet) -> Iterator[Problem]:
    """What is wrong with the order, the days and the names of a ladder's rungs.

    A rung of which only something else cannot be read takes part, so that all is found at once.
    """
    entries: tuple[Placed, ...] = sheet.get("rungs") or ()
    walked = [entry.value for entry in entries if entry.value.get("day") is not None]
    rungs = tuple(_outline(index, rung) for index, rung in enumerate(walked))
    outline = Ladder(id="outline", version=1, situation=Prose("outline"), rungs=rungs)
    for fault in faults(outline):
        match fault.where:
            case (_, int(index), str(field)):
                yield problem(walked[index].place(field), fault.what, fault.remedy)
            case _ if sheet.get("rungs") and sheet.is_clean:
                yield problem(sheet.place("rungs"), fault.what, fault.remedy)


def _outline(index: int, sheet: Sheet) -> Rung:
    return Rung(
        id=sheet.get("id") or f"{index}.unnamed",
        day=sheet.values["day"],
        owner="outline",
        action=Prose("outline"),
        due=sheet.get("due") or Due(within=Period(count=1, unit="hours")),
    )
