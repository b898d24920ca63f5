"""Reading an Excel workbook: what its cells show, without running anything and within bounds."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from io import BytesIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from contracts.grid import Cell, Grid, Row, assembled, cell, unreadable

_SHEET = "contracts"
_MOST_ROWS = 1_048_576  # what a spreadsheet program itself can hold
_MAX_UNPACKED = 50 * 1024 * 1024
_DECIMALS = re.compile(r"0\.(0+)")


def read_workbook(content: bytes, file: str) -> Grid:
    """The grid of the sheet named 'contracts', or else of the first that is not hidden."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except BadZipFile:
        return unreadable(file, "this is not an Excel workbook", "save it as xlsx, or CSV UTF-8")
    if unpacked > _MAX_UNPACKED:
        what = f"unpacked, the workbook would take {unpacked} bytes"
        return unreadable(file, what, f"keep to {_MAX_UNPACKED}; a list of contracts is smaller")
    try:
        rows = [*_rows(content)]
    except Exception as error:  # noqa: BLE001
        # openpyxl raises whatever a damaged workbook makes it stumble over.
        what = f"the workbook is damaged: {type(error.__cause__ or error).__name__}"
        return unreadable(file, what, "open it, and save it anew as xlsx")
    return assembled(file, rows)


def _rows(content: bytes) -> Iterator[Row]:
    """The cells row by row, of the values and beside them of the formulas they came from."""
    with _sheet(content, data_only=True) as values, _sheet(content, data_only=False) as formulas:
        both = zip(_walk(values), _walk(formulas), strict=True)
        for number, (shown, typed) in enumerate(both, 1):
            pairs = enumerate(zip(shown, typed, strict=True), 1)
            found = (_cell(number, column, *pair) for column, pair in pairs)
            yield tuple(one for one in found if one)


def _walk(sheet: Any) -> Iterator[tuple[Any, ...]]:
    # A sheet may claim any size; what it holds is what counts.
    sheet.reset_dimensions()
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(max_row=_MOST_ROWS)
    return rows


@contextmanager
def _sheet(content: bytes, *, data_only: bool) -> Iterator[Any]:
    import openpyxl  # noqa: PLC0415  (takes a noticeable part of a second)

    with warnings.catch_warnings():
        # It warns of styles and extensions that it leaves out, none of which hold a contract.
        warnings.simplefilter("ignore", UserWarning)
        book = openpyxl.load_workbook(
            BytesIO(content), read_only=True, data_only=data_only, keep_links=False
        )
        named = [sheet for sheet in book.worksheets if sheet.title.strip().lower() == _SHEET]
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        try:
            yield next(iter(named or shown or book.worksheets))
        finally:
            book.close()


def _cell(row: int, column: int, shown: Any, typed: Any) -> Cell | None:
    value = shown.value
    if value is None:
        if typed.value is None or typed.data_type != "f":
            return None
        fault = "the formula has no stored result; save the file in Excel, or type the value"
        return Cell(row, column, fault, "fault")
    if shown.data_type == "e":
        return Cell(row, column, f"the cell shows the error {value}; correct it", "fault")
    if isinstance(value, date) and not (isinstance(value, datetime) and value.time() != time(0)):
        return Cell(row, column, f"{value:%Y-%m-%d}", "day")
    return cell(row, column, _text(value, shown.number_format))


def _text(value: object, shown_as: str) -> str:
    """What the cell shows: ``6.10`` of a number that is shown with two decimals."""
    match value:
        case time():
            return f"{value:%H:%M}"
        case int() | float() if decimals := _DECIMALS.fullmatch(shown_as):
            return f"{value:.{len(decimals[1])}f}"
        case float() if value.is_integer():
            return f"{value:.0f}"
        case _:
            return str(value)
