"""From the rows of a spreadsheet to contract files, or to everything that is wrong with them.

A row is a milestone. Its cells become fields as if they stood in a contract file, each placed
where its cell is, and are read by the code that reads contract files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from contracts.cases import Case, cases, file_name
from contracts.columns import CONTRACT_COLUMN, NEEDED, column_of
from contracts.delimited import read_delimited
from contracts.drafting import written
from contracts.forms import HOUSE
from contracts.grid import MAX_BYTES, Grid, unreadable
from contracts.reading import Reading, read_fields
from contracts.source import Place, Problem, problem
from contracts.table import Table
from contracts.workbook import read_workbook

_ELSEWHERE = "say it in house.yaml for all contracts, or add the column"
_ZIP, _OLD_EXCEL = b"PK", b"\xd0\xcf\x11\xe0"


class Draft(NamedTuple):
    """A contract as the spreadsheet has it: the file it will be, and what is wrong with it.

    ``place`` is where its first row names it ``reference``; that is empty where it does not.
    """

    reference: str
    place: Place
    text: str
    reading: Reading
    problems: tuple[Problem, ...]

    @property
    def name(self) -> str:
        """The name of its file."""
        return file_name(self.reference)


class Drafts(NamedTuple):
    """What a spreadsheet says. Nothing in it can be relied on while it has ``problems`` itself."""

    problems: tuple[Problem, ...]
    drafts: tuple[Draft, ...]


def read_spreadsheet(path: Path, *, folder: Path, today: date) -> Drafts:
    """Read the spreadsheet at ``path`` into contracts that are to live in ``folder``.

    ``today`` is the local date. Never raises for what the file holds. Of problems in it, line and
    column are those of the cell, and the field is the name of the column; column 0 is one that
    the spreadsheet does not have.
    """
    grid = _grid(path)
    if grid.problems:
        return Drafts(grid.problems, ())
    table = Table(grid)
    if CONTRACT_COLUMN not in table.places:
        return Drafts(tuple(table.problems), ())
    return Drafts(tuple(table.problems), tuple(_drafts(table, folder, today)))


def _grid(path: Path) -> Grid:
    file = str(path)
    try:
        with path.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        return unreadable(file, f"the file cannot be read: {error.strerror}", "check its name")
    if len(content) > MAX_BYTES:
        return unreadable(file, f"the file is larger than {MAX_BYTES} bytes", "split it")
    if content.startswith(_OLD_EXCEL):
        what = "this is a workbook of an old form, or one with a password"
        return unreadable(file, what, "save it as xlsx, without a password")
    return (read_workbook if content.startswith(_ZIP) else read_delimited)(content, file)


def _drafts(table: Table, folder: Path, today: date) -> Iterator[Draft]:
    for case in cases(table):
        node = case.node()
        text = written(node)
        reading = read_fields(node, text, file_name(case.reference), folder, today)
        found = {*case.problems, *_telling(table, case, reading.problems)}
        place = table.place(case.row, CONTRACT_COLUMN)
        yield Draft(case.reference, place, text, reading, tuple(sorted(found)))


def _telling(table: Table, case: Case, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems as of the spreadsheet: by column, and without what follows from others."""
    for found in problems:
        if found.file != table.file:
            yield found
            continue
        name = column_of(found.field)
        place = table.place(found.line, name)
        is_missing = name not in table.places
        if (found.line, name) in case.silent or (is_missing and name in NEEDED):
            continue
        remedy = _ELSEWHERE if is_missing and name in HOUSE.fields else found.remedy
        yield problem(place, found.what, remedy)
