"""The rows of a spreadsheet, put together into contracts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from contracts.columns import (
    CONTRACT_COLUMN,
    DUE_COLUMN,
    MILESTONE_COLUMN,
    MONEY_COLUMNS,
    Column,
    Part,
    columns,
)
from contracts.grid import Cell
from contracts.house import NAME
from contracts.source import Fields, Node, Place, Problem, Scalar, Sequence, problem
from contracts.table import Table

_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_THOUSANDS = re.compile(r"\d\.\d{3}(?!\d)(?! ?%)")
_REPEAT = "write the contract's number into each of its rows"


def file_name(reference: str) -> str:
    """The name of the file of a contract."""
    return f"{reference.lower()}.yaml"


class Case:
    """The rows of one contract."""

    def __init__(self, table: Table, key: str, row: int, *, is_named: bool) -> None:
        """Begin with the first of them, at ``row``; ``key`` is its number, if it is named."""
        self.key = key
        self.reference = key if is_named else ""
        self.row = row
        self.problems: list[Problem] = []
        self.silent: set[tuple[int, str]] = set()
        """Cells of which all is said, so that nothing need be said of the blank they leave."""
        self._table = table
        self._shared: dict[str, Cell] = {}
        self._milestones: list[tuple[int, dict[str, Cell]]] = []

    def add(self, row: int, cells: Mapping[str, Cell]) -> None:
        """Take a further row."""
        own: dict[str, Cell] = {}
        for name, cell in cells.items():
            column = columns()[name]
            if fault := _fault(column, cell):
                self.blame(row, name, *fault)
            elif column.part == "milestone":
                own[name] = cell
            else:
                self._share(name, cell)
        self._milestones.append((row, own))

    def blame(self, row: int, name: str, what: str, remedy: str) -> None:
        """Add a problem; of that cell nothing else is worth saying."""
        self.problems.append(problem(self._table.place(row, name), what, remedy))
        self.silent.add((row, name))

    def says(self, name: str) -> str | None:
        """What its rows have said so far in a column of the contract."""
        return self._shared[name].text if name in self._shared else None

    def _share(self, name: str, cell: Cell) -> None:
        said = self._shared.setdefault(name, cell)
        if said.text != cell.text:
            what = f"{cell.text!r} contradicts {said.text!r} in row {said.row}"
            self.blame(cell.row, name, what, "keep one of them; one row of a contract is enough")

    def node(self) -> Fields:
        """The contract, each value at its cell."""
        entries = self._fields("contract", "", self._shared)
        if roles := self._fields("roles", "roles.", self._shared):
            entries["roles"] = self._group(roles, self.row, "roles")
        items = tuple(
            self._group(self._fields("milestone", path + ".", cells), row, path)
            for index, (row, cells) in enumerate(self._milestones)
            for path in (f"milestones[{index}]",)
        )
        place = self._table.place(self.row, MILESTONE_COLUMN)._replace(field="milestones")
        entries["milestones"] = Sequence(place, items)
        return self._group(entries, self.row, "")

    def _fields(self, part: Part, path: str, cells: Mapping[str, Cell]) -> dict[str, Node]:
        file = self._table.file
        return {
            column.field: Scalar(
                Place(file, cell.row, cell.column, path + column.field), _text(column, cell), "text"
            )
            for column in columns().values()
            if column.part == part and (cell := cells.get(column.name))
        }

    def _group(self, entries: dict[str, Node], row: int, path: str) -> Fields:
        place = Place(self._table.file, row, 1, path)
        return Fields(place, entries, {name: node.place for name, node in entries.items()})


def cases(table: Table) -> Iterable[Case]:
    """The contracts, in the order of their first rows."""
    found: dict[str, Case] = {}
    last: Case | None = None
    for row in table.rows:
        number, cells = row[0].row, table.named(row)
        named = cells.get(CONTRACT_COLUMN)
        key = named.text if named and named.kind == "text" else f"row {number}"
        if not named and last and _goes_on(last, cells):
            key = last.key
        if key not in found:
            found[key] = Case(table, key, number, is_named=key == (named and named.text))
            _check_name(found[key], found.values())
        last = found[key]
        if not named:
            last.blame(number, CONTRACT_COLUMN, "the row does not say its contract", _REPEAT)
        last.add(number, cells)
    return found.values()


def _goes_on(last: Case, cells: Mapping[str, Cell]) -> bool:
    """Whether a row without a contract may belong to the one above, as where cells are merged."""
    supplier = cells.get("supplier")
    return supplier is None or supplier.text == last.says("supplier")


def _check_name(case: Case, others: Iterable[Case]) -> None:
    """Two contracts must not become one file, nor one the house file."""
    same = next((other for other in others if other.key.lower() == case.key.lower()), case)
    if same is not case:
        what = f"{case.key!r} differs from {same.key!r} in row {same.row} only in case"
        case.blame(case.row, CONTRACT_COLUMN, what, "write both alike, or tell them further apart")
    if file_name(case.key) == NAME:
        what = f"a contract of that name would be written to {NAME}"
        case.blame(case.row, CONTRACT_COLUMN, what, "give it another number")


def _fault(column: Column, cell: Cell) -> tuple[str, str] | None:
    if cell.kind == "fault":
        what, _, remedy = cell.text.rpartition("; ")
        return what, remedy
    if cell.kind == "day" and column.name != DUE_COLUMN:
        what = f"the spreadsheet holds the date {cell.text} here, whatever was typed"
        return what, "format the column as text, then type the value again"
    if column.name in MONEY_COLUMNS and _THOUSANDS.search(cell.text):
        # Half of Europe writes thousands as the other half writes decimals.
        return f"{cell.text!r} may mean thousands or decimals", "write 400000 EUR, or 400.00 EUR"
    return None


def _text(column: Column, cell: Cell) -> str:
    """A date as German spreadsheets write it means only one thing; others are left to be read."""
    if column.name == DUE_COLUMN and (match := _DOTTED.fullmatch(cell.text)):
        return f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"
    return cell.text
