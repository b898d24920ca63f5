"""What the author of a correct contract should know, though nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from contracts.checks import DEFAULT_LADDER, known_ladders, milestones
from contracts.house import Terms
from contracts.kinds import Sheet
from contracts.shipped import shipped
from contracts.source import Problem, problem
from ladders.ladder import Ladder


def remarks(terms: Terms) -> Iterator[Problem]:
    """What a correct contract's author should know, though nothing is wrong."""
    ladders = known_ladders(terms.own)
    used: dict[str, Sheet] = {}
    for sheet in milestones(terms.own):
        used.setdefault(sheet.get("ladder") or DEFAULT_LADDER, sheet)
        if not sheet.says("clause"):
            what = "no clause: rungs nag and escalate, no right is claimed"
            yield problem(sheet.place("clause"), what, "add 'clause' if the contract has one")
    yield from _vacant(terms, {ladders[name]: sheet for name, sheet in used.items()})
    for entry in terms.own.get("ladders") or ():
        name = entry.value.get("id")
        if name not in used:
            what = f"ladder {name!r} runs for no milestone"
            yield problem(entry.value.place("id"), what, "choose it with 'ladder', or remove it")
        if name in shipped() and ladders[name] != shipped()[name]:
            what = f"ladder {name!r} takes the place of the shipped one"
            yield problem(entry.value.place("id"), what, "rename it to have both")


def _vacant(terms: Terms, ladders: Mapping[Ladder | None, Sheet]) -> Iterator[Problem]:
    filled = set(terms.roles())
    for ladder, sheet in ladders.items():
        for rung in ladder.rungs if ladder else ():
            if rung.owner not in filled:
                filled.add(rung.owner)
                what = f"role {rung.owner!r} is filled by nobody: it climbs to the approver"
                remedy = f"add '{rung.owner}' under roles to change that"
                yield problem(sheet.place("ladder"), what, remedy)
