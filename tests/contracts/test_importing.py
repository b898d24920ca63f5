"""Spreadsheets of contracts: whatever programs make of them, and everything wrong at its cell."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from contracts.cases import file_name
from contracts.columns import column_of, columns, heading
from contracts.drafting import written
from contracts.grid import MAX_BYTES, MAX_COLUMNS, MAX_ROWS
from contracts.importing import read_spreadsheet
from contracts.reading import read_text
from contracts.source import Fields, Place, Scalar, parse
from tests.contracts.conftest import TODAY
from tests.contracts.sheets import HEAD, ROW, imported, only, told, workbook

CONTRACT = """\
contract: KSS-1
supplier: Kitano
owner: mira@ardent.example
approver: cpo@ardent.example
milestones:
  - id: tooling
    due: 2026-10-01
    clause: '6'
"""


def csv_file(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a CSV file."""
    path = folder / "contracts.csv"
    path.write_bytes(text.encode(encoding))
    return path


def lines(*rows: Sequence[object], by: str = ",") -> str:
    """Rows as CSV without any quotes."""
    return "".join(f"{by.join(str(value) for value in row)}\r\n" for row in rows)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (lines(HEAD, ROW), "utf-8"),
        (lines(HEAD, ROW, by=";"), "utf-8-sig"),
        (lines(HEAD, ROW, by="\t"), "utf-8"),
        (lines([name.upper() for name in HEAD], ROW), "utf-8"),
        (lines(HEAD, ROW).replace("\r\n", "\n"), "utf-8"),
        ("\r\n" + lines(HEAD) + ",,,,,,\r\n" + lines(ROW) + " , ,\t,,,,\r\n", "utf-8"),
        (lines(HEAD, [f" {value}\u00a0" for value in ROW]), "utf-8"),
        (lines(HEAD, ROW, by=";").replace("2026-10-01", "1.10.2026"), "utf-8-sig"),
        (lines(HEAD, ROW).replace("Kitano", '"Kitano"'), "utf-8"),
    ],
    ids=["comma", "german", "tab", "capitals", "unix", "blanks", "spaces", "dotted", "quoted"],
)
def test_one_contract_whichever_program_wrote_it(tmp_path: Path, text: str, encoding: str) -> None:
    """It is the file that a person would have written."""
    draft = only(imported(csv_file(tmp_path, text, encoding)))
    assert (draft.name, draft.text) == ("kss-1.yaml", CONTRACT)


@pytest.mark.parametrize("day", [date(2026, 10, 1), datetime(2026, 10, 1), "2026-10-01"])  # noqa: DTZ001
def test_a_workbook_says_the_same(tmp_path: Path, day: object) -> None:
    """A day as Excel keeps it, or as text; a number is the text that it shows."""
    path = workbook(tmp_path / "a.xlsx", HEAD, (*ROW[:5], day, 6))
    assert only(imported(path)).text == CONTRACT


@pytest.mark.parametrize(
    ("value", "shown_as", "text"),
    [
        (6.1, "General", "6.1"),
        (6.1, "0.00", "6.10"),
        (12.0, "General", "12"),
        (7, "0", "7"),
        ("6.10", "@", "6.10"),
        (time(17, 30), "hh:mm", "17:30"),
    ],
)
def test_a_cell_says_what_it_shows(tmp_path: Path, value: object, shown_as: str, text: str) -> None:
    """Clause 6.10 is not clause 6.1."""
    path = workbook(tmp_path / "a.xlsx", HEAD, (*ROW[:6], value))
    book = load_workbook(path)
    book.worksheets[0].cell(2, 7).number_format = shown_as
    book.save(path)
    contract = only(imported(path)).reading.contract
    assert contract is not None
    assert contract.milestones[0].clause == text


