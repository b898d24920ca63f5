"""The empty spreadsheet: what it holds, and that it can be filled in and read."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from contracts.columns import columns
from contracts.template import template_csv, template_workbook
from tests.contracts.sheets import imported, only


@pytest.mark.parametrize(
    ("name", "content"), [("a.xlsx", template_workbook()), ("a.csv", template_csv())]
)
def test_the_example_in_it_is_a_contract(tmp_path: Path, name: str, content: bytes) -> None:
    """Both forms hold the same one, beside a house file and nothing else."""
    (tmp_path / name).write_bytes(content)
    draft = only(imported(tmp_path / name))
    assert draft.text.startswith("contract: EXAMPLE-1\nsupplier: Example Castings\n")
    assert draft.reading.contract is not None
    assert [milestone.id for milestone in draft.reading.contract.milestones] == ["tooling", "ppap"]


def test_every_column_is_headed_and_explained() -> None:
    """Whoever fills it in needs no manual; Excel leaves texts alone, and offers the choices."""
    book = load_workbook(BytesIO(template_workbook()))
    contracts, meanings = book.worksheets
    assert [cell.value for cell in contracts[1]] == [*columns()]
    explained = [row[:1] + row[2:] for row in meanings.iter_rows(min_row=2, values_only=True)]
    assert explained == [(one.name, one.describe, one.example) for one in columns().values()]
    formats = {
        name: contracts.column_dimensions[get_column_letter(number)].number_format
        for number, name in enumerate(columns(), 1)
    }
    assert (formats["due"], formats["clause"]) == ("yyyy-mm-dd", "@")
    offered = {choice.formula1 for choice in contracts.data_validations.dataValidation}
    assert offered == {'"open,delivered"', '"excluded,applies"'}
