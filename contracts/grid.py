"""A spreadsheet as texts in cells, whichever format it came in, bounded in every way."""

from __future__ import annotations

from typing import Literal, NamedTuple

from contracts.source import Place, Problem, problem

MAX_BYTES = 5 * 1024 * 1024
"""The largest spreadsheet that is read."""

MAX_ROWS = 5_000
MAX_COLUMNS = 200
"""How far down and to the right anything may stand."""

_LONGEST_CELL = 32_767  # what a spreadsheet program itself can hold


class Cell(NamedTuple):
    """A cell that holds something: row and column from 1, and its text without outer space.

    ``kind`` tells a day apart that the spreadsheet knows as one. The text of a ``fault`` is what
    is wrong and, after a semicolon, what to do.
    """

    row: int
    column: int
    text: str
    kind: Literal["text", "day", "fault"] = "text"


Row = tuple[Cell, ...]


class Grid(NamedTuple):
    """The rows that hold anything, the heading first; empty where ``problems`` say why."""

    file: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()


def unreadable(file: str, what: str, remedy: str, row: int = 1) -> Grid:
    """A grid of nothing but the reason."""
    return Grid(file, (), (problem(Place(file, row, 1, ""), what, remedy),))


def cell(row: int, column: int, text: str) -> Cell | None:
    """The cell of a text, or None where it is blank; no-break spaces count as spaces."""
    if len(text) > _LONGEST_CELL:
        fault = f"the cell holds {len(text)} characters; shorten it"
        return Cell(row, column, fault, "fault")
    plain = text.replace("\u00a0", " ").replace("\r\n", "\n").strip()
    return Cell(row, column, plain) if plain else None


def assembled(file: str, rows: list[Row]) -> Grid:
    """The grid of ``rows``, unless it is empty or something stands too far out."""
    cells = [cell for row in rows for cell in row]
    if not cells:
        return unreadable(file, "the spreadsheet is empty", "write one row for each milestone")
    far = next((c for c in cells if c.row > MAX_ROWS or c.column > MAX_COLUMNS), None)
    if far is not None:
        what = f"something stands beyond row {MAX_ROWS} or column {MAX_COLUMNS}"
        place = Place(file, far.row, far.column, "")
        return Grid(file, (), (problem(place, what, "clear it, or split the file"),))
    return Grid(file, tuple(row for row in rows if row))