def test_everything_a_contract_file_says_in_single_values_has_a_column(tmp_path: Path) -> None:
    """Each column is read from its cell into its field, and written."""
    values = {
        "contract": "KSS-1", "contract_title": "Seals", "supplier": "Kitano", "buyer": "Ardent",
        "notices": "n@kitano.example", "document": "kss.pdf", "law": "DE", "cisg": "excluded",
        "slack_channel": "#kss", "quiet_hours": "19:00-07:30",
        "owner": "mira@ardent.example", "approver": "cpo@ardent.example",
        "lead": "jo@ardent.example", "zone": "Europe/Paris", "calendar": "FR", "opens": "08:00",
        "closing_time": "17:00", "milestone": "tooling", "due": "2026-10-01", "title": "Tool",
        "clause": "6.1", "acceptance": "signed", "price": "10 EUR", "cure": "30 days",
        "damages": "0.5% of 10 EUR per week", "ladder": "launch",
        "milestone_owner": "jo@ardent.example", "confirm_within": "3 business days",
        "respond_within": "6 business days",
    }  # fmt: skip
    assert values.keys() == columns().keys() - {"past_due"}
    (tmp_path / "kss.pdf").write_bytes(b"%PDF")
    draft = only(imported(workbook(tmp_path / "a.xlsx", [*values], [*values.values()])))
    assert all(str(value) in draft.text for value in values.values())
    contract = draft.reading.contract
    assert contract is not None
    assert contract.roles["lead"] == "jo@ardent.example"
    assert (contract.title, contract.milestones[0].title) == ("Seals", "Tool")


def test_what_was_written_reads_as_what_was_imported(tmp_path: Path) -> None:
    """The spreadsheet and its files are one contract, house and all."""
    second = ("KSS-1", "", "", "", "ppap", "5 weeks after tooling", "yes")
    third = ("KSS-2", "1e3", "0x1@ardent.example", "cpo@ardent.example", "3", "2026-10-02", "~")
    found = imported(csv_file(tmp_path, lines(HEAD, ROW, second, third)))
    assert [draft.reference for draft in found.drafts] == ["KSS-1", "KSS-2"]
    for draft in found.drafts:
        again = read_text(draft.text, draft.name, tmp_path, TODAY)
        assert again.problems == draft.problems == ()
        assert again[:1] + again[3:4] == draft.reading[:1] + draft.reading[3:4]


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])) | st.sampled_from("\n\t"))
def test_whatever_a_cell_holds_is_read_back_from_the_file(text: str) -> None:
    """YAML takes no text for a number, a truth value or nothing."""
    place = Place("f", 1, 1, "")
    node = Fields(place, {"title": Scalar(place, text, "text")}, {"title": place})
    again, problems = parse(written(node), "f")
    assert problems == []
    assert isinstance(again, Fields)
    title = again.entries["title"]
    assert isinstance(title, Scalar)
    assert (title.kind, title.text) == ("text", text)


def test_rows_of_a_contract_may_repeat_what_they_share_or_leave_it(tmp_path: Path) -> None:
    """Once is enough, wherever it stands; two different words are a problem at the second."""
    ppap = ("KSS-1", "Kitano", "", "", "ppap", "2026-11-01", "6")
    assert len(only(imported(csv_file(tmp_path, lines(HEAD, ROW, ppap)))).text.splitlines()) == 11
    other = ("KSS-1", "Kitana", "", "", "ppap", "2026-11-01", "6")
    assert told(imported(csv_file(tmp_path, lines(HEAD, ROW, other)))) == [
        (3, 2, "supplier", "'Kitana' contradicts 'Kitano' in row 2")
    ]


def test_a_row_without_its_contract_spoils_the_one_it_may_belong_to(tmp_path: Path) -> None:
    """As in merged cells; a row of another supplier stands by itself."""
    merged = ("", "", "", "", "ppap", "2026-11-01", "6")
    stray = ("", "Other", *ROW[2:])
    found = imported(csv_file(tmp_path, lines(HEAD, ROW, merged)))
    assert [(draft.reference, len(draft.problems)) for draft in found.drafts] == [("KSS-1", 1)]
    found = imported(csv_file(tmp_path, lines(HEAD, ROW, stray)))
    assert [(draft.reference, len(draft.problems)) for draft in found.drafts] == [
        ("KSS-1", 0),
        ("", 1),
    ]


