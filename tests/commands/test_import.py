"""``holdfast import``: a supplier base in one spreadsheet, and nothing of it by halves."""

from __future__ import annotations

import csv
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from contracts.reading import read_contract
from tests.commands.shell import Shell
from tests.contracts.sheets import workbook

EXAMPLES = Path(__file__).parents[2] / "examples"
TODAY = datetime.now(UTC).date()
DAY = re.compile(r"\d{4}-\d\d-\d\d")
Line = dict[str, object]


def portfolio() -> list[Line]:
    """The example's rows, its dates moved by whole weeks to five weeks from now and later."""
    with (EXAMPLES / "suppliers.csv").open(encoding="utf-8", newline="") as file:
        lines: list[Line] = [*csv.DictReader(file)]
    days = [str(line["due"]) for line in lines if DAY.fullmatch(str(line["due"]))]
    first = date.fromisoformat(min(days))
    weeks = timedelta(weeks=(TODAY + timedelta(weeks=5) - first).days // 7)
    for line in lines:
        if line["due"] in days:
            line["due"] = date.fromisoformat(str(line["due"])) + weeks
    return lines


def sheet(path: Path, lines: list[Line]) -> str:
    """Write rows into a workbook as a person's program does: days as days; return its name."""
    return str(workbook(path, [*lines[0]], *([*line.values()] for line in lines)))


SPOILED: dict[str, tuple[int, Line, str, str]] = {
    "SUP-2027-003": (0, {"owner": "mira@ardent.exmple"}, "owner", "did you mean 'mira@ardent.exam"),
    "SUP-2027-005": (0, {"due": "2027-02-31"}, "due", "correct it"),
    "SUP-2027-007": (0, {"due": TODAY - timedelta(days=30)}, "due", "add 'past_due: open' or"),
    "SUP-2027-009": (0, {"supplier": ""}, "supplier", "add it: the company that must deliver"),
    "SUP-2027-011": (1, {"supplier": "Other"}, "supplier", "keep one of them"),
    "SUP-2027-013": (1, {"milestone": "tooling"}, "milestone", "rename one of them"),
    "SUP-2027-017": (1, {"price": "400.000 EUR"}, "price", "write 400000 EUR, or 400.00 EUR"),
    "SUP-2027-020": (0, {"contract": ""}, "contract", "write the contract's number into each"),
    "SUP-2027-021": (1, {"damages": "5%"}, "damages", "write for example '0.5% of 400000 EUR"),
    "SUP-2027-024": (0, {"clause": date(2026, 1, 6)}, "clause", "format the column as text"),
}
"""Ten contracts, each wrong in its own way: which of its rows, what stands there, and the remedy
that is told at which column."""


def spoil(lines: list[Line]) -> dict[tuple[int, str], str]:
    """Spoil ten contracts; return which remedy is to be told in which row and column."""
    expected = {}
    for contract, (index, values, column, remedy) in SPOILED.items():
        numbers = [n for n, line in enumerate(lines) if line["contract"] == contract]
        lines[numbers[index]].update(values)
        expected[numbers[index] + 2, column] = remedy
    return expected


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A folder with a house file, into which contracts can be imported."""
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(EXAMPLES / "house.yaml", folder)
    return folder


def contracts_in(shell: Shell, table: str) -> set[str]:
    """Which contracts have anything in a table of the ledger."""
    with closing(sqlite3.connect(shell.data / "ledger.sqlite")) as connection:
        return {name for (name,) in connection.execute(f"SELECT DISTINCT contract FROM {table}")}


def test_of_forty_contracts_ten_are_wrong_and_none_is_half_registered(
    tmp_path: Path, mine: Path
) -> None:
    """Each is named with row, column and remedy; then thirty are registered, then the ten."""
    shell, lines = Shell(tmp_path), portfolio()
    references = {str(line["contract"]) for line in lines}
    right = references - SPOILED.keys()
    whole = sheet(tmp_path / "whole.xlsx", lines)
    expected = spoil(lines)
    file = sheet(tmp_path / "suppliers.xlsx", lines)
    with shell.up():
        refused = shell.type("import", file, "--to", str(mine), "--register")
        assert refused.code == 1
        told = re.findall(r"row (\d+), column [A-Z]+ \((\w+)\)  .* — (.*)", refused.said)
        remedies = {(int(row), column): remedy for row, column, remedy in told}
        assert remedies.keys() == expected.keys()
        assert len(told) == len(expected) == 10
        assert all(remedies[cell].startswith(remedy) for cell, remedy in expected.items())
        assert "30 contracts: right, but not written" in refused.said
        assert [path.name for path in mine.iterdir()] == ["house.yaml"]
        assert not shell.data.joinpath("ledger.sqlite").exists() or not contracts_in(shell, "inbox")

        done = shell.type("import", file, "--to", str(mine), "--skip-bad", "--register")
        assert done.code == 1
        assert "10 contracts: bad, not written" in done.said
        assert "30 contracts are registered and watched." in done.said
        assert {path.name for path in mine.iterdir()} == {
            "house.yaml", *(f"{name.lower()}.yaml" for name in right),
        }  # fmt: skip
        assert contracts_in(shell, "entry") == contracts_in(shell, "inbox") == right

        rest = shell.type("import", whole, "--to", str(mine), "--register", "--json")
        assert rest.code == 0, rest.said
        outcomes = {one["contract"]: one["outcome"] for one in rest.document["contracts"]}
        assert {name for name in outcomes if outcomes[name] == "registered"} == SPOILED.keys()
        assert {name for name in outcomes if outcomes[name] == "registered already"} == right
        assert contracts_in(shell, "entry") == references
        shown = shell.type("status", "--json", "--all").document
        waiting = {each["contract"] for each in shown["milestones"]}
        assert len(waiting | {each["contract"] for each in shown["ladders"]}) == 40


def test_the_example_is_right_and_written_the_same_every_time(tmp_path: Path, mine: Path) -> None:
    """As CSV too; a second import changes nothing, and says so."""
    shell, lines = Shell(tmp_path), portfolio()
    sheet(tmp_path / "a.xlsx", lines)
    with (tmp_path / "a.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, [*lines[0]], delimiter=";")
        writer.writeheader()
        writer.writerows(lines)
    done = shell.type("import", str(tmp_path / "a.csv"), "--to", str(mine))
    assert done.said == "40 contracts: written, each into a file of its own\n"
    before = {path.name: path.read_bytes() for path in mine.iterdir()}
    again = shell.type("import", str(tmp_path / "a.xlsx"), "--to", str(mine))
    assert (again.code, again.said) == (0, "40 contracts: there already, saying the same\n")
    assert {path.name: path.read_bytes() for path in mine.iterdir()} == before
    assert shell.type("check", str(mine)).code == 0
    text = (mine / "sup-2027-002.yaml").read_text(encoding="utf-8")
    assert "confirm_within" not in text


def change(path: Path) -> None:
    """Say something else."""
    path.write_text(path.read_text(encoding="utf-8").replace("6.1", "6.9"), encoding="utf-8")


def annotate(path: Path) -> None:
    """Say the same, with a comment."""
    path.write_text(path.read_text(encoding="utf-8") + "# ours\n", encoding="utf-8")


def damage(path: Path) -> None:
    """Say nothing that could be read."""
    path.write_text("contract: [", encoding="utf-8")


@pytest.mark.parametrize(
    ("act", "code", "said"),
    [
        (change, 1, "exists, and differs in: milestones — correct the row, or the file"),
        (damage, 1, "exists, and has mistakes of its own"),
        (annotate, 0, "1 contract: there already, saying the same"),
    ],
)
def test_a_file_that_stands_is_never_written_over(
    tmp_path: Path, mine: Path, act: Callable[[Path], None], code: int, said: str
) -> None:
    """It is kept, byte for byte; where it says otherwise, nothing else is written either."""
    shell, lines = Shell(tmp_path), portfolio()
    one = sheet(tmp_path / "one.xlsx", lines[:2])
    assert shell.type("import", one, "--to", str(mine)).code == 0
    path = mine / "sup-2027-001.yaml"
    act(path)
    before = path.read_bytes()
    again = shell.type("import", sheet(tmp_path / "two.xlsx", lines[:4]), "--to", str(mine))
    assert again.code == code
    assert said in again.said
    assert path.read_bytes() == before
    assert (mine / "sup-2027-002.yaml").exists() == (code == 0)


def test_what_is_wrong_with_the_sheet_lets_nothing_be_written(tmp_path: Path, mine: Path) -> None:
    """Not even what is right: what stands in an unknown column would be lost."""
    lines = [{**line, "pirce": "1 EUR"} for line in portfolio()[:2]]
    shell, file = Shell(tmp_path), sheet(tmp_path / "a.xlsx", lines)
    found = shell.type("import", file, "--to", str(mine), "--skip-bad", "--json")
    assert found.code == 1
    (problem,) = found.document["problems"]
    assert (problem["row"], problem["column"], problem["heading"]) == (1, "R", "pirce")
    assert problem["remedy"] == "did you mean 'price'?"
    assert [one["outcome"] for one in found.document["contracts"]] == ["not written"]
    assert len([*mine.iterdir()]) == 1


def test_without_a_house_file_it_is_told_what_is_missing(tmp_path: Path) -> None:
    """Once for all rows, each of which is named, and with what to do about all of them."""
    file = sheet(tmp_path / "a.xlsx", portfolio()[:4])
    found = Shell(tmp_path).type("import", file, "--to", str(tmp_path / "new"))
    assert found.code == 1
    assert [line.partition("a.xlsx: ")[2] for line in found.said.splitlines()[:2]] == [
        f"rows 2, 4, no column {name}  neither the contract nor its house says the {name} — "
        "say it in house.yaml for all contracts, or add the column"
        for name in ("calendar", "zone")
    ]
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["t.xlsx", "t.csv"])
def test_a_template_is_written_and_can_be_imported(tmp_path: Path, mine: Path, name: str) -> None:
    """Once: it is not written over anything."""
    shell, path = Shell(tmp_path), tmp_path / name
    assert shell.type("import", "--template", str(path)).code == 0
    before = path.read_bytes()
    again = shell.type("import", "--template", str(path))
    assert (again.code, path.read_bytes()) == (1, before)
    assert "exists already" in again.said
    found = shell.type("import", str(path), "--to", str(mine))
    assert "unknown owner owner@company.example" in found.said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "name either a spreadsheet"),
        (("a.csv", "--template", "b.csv"), 2, "name either a spreadsheet"),
        (("--template", "b.ods"), 1, "neither xlsx nor CSV"),
        (("gone.csv",), 1, "cannot be read"),
    ],
)
def test_what_was_typed_wrongly_is_told(
    tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    """2 for wrong usage, 1 for what is refused."""
    refused = Shell(tmp_path).type("import", *words, COLUMNS="200")
    assert refused.code == code
    assert said in refused.said


def test_an_imported_contract_is_what_its_rows_say(tmp_path: Path, mine: Path) -> None:
    """Down to dates, money, damages and the owner of one milestone."""
    file = sheet(tmp_path / "a.xlsx", portfolio()[4:7])
    assert Shell(tmp_path).type("import", file, "--to", str(mine)).code == 0
    contract = read_contract(mine / "sup-2027-003.yaml", today=TODAY).contract
    assert contract is not None
    tooling, ppap, rate = contract.milestones
    assert (contract.supplier, contract.law, contract.cisg) == ("Brno Plasty", "CZ", "excluded")
    assert (ppap.due - tooling.due).days == 63
    assert str(ppap.damages) == "0.5% of 120000 EUR per started week, cap 5%"
    assert (str(ppap.price), str(ppap.cure)) == ("120000 EUR", "30 days")
    assert (rate.owner, (rate.due - tooling.due).days) == ("jonas@ardent.example", 91)
