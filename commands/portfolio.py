"""Reading many contract files for registration: every problem of all of them, before anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from commands.check import contract_files
from contracts.answering import PastDue, answered
from contracts.checks import milestones, undecided
from contracts.house import NAME
from contracts.reading import Reading, read_contract, read_text
from contracts.source import Place, Problem, problem
from desk.casebook import Casebook
from ladders.contract import Contract, Document
from ladders.errors import HoldfastError

_AMEND_OR_RENAME = (
    "put its terms in force with holdfast amend, or give a new contract a reference of its own"
)


class NothingToRegister(HoldfastError):
    """No contract file stands where one was looked for."""


class Candidate(NamedTuple):
    """A contract file that can be registered. ``text`` is what it must say first, if anything."""

    path: Path
    reading: Reading
    contract: Contract
    text: str | None


class Question(NamedTuple):
    """What a file does not say of a milestone whose date has passed, and the problem of it.

    ``name`` is the milestone's, as an answer calls it: ``KSS-2026-014/tooling``.
    """

    name: str
    due: date
    problem: Problem


class Portfolio(NamedTuple):
    """Contract files as they stand before registration.

    ``settled`` are the references of those that are registered already, from the very same file.
    The problems of the ``questions`` are among ``problems``. ``said`` is what the files, or
    the answers given, say of every milestone whose date may have passed, by its name.
    """

    candidates: tuple[Candidate, ...]
    settled: tuple[str, ...]
    problems: tuple[Problem, ...]
    questions: tuple[Question, ...]
    said: Mapping[str, PastDue | None]


def read_portfolio(
    paths: Sequence[Path], casebook: Casebook, answers: Mapping[str, PastDue], today: date
) -> Portfolio:
    """Read the files named and those in folders; ``answers`` are given to their questions.

    ``today`` is the local date. Raises NothingToRegister.
    """
    named = [path for path in contract_files(paths) if path.name != NAME]
    if not named:
        folders = ", ".join(str(path) for path in paths)
        raise NothingToRegister(f"no contract file stands in {folders}", "name the files")
    files = [_File(path, today, answers) for path in named]
    sources = {file.reference: casebook.source(file.reference) for file in files}
    fresh = [file for file in files if not file.is_from(sources[file.reference])]
    taken = {file.taken() for file in fresh if sources[file.reference] is not None}
    problems = taken.union(_twice(files), *(file.problems for file in fresh))
    return Portfolio(
        candidates=tuple(file.candidate(today) for file in fresh if not file.problems),
        settled=tuple(file.reference for file in files if file not in fresh),
        problems=tuple(sorted(problems)),
        questions=tuple(question for file in fresh for question in file.open),
        said=dict(pair for file in files for pair in file.said()),
    )


class _File:
    """A contract file that was read, and the answers given to its questions."""

    def __init__(self, path: Path, today: date, answers: Mapping[str, PastDue]) -> None:
        self.path = path
        self.reading = read_contract(path, today=today)
        sheet = self.reading.sheet
        self.reference = str(sheet.get("contract") or "") if sheet else ""
        asked = [
            Question(f"{self.reference}/{found.milestone}", found.due, found.problem)
            for found in (undecided(sheet, today) if sheet else ())
        ]
        self.given = {one: answers[one.name] for one in asked if one.name in answers}
        self.open = [one for one in asked if one not in self.given]
        self.problems = {*self.reading.problems} - {one.problem for one in self.given}

    def is_from(self, source: Document | None) -> bool:
        """Whether it is the very file that was registered."""
        return source is not None and source.sha256 == self.reading.source.sha256

    def said(self) -> Iterator[tuple[str, PastDue | None]]:
        """What it says of each milestone, and what was answered."""
        sheet = self.reading.sheet
        for milestone in milestones(sheet) if sheet else ():
            yield f"{self.reference}/{milestone.get('id')}", milestone.get("past_due")
        yield from ((question.name, answer) for question, answer in self.given.items())

    def candidate(self, today: date) -> Candidate:
        """The file with the answers in it; of one in which nothing else is wrong."""
        text, reading = None, self.reading
        if self.given:
            said = {one.name.partition("/")[2]: answer for one, answer in self.given.items()}
            text = answered(self.path.read_bytes().decode("utf-8-sig"), said)
            reading = read_text(text, str(self.path), self.path.parent, today)
        if reading.contract is None:
            what = f"{self.path} cannot take the answers: {reading.problems[0].what}"
            raise HoldfastError(what, "write 'past_due' into the file by hand")
        return Candidate(self.path, reading, reading.contract, text)

    def taken(self) -> Problem:
        """That its reference is another registered file's."""
        what = f"{self.reference} is registered already, from a file with other content"
        return problem(self.place(), what, _AMEND_OR_RENAME)

    def place(self) -> Place:
        """Where it says its reference."""
        sheet = self.reading.sheet
        return sheet.place("contract") if sheet else Place(str(self.path), 1, 1, "")


def _twice(files: Sequence[_File]) -> Iterator[Problem]:
    first: dict[str, _File] = {}
    for file in files:
        other = first.setdefault(file.reference, file)
        if file.reference and other is not file:
            what = f"{file.reference} stands in {other.path} too"
            yield problem(file.place(), what, "keep one of the two files")