def test_contracts_that_would_share_a_file_are_told(tmp_path: Path) -> None:
    """Their names differ in case only, or one would be the house file."""
    text = lines(HEAD, ROW, ("kss-1", *ROW[1:]), ("House", *ROW[1:]))
    assert [(row, what[:24]) for row, _, _, what in told(imported(csv_file(tmp_path, text)))] == [
        (3, "'kss-1' differs from 'KS"),
        (4, "a contract of that name "),
    ]
    assert file_name("House") == "house.yaml"


@pytest.mark.parametrize(
    ("head", "row", "expected"),
    [
        (("supplyer",), ("x",), (1, 8, "supplyer", "there is no column 'supplyer' to be filled")),
        (("Owner",), ("x",), (1, 8, "Owner", "the column 'owner' stands here twice")),
        ((), ("x",), (2, 8, "", "something stands in a column without a heading")),
        (("price",), ("1,000 EUR",), (2, 8, "price", "'1,000 EUR' is not an amount of money")),
        (("price",), ("400.000 EUR",), (2, 8, "price", "'400.000 EUR' may mean thousands")),
        (
            ("damages",),
            ("5% of 1.000 EUR per day",),
            (2, 8, "damages", "'5% of 1.000 EUR per day' "),
        ),
        (("past due",), ("open",), (2, 8, "past_due", "past_due is said of 2026-10-01, which")),
        (("CISG",), ("maybe",), (2, 8, "cisg", "'maybe' is not one of the choices")),
        (("lead",), ("jo",), (2, 8, "lead", "'jo' is not an e-mail address")),
        (("title",), ("x" * 2001,), (2, 8, "title", "the text is 2001 characters long")),
        (("zone",), ("Europe/Berlni",), (2, 8, "zone", "'Europe/Berlni' is not a time zone")),
        (("ladder",), ("lunch",), (2, 8, "ladder", "unknown ladder 'lunch'")),
        (("document",), ("no.pdf",), (2, 8, "document", "the signed document 'no.pdf' cannot be")),
        (("cure",), ("90 days",), (2, 8, "cure", "a cure period of 90 days begun on rung")),
    ],
)
def test_a_problem_stands_at_its_cell(
    tmp_path: Path, head: tuple[str, ...], row: tuple[str, ...], expected: tuple[int, int, str, str]
) -> None:
    """Row, column and heading, in CSV and in a workbook."""
    for path in (
        csv_file(tmp_path, lines((*HEAD, *head), (*ROW, *row), by="\t")),
        workbook(tmp_path / "a.xlsx", (*HEAD, *head), (*ROW, *row)),
    ):
        (found,) = told(imported(path))
        assert found[:3] == expected[:3]
        assert found[3].startswith(expected[3])


@pytest.mark.parametrize("missing", range(7))
def test_a_missing_value_is_told_where_it_should_stand(tmp_path: Path, missing: int) -> None:
    """In the column that has none, of the first row of the contract or the milestone's own."""
    row = [*ROW]
    row[missing] = ""
    found = told(imported(csv_file(tmp_path, lines(HEAD, tuple(row)))))
    expected = [] if HEAD[missing] == "clause" else [(2, missing + 1, HEAD[missing])]
    assert [one[:3] for one in found] == expected


