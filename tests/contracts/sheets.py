"""Spreadsheets for tests: rows of values, written as CSV or as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from openpyxl import Workbook

from contracts.importing import Draft, Drafts, read_spreadsheet
from tests.contracts.conftest import TODAY

HEAD = ("contract", "supplier", "owner", "approver", "milestone", "due", "clause")
ROW = ("KSS-1", "Kitano", "mira@ardent.example", "cpo@ardent.example", "tooling", "2026-10-01", "6")
HOUSE = "zone: Europe/Berlin\ncalendar: DE-BW\n"

Values = Sequence[object]


def workbook(path: Path, *rows: Values, title: str = "Contracts") -> Path:
    """Write rows into the one sheet of a workbook."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    book.save(path)
    return path


def imported(path: Path, today: date = TODAY) -> Drafts:
    """Read a spreadsheet, its contracts living in its own folder beside a house file."""
    (path.parent / "house.yaml").write_text(HOUSE, encoding="utf-8")
    return read_spreadsheet(path, folder=path.parent, today=today)


def only(found: Drafts) -> Draft:
    """The one contract of a spreadsheet in which nothing is wrong."""
    assert found.problems == ()
    (draft,) = found.drafts
    assert draft.problems == ()
    return draft


def told(found: Drafts) -> list[tuple[int, int, str, str]]:
    """Every problem: row, column, name of the column, and what is wrong."""
    everything = {*found.problems, *(one for draft in found.drafts for one in draft.problems)}
    return [(one.line, one.column, one.field, one.what) for one in sorted(everything)]
