"""What the README says is so: its first contract runs, its commands and files exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import typer
from rich.console import Console

from cli import app
from commands.embedded import embedded_server
from commands.register import Typed, register
from commands.registry import Page
from commands.virtual import VirtualTime
from contracts.reading import read_contract
from desk.office import Office
from ladders.state import LadderState
from ladders.watched import ContractState
from settings import Settings
from tests.stage import Mailbox
from worker import serving

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "deploy/README.md", "docs/slack.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")
DECISIONS = sorted(f"docs/adr/{path.name}" for path in (ROOT / "docs" / "adr").glob("*.md"))
MADE_LATER = ("mine", "try", "out", "data", ".venv")
"""Folders that a reader, or the program, makes."""


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    return [text for found, text in BLOCK.findall(page(name)) if found == language]


def prose(name: str) -> str:
    """A page without its fenced blocks."""
    return BLOCK.sub("", page(name))


def typed(program: str) -> list[str]:
    """Every command line of ``program`` that the pages show, in blocks and in the text."""
    lines = [line for name in PAGES for text in blocks(name, "sh") for line in text.splitlines()]
    lines += [span for name in PAGES for span in re.findall(r"`([^`\n]+)`", prose(name))]
    return sorted({line for line in lines if line.startswith(f"{program} ")})


def moved(text: str, first_due: date) -> str:
    """A contract's text, its dates moved by whole weeks so that the first falls near a day."""
    first = min(date.fromisoformat(day) for day in DAY.findall(text))
    by = timedelta(weeks=(first_due - first).days // 7)
    return DAY.sub(lambda day: f"{date.fromisoformat(day[0]) + by}", text)


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    """The README's contract beside its house, its dates moved to some weeks from now.

    They are examples that a reader replaces, and would some day have passed.
    """
    in_five_weeks = datetime.now(UTC).date() + timedelta(weeks=5)
    for text in blocks("README.md", "yaml"):
        name = text.splitlines()[0].removeprefix("# ")
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(moved(text, in_five_weeks) if DAY.search(text) else text, encoding="utf-8")
    return path


def test_the_first_contract_is_correct_and_short(contract: Path) -> None:
    """``holdfast check`` finds nothing; the contract has fifteen lines below its file name."""
    program = Path(sys.executable).parent / "holdfast"
    done = subprocess.run(
        [program, "check", contract.parent], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(contract.read_text(encoding="utf-8").splitlines()) <= 16


async def test_the_first_contract_registers_and_runs(contract: Path, tmp_path: Path) -> None:
    """On a real server, until its first rung is open and its owner has been told."""
    now = datetime.now(UTC)
    terms = read_contract(contract, today=now.date()).contract
    assert terms is not None
    first = terms.milestones[0]
    stops: list[LadderState | ContractState] = []

    async def observe(state: LadderState | ContractState) -> None:
        stops.append(state)

    async with embedded_server(time_skipping=True) as server:
        virtual = VirtualTime(server.client, terms.contract, now)
        office = Office.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}", virtual.clock)
        mailbox, said = Mailbox(), StringIO()
        async with serving(server.client, office, mailbox) as desk:
            code = await register(
                desk,
                office.casebook,
                [contract],
                Typed(),
                now=now,
                today=now.date(),
                page=Page(Console(file=said)),
            )
            assert code == 0
            warned = office.casebook.watch(terms.contract).calendar.opening(
                first.due - timedelta(days=10)
            )
            await virtual.run(warned, observe)
        state = office.casebook.ladder(terms.contract, f"{first.id}/1")
        office.close()
    assert "ACME-001 is registered and watched." in said.getvalue()
    assert [rung.status for rung in state.rungs] == ["open"] + ["pending"] * 5
    assert [letter.address for letter in mailbox.letters] == ["ana@example.com"]
    assert state.outbox == ()
    assert stops[-1] == state


def test_the_demo_prints_what_the_readme_shows(tmp_path: Path) -> None:
    """It ends well, shows each line of the excerpt in that order, and writes what it says."""
    program = Path(sys.executable).parent / "holdfast"
    done = subprocess.run(
        [program, "demo", "--out", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (excerpt,) = blocks("README.md", "text")
    shown = iter(done.stdout.splitlines())
    for line in excerpt.splitlines():
        assert any(one.endswith(line) for one in shown), line
    assert (tmp_path / "chronology.txt").is_file()


@pytest.mark.parametrize("line", typed("holdfast"))
def test_every_command_line_parses(line: str) -> None:
    """The verb exists, its options exist, and nothing is missing."""
    verb, *rest = shlex.split(line, comments=True)[1:]
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    if verb != "--help":
        assert verbs[verb].make_context(verb, rest).params


def test_every_verb_that_the_readme_names_is_tried_above() -> None:
    """No command line escapes the test by being written in another way."""
    verbs = {line.split()[1] for line in typed("holdfast")}
    assert {"check", "register", "status", "report", "act", "audit", "verify"} <= verbs


def test_every_make_target_exists() -> None:
    """Whatever a page tells a reader to make stands in the Makefile."""
    targets = {line.split()[1] for line in typed("make")}
    assert {"demo", "test", "up"} <= targets
    known = set(re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE))
    assert targets <= known


@pytest.mark.parametrize("name", [*PAGES, *DECISIONS])
def test_every_file_named_exists(name: str) -> None:
    """Links and names in the text lead somewhere, seen from the page or from the root."""
    linked = re.findall(r"\]\(([^)#]+)\)", prose(name))
    named = [
        span
        for span in re.findall(r"`([\w./-]+)`", prose(name))
        if "/" in span or span.endswith((".py", ".md", ".yaml", ".toml"))
    ]
    here = [
        path
        for path in linked + named
        if "://" not in path and Path(path).parts[0] not in {*MADE_LATER, "/"}
    ]
    assert here or name in DECISIONS
    places = ((ROOT / name).parent, ROOT)
    assert not [path for path in here if not any((place / path).exists() for place in places)]


def test_the_decisions_are_numbered_and_have_their_three_parts() -> None:
    """Context, decision and consequence on less than a page, in an unbroken row."""
    for number, name in enumerate(DECISIONS, 1):
        text = page(name)
        assert Path(name).name.startswith(f"{number:04}-")
        assert text.startswith(f"# {number}. ")
        parts = re.findall(r"^## (\w+)$", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequence"]


@pytest.mark.parametrize("name", PAGES)
def test_every_setting_named_exists(name: str) -> None:
    """A variable that nobody reads would be set in vain."""
    settings = {f"HOLDFAST_{field.upper()}" for field in Settings.model_fields} | {"HOLDFAST_ME"}
    named = set(re.findall(r"\bHOLDFAST_[A-Z_]+", page(name)))
    assert named
    assert named <= settings


def test_every_package_has_its_line_in_the_readme() -> None:
    """Whoever looks for something finds its folder."""
    packages = {f"`{path.parent.name}/`" for path in ROOT.glob("*/__init__.py")}
    assert not [package for package in packages if f"| {package} |" not in page("README.md")]