@pytest.mark.parametrize("missing", ["contract", "supplier", "milestone", "due"])
def test_a_missing_column_is_told_once(tmp_path: Path, missing: str) -> None:
    """Not in each row, whose other mistakes are told too if they can be told apart."""
    at = HEAD.index(missing)
    rows = [
        (*row[:at], *row[at + 1 :]) for row in (HEAD, ROW, ("KSS-2", *ROW[1:3], "cpo", *ROW[4:]))
    ]
    found = told(imported(csv_file(tmp_path, lines(*rows))))
    assert found[0] == (1, 0, missing, f"there is no column {missing!r}")
    others = [] if missing == "contract" else ["'cpo' is not an e-mail address"]
    assert [what for *_, what in found[1:]] == others


def test_unknown_columns_name_the_nearest(tmp_path: Path) -> None:
    """A slip of the finger is one question away from its remedy."""
    (found,) = imported(csv_file(tmp_path, lines((*HEAD, "pirce"), ROW))).problems
    assert found.remedy == "did you mean 'price'?"


def test_a_date_that_excel_made_is_no_clause(tmp_path: Path) -> None:
    """Typing 6.1 gives the sixth of January; a formula must have its result, and no error."""
    rows = [
        (*ROW[:6], date(2026, 1, 6)),
        ("KSS-2", *ROW[1:6], "=A1"),
        ("KSS-3", *ROW[1:6], "#REF!"),
        ("=A1", *ROW[1:]),
        ("KSS-5", *ROW[1:5], "=TODAY()", "6"),
    ]
    found = told(imported(workbook(tmp_path / "a.xlsx", HEAD, *rows)))
    assert [(row, column) for row, column, *_ in found] == [(2, 7), (3, 7), (4, 7), (5, 1), (6, 6)]
    told_words = [what for *_, what in found]
    assert told_words[0].startswith("the spreadsheet holds the date 2026-01-06 here")
    assert told_words[1] == told_words[3] == "the formula has no stored result"
    assert told_words[2] == "the cell shows the error #REF!"


def test_the_sheet_named_contracts_is_read_else_the_first_visible(tmp_path: Path) -> None:
    """Notes on other sheets, and hidden ones, are no contracts."""
    book = Workbook()
    for title, hidden in (("hidden", True), ("list", False), ("notes", False)):
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if hidden else "visible"
        sheet.append(list(HEAD) if title == "list" else ["nonsense"])
        sheet.append(list(ROW) if title == "list" else ["nonsense"])
    del book["Sheet"]
    book.save(tmp_path / "a.xlsx")
    assert only(imported(tmp_path / "a.xlsx")).reference == "KSS-1"
    book["notes"].title = "CONTRACTS"
    book.save(tmp_path / "a.xlsx")
    assert "there is no column 'nonsense' to be filled" in {
        found.what for found in imported(tmp_path / "a.xlsx").problems
    }


def with_member(path: Path, name: str, content: bytes) -> bytes:
    """A workbook, one of its members replaced."""
    workbook(path, HEAD, ROW)
    out = path.with_suffix(".zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    return out.read_bytes()


def bomb(path: Path) -> bytes:
    """A workbook of some kilobytes that would be a hundred megabytes."""
    return with_member(path, "xl/styles.xml", b"0" * 100_000_000)


def entities(path: Path) -> bytes:
    """A workbook whose text would grow without end, if it were let."""
    laughs = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    sheet = b"<worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>"
    return with_member(path, "xl/worksheets/sheet1.xml", laughs + sheet)


def far_out(path: Path) -> bytes:
    """A cell in the last row that a sheet can have."""
    book = Workbook()
    book.worksheets[0].cell(1, 1, "contract")
    book.worksheets[0].cell(1_048_576, 1, "x")
    book.save(path)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (lambda _: b"", "the spreadsheet is empty"),
        (lambda _: b"\n,,\n", "the spreadsheet is empty"),
        (lambda _: b"contract;M\xfcller\n", "this is not UTF-8 text"),
        (lambda _: "contract,supplier".encode("utf-16"), "this is not UTF-8 text"),
        (lambda _: b'contract,supplier\n"a,b\n', "from here on this is no CSV"),
        (lambda _: b"a" * (MAX_BYTES + 1), f"the file is larger than {MAX_BYTES} bytes"),
        (lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "this is a workbook of an old form"),
        (lambda _: b"PK\x03\x04 and no more", "this is not an Excel workbook"),
        (lambda path: workbook(path, HEAD, ROW).read_bytes()[:-40], "this is not an Excel"),
        (lambda path: with_member(path, "xl/workbook.xml", b"<a"), "the workbook is damaged"),
        (entities, "the workbook is damaged: EntitiesForbidden"),
        (bomb, "unpacked, the workbook would take 1000"),
        (far_out, "something stands beyond row"),
        (lambda _: b"a" + b"," * MAX_COLUMNS + b"b", "something stands beyond row"),
        (lambda _: b"a\n" * (MAX_ROWS + 1), "something stands beyond row"),
        (lambda path: workbook(path).read_bytes(), "the spreadsheet is empty"),
    ],
)
def test_what_is_no_spreadsheet_is_one_problem(
    tmp_path: Path, content: Callable[[Path], bytes], what: str
) -> None:
    """Nothing raises, nothing is run, and nothing grows without bounds."""
    path = tmp_path / "given"
    path.write_bytes(content(tmp_path / "made.xlsx"))
    (found,) = imported(path).problems
    assert found.what.startswith(what)


