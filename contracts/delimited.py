"""Reading a CSV file: commas, semicolons or tabs, with a byte-order mark or without."""

from __future__ import annotations

import csv
from io import StringIO

from contracts.grid import Grid, Row, assembled, cell, unreadable

_DELIMITERS = ",;\t"


def read_delimited(content: bytes, file: str) -> Grid:
    """The grid of a CSV file. A row is what a spreadsheet program shows as one."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        return unreadable(file, "this is not UTF-8 text", "save it as 'CSV UTF-8', or xlsx", row)
    reader = csv.reader(StringIO(text, newline=""), _dialect(text), strict=True)
    try:
        rows = [_row(number, values) for number, values in enumerate(reader, 1)]
    except csv.Error as error:
        what = f"from here on this is no CSV: {error}"
        return unreadable(file, what, "close every quotation mark", reader.line_num)
    return assembled(file, rows)


def _dialect(text: str) -> type[csv.Dialect]:
    """The dialect of the heading; a single column has no delimiter to be found."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    try:
        found = csv.Sniffer().sniff(heading, _DELIMITERS)
    except csv.Error:
        return csv.excel
    found.doublequote, found.skipinitialspace = True, True
    return found


def _row(number: int, values: list[str]) -> Row:
    found = (cell(number, column, text) for column, text in enumerate(values, 1))
    return tuple(one for one in found if one)
