"""What a contract and its house say together: the contract's word first, then the house's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.kinds import Placed, Sheet
from contracts.source import Fields, Problem, problem

NAME = "house.yaml"
"""The file's name."""

_LEVELS = 3
_GROUPS = {
    "counting": ("zone", "calendar", "opens", "closing_time"),
    "roles": ("owner", "approver"),
}


def find(folder: Path) -> Path | None:
    """The house file beside a contract in ``folder``, or up to three folders above."""
    above = [Path(*[".."] * level) for level in range(_LEVELS + 1)]
    candidates = (Path(os.path.normpath(folder / way / NAME)) for way in above)
    return next((path for path in candidates if path.is_file()), None)


@dataclass(frozen=True)
class Terms:
    """The sheets that speak for a contract, the contract's own first."""

    sheets: tuple[Sheet, ...]

    @property
    def own(self) -> Sheet:
        """The contract's own sheet."""
        return self.sheets[0]

    def said(self, name: str) -> Iterator[Placed]:
        """Every readable value of a shared field, the one that counts first.

        What counts days may stand at the top of a file or under ``counting``; what a role may
        stand at the top or under ``roles``.
        """
        for sheet in self.sheets:
            if (value := sheet.get(name)) is not None:
                yield Placed(value, sheet.place(name))
            if (counting := sheet.get("counting")) and (value := counting.get(name)) is not None:
                yield Placed(value, counting.place(name))
            if role := (sheet.get("roles") or {}).get(name):
                yield role

    def first(self, name: str) -> Placed | None:
        """The value that counts."""
        return next(self.said(name), None)

    def is_mentioned(self, name: str) -> bool:
        """Whether a file has the field at all, readable or not."""
        return any(
            name in fields.entries
            for sheet in self.sheets
            for fields in (sheet.node, *(_group(sheet, group) for group in _GROUPS))
        )

    def people(self) -> dict[str, Sheet]:
        """The people by e-mail in lower case; a contract's word on a person adds to the house's."""
        found: dict[str, Sheet] = {}
        for sheet in reversed(self.sheets):
            for entry in sheet.get("people") or ():
                person: Sheet = entry.value
                if address := person.get("email"):
                    known = found.get(address.lower())
                    found[address.lower()] = person if known is None else _merged(person, known)
        return found

    def roles(self) -> dict[str, Placed]:
        """Who fills which role, by the word that counts."""
        found: dict[str, Placed] = {}
        for sheet in reversed(self.sheets):
            found |= sheet.get("roles") or {}
            found |= {
                name: Placed(sheet.get(name), sheet.place(name))
                for name in ("owner", "approver")
                if sheet.get(name)
            }
        return found


def said_twice(sheet: Sheet) -> Iterator[Problem]:
    """Where one file says the same thing at its top and in a group."""
    for group, names in _GROUPS.items():
        for name, key in _group(sheet, group).keys.items():
            if name in names and sheet.says(name):
                what = f"{name!r} is said here and on line {sheet.place(name).line}"
                yield problem(key, what, "keep one of them")


def _group(sheet: Sheet, name: str) -> Fields:
    node = sheet.node.entries.get(name)
    return node if isinstance(node, Fields) else Fields(sheet.place(name), {}, {})


def _merged(over: Sheet, under: Sheet) -> Sheet:
    return Sheet(over.node, {**under.values, **over.values}, over.is_clean and under.is_clean)
