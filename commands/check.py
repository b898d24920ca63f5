"""``holdfast check``: read contract files, and say everything that is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from contracts.house import NAME
from contracts.reading import Reading, read_contract, read_house
from contracts.source import Problem
from contracts.writing import expand as expanded
from ladders.contract import APPROVER, OWNER, Contract


def check(
    paths: Sequence[Path], *, today: date, expand: bool, as_json: bool, console: Console
) -> int:
    """Check contract and house files, and those in folders; return the exit code, 0 or 1.

    ``today`` is the local date. With ``expand`` correct contracts are printed in full, as YAML
    with all else in comments; ``as_json`` prints one JSON document instead of lines.
    """
    files = contract_files(paths)
    houses = {path: read_house(path) for path in files if path.name == NAME}
    readings = {path: read_contract(path, today=today) for path in files if path.name != NAME}
    problems = {p for reading in readings.values() for p in reading.problems}
    problems.update(p for found in houses.values() for p in found)
    if as_json:
        shown = [_as_data(path, reading, expand=expand) for path, reading in readings.items()]
        document = {"problems": problems_as_data(sorted(problems)), "contracts": shown}
        _line(console, json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print_problems(console, sorted(problems))
        for path, reading in readings.items():
            _print_reading(console, path, reading, expand=expand)
        for path in (path for path, found in houses.items() if not found):
            _line(console, f"{'# ' if expand else ''}{path}: correct")
    return 1 if problems else 0


def contract_files(paths: Iterable[Path]) -> list[Path]:
    """The files named, and of folders the YAML files in them, each once.

    A folder without any stands for itself, so that reading it says so.
    """
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else []
        found.update(dict.fromkeys(inside or [path]))
    return list(found)


def _line(console: Console, *parts: str | tuple[str, str]) -> None:
    console.print(Text.assemble(*parts), soft_wrap=True, highlight=False)


def print_problems(console: Console, problems: Sequence[Problem]) -> None:
    """Print each in a line, place first, and in the end how many they are."""
    for found in problems:
        _line(
            console,
            (f"{found.file}:{found.line}:{found.column}", "bold"),
            "  ",
            (found.field or "-", "cyan"),
            "  ",
            (found.what, "red"),
            f" — {found.remedy}",
        )
    if problems:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        _line(console, (f"{count}, no contract with one can be registered", "bold red"))


def _print_reading(console: Console, path: Path, reading: Reading, *, expand: bool) -> None:
    if reading.contract is None:
        return
    hush = "# " if expand else ""
    for line in _summary(path, reading.contract):
        _line(console, f"{hush}{line}")
    for found in reading.remarks:
        place = f"{found.file}:{found.line}:{found.column}"
        _line(console, f"{hush}{place}  remark: {found.what} — {found.remedy}")
    if expand:
        _line(console, "---\n" + expanded(reading.contract).rstrip("\n"))


def _summary(path: Path, contract: Contract) -> tuple[str, str]:
    first = min(contract.milestones, key=lambda milestone: milestone.due)
    count = len(contract.milestones)
    milestones = "1 milestone" if count == 1 else f"{count} milestones, the first"
    ladders = ", ".join(f"{ladder.id} (version {ladder.version})" for ladder in contract.ladders)
    what = f"{contract.contract} with {contract.supplier}, {milestones} due {first.due}"
    who = f"owner {contract.roles[OWNER]}, approver {contract.roles[APPROVER]}"
    where = f"{contract.counting.zone}, holidays of {contract.counting.calendar}"
    return f"{path}: correct: {what} ({first.id})", f"  ladder {ladders}; {who}; {where}"


def problems_as_data(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """The problems as a program reads them."""
    return [found._asdict() for found in problems]


def _as_data(path: Path, reading: Reading, *, expand: bool) -> dict[str, Any]:
    contract = reading.contract
    return {
        "file": str(path),
        "ok": contract is not None,
        "source": reading.source.model_dump(mode="json"),
        "contract": None if contract is None else contract.model_dump(mode="json"),
        "remarks": problems_as_data(reading.remarks),
        **({"expanded": expanded(contract)} if expand and contract else {}),
    }