def test_a_cell_is_no_longer_than_a_spreadsheet_allows(tmp_path: Path) -> None:
    """Its text is not even looked at."""
    text = lines(HEAD, (*ROW[:6], "x" * 40_000))
    assert told(imported(csv_file(tmp_path, text))) == [
        (2, 7, "clause", "the cell holds 40000 characters")
    ]


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    """It does not raise."""
    (found,) = read_spreadsheet(tmp_path / "no.csv", folder=tmp_path, today=TODAY).problems
    assert "cannot be read" in found.what


def test_mistakes_of_the_house_keep_their_own_place(tmp_path: Path) -> None:
    """They are not the spreadsheet's."""
    path = csv_file(tmp_path, lines(HEAD, ROW))
    (tmp_path / "house.yaml").write_text("zone: Mars\ncalendar: DE\n", encoding="utf-8")
    (draft,) = read_spreadsheet(path, folder=tmp_path, today=TODAY).drafts
    (found,) = draft.problems
    assert (Path(found.file).name, found.line, found.field) == ("house.yaml", 1, "zone")


@pytest.mark.parametrize(
    ("path", "column"),
    [
        ("", "contract"),
        ("title", "contract_title"),
        ("milestones", "milestone"),
        ("milestones[3]", "milestone"),
        ("milestones[12].id", "milestone"),
        ("milestones[0].title", "title"),
        ("milestones[0].owner", "milestone_owner"),
        ("owner", "owner"),
        ("roles.lead", "lead"),
    ],
)
def test_each_field_has_its_column(path: str, column: str) -> None:
    """Problems of the contract file are problems of the spreadsheet."""
    assert column_of(path) == column


def test_headings_are_read_as_people_write_them() -> None:
    """In any case, with spaces or hyphens."""
    assert {heading(text) for text in ("past_due", " Past Due ", "PAST-DUE")} == {"past_due"}


CELLS = st.sampled_from([*HEAD, *ROW, "", "KSS-2", "ppap", "31.2.2026", "=A1", '"', ";", "0", "é"])


@settings(max_examples=60)
@given(st.lists(st.lists(CELLS, max_size=9), max_size=6), st.sampled_from(";,\t"))
def test_no_arrangement_of_cells_makes_reading_raise(rows: list[list[str]], by: str) -> None:
    """Every draft that can be relied on has a contract."""
    with TemporaryDirectory() as folder:
        path = csv_file(Path(folder), lines(*rows, by=by))
        found = read_spreadsheet(path, folder=path.parent, today=TODAY)
    for draft in found.drafts:
        assert draft.problems or found.problems or draft.reading.contract is not None
