"""A spreadsheet whose heading is understood: which column stands where."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.columns import NEEDED, Column, columns, heading
from contracts.grid import Cell, Grid, Row
from contracts.source import Place, Problem, problem
from contracts.words import suggestion


class Table:
    """A grid whose heading is understood: which column stands where."""

    def __init__(self, grid: Grid) -> None:
        """Understand the heading of ``grid``, which has one."""
        self.file = grid.file
        self.problems: list[Problem] = []
        self.places: dict[str, int] = {}
        self._known: dict[int, Column] = {}
        first, *self.rows = grid.rows
        for cell in first:
            self._head(cell)
        for name in NEEDED:
            if name not in self.places:
                place = self.place(first[0].row, name)
                self.problems.append(problem(place, f"there is no column {name!r}", "add it"))
        self.problems.extend(self._unnamed({cell.column for cell in first}))

    def _head(self, cell: Cell) -> None:
        name, place = heading(cell.text), Place(self.file, cell.row, cell.column, cell.text)
        if name not in columns():
            what = f"there is no column {cell.text!r} to be filled"
            self.problems.append(problem(place, what, suggestion(name, columns())))
        elif name in self.places:
            what = f"the column {name!r} stands here twice"
            self.problems.append(problem(place, what, "remove one of them"))
        else:
            self.places[name], self._known[cell.column] = cell.column, columns()[name]

    def _unnamed(self, headed: set[int]) -> Iterator[Problem]:
        outside = {c.column: c for row in reversed(self.rows) for c in row}
        for column in sorted(outside.keys() - headed):
            place = Place(self.file, outside[column].row, column, "")
            what = "something stands in a column without a heading"
            yield problem(place, what, "give the column a heading, or clear it")

    def named(self, row: Row) -> dict[str, Cell]:
        """The cells of a row by the names of their columns."""
        return {self._known[c.column].name: c for c in row if c.column in self._known}

    def place(self, row: int, name: str) -> Place:
        """Where the column of that name is in a row; column 0 where there is no such column."""
        return Place(self.file, row, self.places.get(name, 0), name)
