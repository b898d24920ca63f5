"""``holdfast check``."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from commands.check import check
from contracts.reading import read_text

TODAY = date(2026, 9, 1)
EXAMPLES = Path(__file__).parents[2] / "examples"
WRONG = "contract: X\nsupplier: Y\nzone: Mars\ncalendar: DE\nowner: a@b.example\nmilestones: []\n"


def run(*paths: Path, expand: bool = False, as_json: bool = False) -> tuple[int, str]:
    """Check as in a pipe; the exit code and what was printed."""
    out = StringIO()
    console = Console(file=out, width=40)
    code = check(paths, today=TODAY, expand=expand, as_json=as_json, console=console)
    return code, out.getvalue()


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """A file with three mistakes."""
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG, encoding="utf-8")
    return path


def test_a_correct_contract_is_told_in_two_lines() -> None:
    """Its number, parties, dates, ladder and people; nothing is folded in a pipe."""
    code, out = run(EXAMPLES / "kss-2026-014.yaml")
    assert code == 0
    first, second = out.splitlines()
    assert "correct: KSS-2026-014 with Kitano Sealing Systems, 2 milestones" in first
    assert "ladder launch (version 1); owner mira@ardent.example" in second


def test_every_problem_of_every_file_is_a_line(wrong: Path) -> None:
    """Place, field, what and remedy; and the exit code says so."""
    code, out = run(wrong, EXAMPLES)
    assert code == 1
    lines = out.splitlines()
    assert lines[0] == (
        f"{wrong}:1:1  approver  nobody is the contract's approver — "
        "add 'approver: name@company.example'"
    )
    assert [line.split()[0] for line in lines[1:3]] == [f"{wrong}:3:7", f"{wrong}:6:13"]
    assert lines[3].startswith("3 problems")
    assert any("kss-2026-014.yaml: correct" in line for line in lines)
    assert any("house.yaml: correct" in line for line in lines)


def test_expanded_output_is_a_contract_file() -> None:
    """All else stands in comments, so that the output can be kept as a file."""
    code, out = run(EXAMPLES / "kss-2026-014.yaml", expand=True)
    assert code == 0
    assert read_text(out, "expanded.yaml", EXAMPLES, TODAY).problems == ()


def test_json_holds_contracts_problems_and_remarks(wrong: Path) -> None:
    """For programs: one document, whatever was checked."""
    code, out = run(wrong, EXAMPLES / "kss-2026-014.yaml", as_json=True, expand=True)
    assert code == 1
    document = json.loads(out)
    assert [(p["line"], p["column"]) for p in document["problems"]] == [(1, 1), (3, 7), (6, 13)]
    bad, good = document["contracts"]
    assert (bad["ok"], bad["contract"]) == (False, None)
    assert good["contract"]["contract"] == "KSS-2026-014"
    assert good["expanded"].startswith("contract: KSS-2026-014")
    assert len(good["source"]["sha256"]) == 64


def test_a_house_is_blamed_once_for_all_its_contracts(tmp_path: Path) -> None:
    """However many files are checked beside it."""
    (tmp_path / "house.yaml").write_text("zone: Mars\n", encoding="utf-8")
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(WRONG.replace("zone: Mars\n", ""), encoding="utf-8")
    code, out = run(tmp_path)
    assert code == 1
    assert out.count("'Mars' is not a time zone") == 1


def test_a_folder_without_contracts_is_a_problem(tmp_path: Path) -> None:
    """Silence would pass for correctness."""
    code, out = run(tmp_path)
    assert code == 1
    assert "no contract file" in out


def test_a_terminal_sees_colour(wrong: Path) -> None:
    """And a pipe does not."""
    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=200)
    check([wrong], today=TODAY, expand=False, as_json=False, console=console)
    assert "\x1b[" in out.getvalue()
    assert "\x1b[" not in run(wrong)[1]
