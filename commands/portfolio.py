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
from ladders.contract import Contract
from ladders.errors import HoldfastError


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
    files = [path for path in contract_files(paths) if path.name != NAME]
    if not files:
        folders = ", ".join(str(path) for path in paths)
        raise NothingToRegister(f"no contract file stands in {folders}", "name the files")
    readings = {path: read_contract(path, today=today) for path in files}
    sources = {ref: casebook.source(ref) for ref in map(_reference, readings.values()) if ref}
    settled, candidates = list[str](), list[Candidate]()
    problems, questions = set[Problem](), list[Question]()
    for path, reading in readings.items():
        ref = _reference(reading)
        source = sources.get(ref)
        if source and source.sha256 == reading.source.sha256:
            settled.append(ref)
            continue
        asked = list(_questions(reading, today))
        given = {question: answers[question.name] for question in asked if question.name in answers}
        questions += [question for question in asked if question not in given]
        found = {*reading.problems} - {question.problem for question in given}
        if source:
            found.add(_taken(path, reading))
        problems |= found
        if not found:
            candidates.append(_candidate(path, reading, given, today))
    problems |= {*_twice(readings)}
    said = dict(pair for reading in readings.values() for pair in _said(reading, answers, today))
    return Portfolio(
        tuple(candidates), tuple(settled), tuple(sorted(problems)), tuple(questions), said
    )


def _reference(reading: Reading) -> str:
    return str(reading.sheet.get("contract") or "") if reading.sheet else ""


def _place(path: Path, reading: Reading) -> Place:
    return reading.sheet.place("contract") if reading.sheet else Place(str(path), 1, 1, "")


def _questions(reading: Reading, today: date) -> Iterator[Question]:
    for found in undecided(reading.sheet, today) if reading.sheet else ():
        yield Question(f"{_reference(reading)}/{found.milestone}", found.due, found.problem)


def _said(
    reading: Reading, answers: Mapping[str, PastDue], today: date
) -> Iterator[tuple[str, PastDue | None]]:
    for sheet in milestones(reading.sheet) if reading.sheet else ():
        yield f"{_reference(reading)}/{sheet.get('id')}", sheet.get("past_due")
    for question in _questions(reading, today):
        yield question.name, answers.get(question.name)


def _candidate(
    path: Path, reading: Reading, given: Mapping[Question, PastDue], today: date
) -> Candidate:
    text = None
    if given:
        said = {question.name.partition("/")[2]: answer for question, answer in given.items()}
        text = answered(path.read_bytes().decode("utf-8-sig"), said)
        reading = read_text(text, str(path), path.parent, today)
    if reading.contract is None:
        what = f"{path} cannot be completed by what was said: {reading.problems[0].what}"
        raise HoldfastError(what, "write 'past_due' into the file by hand")
    return Candidate(path, reading, reading.contract, text)


def _taken(path: Path, reading: Reading) -> Problem:
    what = f"{_reference(reading)} is registered already, from a file with other content"
    return problem(_place(path, reading), what, "give a new contract a reference of its own")


def _twice(readings: Mapping[Path, Reading]) -> Iterator[Problem]:
    first: dict[str, Path] = {}
    for path, reading in readings.items():
        ref = _reference(reading)
        if ref and first.setdefault(ref, path) != path:
            what = f"{ref} stands in {first[ref]} too"
            yield problem(_place(path, reading), what, "keep one of the two files")
