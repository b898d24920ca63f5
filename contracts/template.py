"""The empty spreadsheet that people fill in: headings, an example, and what each column means."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from contracts.columns import DUE_COLUMN, NEEDED, columns
from contracts.kinds import Choice

_EXAMPLE = (
    {
        "contract": "EXAMPLE-1",
        "supplier": "Example Castings",
        "notices": "notices@castings.example",
        "law": "DE",
        "owner": "owner@company.example",
        "approver": "approver@company.example",
        "milestone": "tooling",
        "title": "Tool at the supplier",
        "due": "2027-03-01",
        "clause": "6.1",
    },
    {
        "contract": "EXAMPLE-1",
        "milestone": "ppap",
        "due": "9 weeks after tooling",
        "clause": "6.2",
        "damages": "0.5% of 400000 EUR per started week, cap 5%",
        "cure": "30 days",
    },
)
_MEANINGS = ("column", "needed", "what it holds", "for example")
_SHARED = ("owner", "approver", "zone", "calendar")
_WIDTHS = (18, 30, 80, 46)


def template_csv() -> bytes:
    """The template as CSV, with a byte-order mark, so that Excel takes it for UTF-8."""
    out = StringIO(newline="")
    csv.writer(out).writerows([[*columns()], *_example()])
    return out.getvalue().encode("utf-8-sig")


def template_workbook() -> bytes:
    """The template as a workbook: a sheet to fill in, and one that explains its columns."""
    book = Workbook()
    contracts = book.worksheets[0]
    contracts.title = "Contracts"
    for row in ([*columns()], *_example()):
        contracts.append(row)
    _prepare(contracts)
    meanings = book.create_sheet("Explanations")
    for row in ([*_MEANINGS], *_explanations()):
        meanings.append(row)
    for column, width in zip("ABCD", _WIDTHS, strict=True):
        meanings.column_dimensions[column].width = width
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _example() -> list[list[str]]:
    return [[values.get(name, "") for name in columns()] for values in _EXAMPLE]


def _explanations() -> list[list[str]]:
    return [
        [column.name, _needed(column.name, column.part), column.describe, column.example]
        for column in columns().values()
    ]


def _needed(name: str, part: str) -> str:
    if name in _SHARED:
        return "yes, unless house.yaml says it"
    if name in NEEDED:
        return "yes, in one row of the contract" if name == "supplier" else "yes, in each row"
    return "no" if part == "milestone" else "no; in one row of the contract, if at all"


def _prepare(sheet: Worksheet) -> None:
    """Texts stay what was typed: Excel would take clause 6.1 for a day in January."""
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns().values(), 1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = max(len(column.name) + 2, 14)
        sheet.column_dimensions[letter].number_format = (
            "yyyy-mm-dd" if column.name == DUE_COLUMN else "@"
        )
        if isinstance(column.kind, Choice):
            words = ",".join(column.kind.options)
            choices = DataValidation("list", formula1=f'"{words}"', allow_blank=True)
            choices.add(f"{letter}2:{letter}1048576")
            sheet.add_data_validation(choices)
