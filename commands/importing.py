"""``holdfast import``: writes contract files from a spreadsheet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from openpyxl.utils import get_column_letter
from rich.console import Console
from rich.text import Text

from commands.preview import counted
from contracts.importing import Draft, read_spreadsheet
from contracts.reading import read_contract
from contracts.source import Problem, problem
from contracts.template import template_csv, template_workbook
from ladders.contract import Contract
from ladders.errors import HoldfastError

TEMPLATES = {".xlsx": template_workbook, ".csv": template_csv}

Outcome = Literal["written", "unchanged", "not written", "bad"]

_WORDS: dict[Outcome, str] = {
    "written": "written, each into a file of its own",
    "unchanged": "there already, saying the same",
    "not written": "right, but not written beside bad ones; --skip-bad writes them",
    "bad": "bad, not written",
}


class NoTemplate(HoldfastError):
    """A template that cannot be written where it is wanted."""


class Imported(NamedTuple):
    """One contract of the spreadsheet: its file, and what became of it. Bad ones have no file."""

    contract: str
    row: int
    file: Path | None
    outcome: Outcome


class Import(NamedTuple):
    """What became of a spreadsheet: everything wrong with it, and each of its contracts."""

    sheet: Path
    problems: tuple[Problem, ...]
    contracts: tuple[Imported, ...]

    @property
    def files(self) -> list[Path]:
        """The files that stand as the spreadsheet says."""
        stands = ("written", "unchanged")
        return [one.file for one in self.contracts if one.file and one.outcome in stands]


def import_contracts(sheet: Path, folder: Path, *, skip_bad: bool, today: date) -> Import:
    """Write the contracts of ``sheet`` into ``folder``, a file for each; ``today`` is local.

    Nothing is written if anything is wrong, unless bad contracts are to be skipped. What is wrong
    with the spreadsheet as a whole lets none be written. A file that exists is never changed.
    """
    found = read_spreadsheet(sheet, folder=folder, today=today)
    judged = [(draft, _wrong(draft, folder, today)) for draft in found.drafts]
    problems = {*found.problems, *(one for _, wrong in judged for one in wrong)}
    writes = not found.problems and (skip_bad or not problems)
    contracts = [
        Imported(draft.reference, draft.place.line, None, "bad")
        if wrong
        else _kept(draft, folder, writes=writes)
        for draft, wrong in judged
    ]
    return Import(sheet, tuple(sorted(problems)), tuple(contracts))


def _wrong(draft: Draft, folder: Path, today: date) -> list[Problem]:
    """What is wrong with a contract; a file that says otherwise is in its way."""
    path = folder / draft.name
    if draft.problems or not path.exists():
        return [*draft.problems]
    standing = read_contract(path, today=today).contract
    if standing == draft.reading.contract:
        return []
    what = f"{path} exists, and {_difference(standing, draft.reading.contract)}"
    return [problem(draft.place, what, "correct the row, or the file, or remove the file")]


def _difference(one: Contract | None, other: Contract | None) -> str:
    if one is None or other is None:
        return "has mistakes of its own, which holdfast check names"
    fields = [name for name in Contract.model_fields if getattr(one, name) != getattr(other, name)]
    return f"differs in: {', '.join(fields)}"


def _kept(draft: Draft, folder: Path, *, writes: bool) -> Imported:
    path = folder / draft.name
    if path.exists():
        return Imported(draft.reference, draft.place.line, path, "unchanged")
    if not writes:
        return Imported(draft.reference, draft.place.line, None, "not written")
    folder.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(draft.text)
    return Imported(draft.reference, draft.place.line, path, "written")


def write_template(path: Path) -> None:
    """Write the empty spreadsheet. Raises NoTemplate for other forms, and over a file that is."""
    if path.suffix.lower() not in TEMPLATES:
        raise NoTemplate(f"{path} is neither xlsx nor CSV", "name it .xlsx or .csv")
    try:
        with path.open("xb") as file:
            file.write(TEMPLATES[path.suffix.lower()]())
    except FileExistsError:
        raise NoTemplate(f"{path} exists already", "choose another name") from None


def show(found: Import, console: Console) -> None:
    """Print what is wrong, by row and column, and what was written."""
    for where, one in _gathered(found):
        parts = ((where, "bold"), "  ", (one.what, "red"), f" — {one.remedy}")
        console.print(Text.assemble(*parts), soft_wrap=True, highlight=False)
    for outcome, count in Counter(one.outcome for one in found.contracts).items():
        words = f"{counted(count, 'contract')}: {_WORDS[outcome]}"
        console.print(words, soft_wrap=True, highlight=False, markup=False)


def _gathered(found: Import) -> Iterator[tuple[str, Problem]]:
    """The problems with where they are; one that all rows share is told once, with the rows."""
    rows: dict[Problem, list[int]] = {}
    for one in found.problems:
        rows.setdefault(one._replace(line=0), []).append(one.line)
    for same, lines in rows.items():
        yield _where(found.sheet, same, lines), same


def as_data(found: Import) -> dict[str, Any]:
    """The import for programs."""
    contracts = [
        {**one._asdict(), "file": None if one.file is None else str(one.file)}
        for one in found.contracts
    ]
    return {"problems": [_data(found.sheet, one) for one in found.problems], "contracts": contracts}


def _where(sheet: Path, found: Problem, lines: list[int]) -> str:
    places = ", ".join(str(line) for line in lines)
    if found.file != str(sheet):
        return f"{found.file}:{places}:{found.column}  {found.field}"
    rows = f"{sheet}: {'row' if len(lines) == 1 else 'rows'} {places}"
    if found.column == 0:
        return f"{rows}, no column {found.field}"
    name = f" ({found.field})" if found.field else ""
    return f"{rows}, column {get_column_letter(found.column)}{name}"


def _data(sheet: Path, found: Problem) -> dict[str, Any]:
    if found.file != str(sheet):
        return found._asdict()
    letter = get_column_letter(found.column) if found.column else None
    return {
        "file": found.file,
        "row": found.line,
        "column": letter,
        "heading": found.field,
        "what": found.what,
        "remedy": found.remedy,
    }
