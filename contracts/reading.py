"""From a contract file to a contract, or to everything that is wrong with it."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import NamedTuple

from contracts import checks, house, people
from contracts.building import build
from contracts.forms import CONTRACT, HOUSE
from contracts.house import Terms
from contracts.kinds import Form, Sheet
from contracts.remarks import remarks
from contracts.source import MAX_BYTES, Fields, Place, Problem, parse, place_of, problem
from ladders.contract import Contract, Document
from ladders.prose import Prose


class Reading(NamedTuple):
    """What a contract file says. ``contract`` is None exactly if there are problems.

    ``remarks`` are what a reader should know though nothing is wrong. ``source`` is the file as
    it was read; of one that could not be read, no bytes. ``sheet`` is what could be
    read of it, with the place of everything; None where that is nothing.
    """

    contract: Contract | None
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    source: Document
    sheet: Sheet | None = None


def read_contract(path: Path, *, today: date | None) -> Reading:
    """Read the contract file at ``path`` and the house file that goes with it.

    ``today`` is the local date against which due dates are past; None leaves that out. Never
    raises for what the files hold, nor for files that cannot be read.
    """
    content, problems = _content(path)
    if problems:
        return Reading(None, tuple(problems), (), _fingerprint(path.name, b""))
    return _read(content, str(path), path.parent, today)


def read_text(text: str, name: str, folder: Path, today: date) -> Reading:
    """Read a contract from ``text``; ``name`` stands in its problems, ``folder`` is where it lives.

    The house file and the signed document are looked for from ``folder``.
    """
    return _read(text.encode("utf-8", "surrogatepass"), name, folder, today)


def read_fields(node: Fields, text: str, name: str, folder: Path, today: date) -> Reading:
    """Read a contract from fields that stand somewhere else than in the ``text`` they make.

    Problems are placed where ``node`` says; ``name`` is the file that the text will be.
    """
    problems: list[Problem] = []
    own = CONTRACT.read(node, problems)
    source = _fingerprint(name, text.encode())
    return _judged(own, problems, source, folder, today)


def read_house(path: Path) -> tuple[Problem, ...]:
    """What is wrong with a house file by itself."""
    sheet, problems = _file_sheet(path, HOUSE)
    if sheet:
        problems.extend(house.said_twice(sheet))
        problems.extend(people.check_list(Terms((sheet,))))
    return _sorted(problems)


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems)))


def _fingerprint(name: str, content: bytes) -> Document:
    digest = hashlib.sha256(content).hexdigest()
    return Document(name=Prose(name), sha256=digest, size=len(content))


def _content(path: Path) -> tuple[bytes, list[Problem]]:
    place = Place(str(path), 1, 1, "")
    try:
        if path.exists() and not path.is_file():
            return b"", [problem(place, "there is no contract file here", "name one")]
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return b"", [problem(place, f"the file cannot be read: {reason}", "check its name")]
    return content, []


def _file_sheet(path: Path, form: Form) -> tuple[Sheet | None, list[Problem]]:
    content, problems = _content(path)
    return (None, problems) if problems else _sheet(content, str(path), form)


def _sheet(content: bytes, name: str, form: Form) -> tuple[Sheet | None, list[Problem]]:
    if len(content) > MAX_BYTES:
        what = f"the file is larger than {MAX_BYTES} bytes"
        return None, [problem(Place(name, 1, 1, ""), what, "a contract file is far smaller")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = place_of(content[: error.start].decode("utf-8-sig"), name)
        return None, [problem(place, "this is not UTF-8 text", "save the file as UTF-8")]
    node, problems = parse(text, name)
    return (form.read(node, problems) if node else None), problems


def _read(content: bytes, name: str, folder: Path, today: date | None) -> Reading:
    source = _fingerprint(Path(name).name, content)
    own, problems = _sheet(content, name, CONTRACT)
    return _judged(own, problems, source, folder, today)


def _judged(
    own: Sheet | None, problems: list[Problem], source: Document, folder: Path, today: date | None
) -> Reading:
    shared, of_house = _house(folder)
    problems.extend(of_house)
    if own is None:
        return Reading(None, _sorted(problems), (), source)
    terms = Terms((own, *shared))
    problems.extend(checks.check(terms, today))
    document, missing = _document(own, folder)
    problems.extend(missing)
    if problems:
        return Reading(None, _sorted(problems), (), source, own)
    return Reading(build(terms, document), (), _sorted([*remarks(terms)]), source, own)


def _house(folder: Path) -> tuple[tuple[Sheet, ...], list[Problem]]:
    path = house.find(folder)
    if path is None:
        return (), []
    sheet, problems = _file_sheet(path, HOUSE)
    return (() if sheet is None else (sheet,)), problems


def _document(own: Sheet, folder: Path) -> tuple[Document | None, list[Problem]]:
    """The signed document as it is now: its name as the contract has it, its hash and its size."""
    name: str | None = own.get("document")
    if name is None:
        return None, []
    try:
        with (folder / name).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Document(name=Prose(name), sha256=digest, size=file.tell()), []
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        what = f"the signed document {name!r} cannot be read beside the contract: {reason}"
        remedy = "put it there, or correct its name"
        return None, [problem(own.place("document"), what, remedy)]
