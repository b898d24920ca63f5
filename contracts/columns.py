"""The columns of a spreadsheet of contracts: the single-valued fields of the contract file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple

from contracts.forms import CONTRACT, EMAIL, MILESTONE
from contracts.kinds import Choice, Either, Form, Text
from contracts.shipped import shipped
from ladders.contract import APPROVER, OWNER

CONTRACT_COLUMN = "contract"
MILESTONE_COLUMN = "milestone"
DUE_COLUMN = "due"
MONEY_COLUMNS = ("price", "damages")
NEEDED = (CONTRACT_COLUMN, "supplier", MILESTONE_COLUMN, DUE_COLUMN)
"""The columns without which no contract can be read."""

Part = Literal["contract", "roles", "milestone"]

_RENAMED: Mapping[tuple[Part, str], str] = {
    ("contract", "title"): "contract_title",
    ("milestone", "id"): MILESTONE_COLUMN,
    ("milestone", "owner"): "milestone_owner",
}
_ITEM = re.compile(r"milestones\[\d+\]\.?")


class Column(NamedTuple):
    """A column: its heading, and the field of the contract file that it fills."""

    name: str
    part: Part
    field: str
    describe: str
    kind: Text | Choice

    @property
    def example(self) -> str:
        """A value it can hold."""
        if isinstance(self.kind, Choice):
            return " or ".join(self.kind.options)
        return self.kind.example


@cache
def columns() -> Mapping[str, Column]:
    """Every column by its name: those of the contract, the roles of ladders, the milestone's."""
    found = [*_of("contract", CONTRACT), *_roles(), *_of("milestone", MILESTONE)]
    return MappingProxyType({column.name: column for column in found})


def _of(part: Part, form: Form) -> Iterator[Column]:
    for name, field in form.fields.items():
        kind = field.kind.short if isinstance(field.kind, Either) else field.kind
        if isinstance(kind, Text | Choice):
            yield Column(_RENAMED.get((part, name), name), part, name, field.describe, kind)


def _roles() -> Iterator[Column]:
    """The roles that shipped ladders ask for beside owner and approver."""
    rungs = (rung for ladder in shipped().values() for rung in ladder.rungs)
    for role in sorted({rung.owner for rung in rungs} - {OWNER, APPROVER}):
        yield Column(role, "roles", role, f"who fills the role '{role}'", EMAIL)


def heading(text: str) -> str:
    """The name of a column as somebody may have written it: ``Past due`` is ``past_due``."""
    return re.sub(r"[\s_-]+", "_", text.strip().lower())


def column_of(path: str) -> str:
    """The column that fills a field of the contract file, such as ``milestones[2].due``."""
    part: Part = "contract"
    if match := _ITEM.match(path):
        part, path = "milestone", path[match.end() :]
    path = path.removeprefix("roles.")
    if path in ("", "milestones"):
        return MILESTONE_COLUMN if part == "milestone" or path else CONTRACT_COLUMN
    return _RENAMED.get((part, path), path)
