"""``holdfast gallery``: every message of a sample ladder, as Slack, mail and console have it.

Nothing is sent and nothing is stored: the ladder is played by the same decisions that run it, from
a contract file, in no time at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from email.headerregistry import Address as MailAddress
from pathlib import Path
from typing import NamedTuple, TypeVar

from rich.console import Console

from activities.archive import Archive
from channels.blocks import as_json, blocks, fallback
from channels.composing import Told, compose
from channels.mailing import write_mail
from channels.message import Address, Handle, Letter, Surface
from channels.offers import changes
from commands.sample import PERMALINK, Play, Step, play
from contracts.reading import read_contract
from ladders.contract import Contract
from ladders.entries import ROOM, Message
from ladders.errors import HoldfastError
from ladders.events import ActionName
from ladders.outbox import board
from ledger.lines import Line

T = TypeVar("T")

_SENDER = MailAddress("Holdfast", username="holdfast", domain="holdfast.example")


class NoGallery(HoldfastError):
    """The contract file cannot be shown."""


class Picture(NamedTuple):
    """One message under the name of what it shows; ``letter`` words it for a surface."""

    name: str
    letter: Callable[[Surface], Letter]

    @property
    def slack(self) -> dict[str, object]:
        """What is posted in Slack, or what a message there is changed into: text and blocks."""
        letter = self.letter("slack")
        link = PERMALINK if letter.to is not None else None
        shown = as_json(blocks(letter, link))
        return {"text": fallback(letter), "blocks": shown}


def gallery(file: Path, out: Path, *, as_of: datetime, console: Console) -> int:
    """Write each message as ``NAME.json`` (Block Kit) and ``NAME.txt`` (console).

    What goes to a person is also written as the two readings of an e-mail, ``NAME.mail.txt`` and
    ``NAME.mail.html``. Raises NoGallery where the file is no correct contract.
    """
    reading = read_contract(file, today=as_of.date())
    if reading.contract is None:
        problems = "; ".join(map(str, reading.problems))
        raise NoGallery(f"{file} is not a correct contract: {problems}", "run holdfast check on it")
    out.mkdir(parents=True, exist_ok=True)
    shown = list(pictures(reading.contract))
    for picture in shown:
        _write(out, picture, as_of)
    console.print(f"{len(shown)} messages written into {out}", highlight=False, markup=False)
    return 0


def pictures(contract: Contract) -> Iterator[Picture]:
    """Every message of ladders worth seeing, and what some become once nothing is asked any more.

    One ladder is worked on, one nobody answers, and one is given a later date.
    """
    seen: set[str] = set()
    for course in (Play.worked(contract), Play.silent(contract), Play.extended(contract)):
        for picture in _pictures(list(play(course))):
            if picture.name not in seen:
                seen.add(picture.name)
                yield picture


def _pictures(steps: list[Step]) -> Iterator[Picture]:
    for step in steps:
        for name, told in _messages(step):
            yield Picture(name, _lettering(told))
    yield from _later(steps)


def _later(steps: list[Step]) -> Iterator[Picture]:
    """The messages to people whose answers changed after they were sent, as they became."""
    for index, step in enumerate(steps):
        for message in step.entry.body.tell:
            if message.to == ROOM:
                continue
            later = ((each.state, each.entry) for each in steps[index:])
            for by, answers in changes(later, message):
                name = f"{'later' if answers else 'spent'}-{message.topic}"
                told = _told(step, message)
                words = Archive(_Sample(), _Sample()).in_words(told, by, answers)
                became = replace(told, answers=answers, since=words)
                yield Picture(name, _lettering(became))


class _Sample:
    """Stands in for a ledger and its private rows: a sample is open from the start."""

    def lines(self, contract: str, stream: str | None = None) -> tuple[Line, ...]:  # noqa: ARG002
        """None: what is shown is at hand."""
        return ()

    def open(self, value: T) -> T:
        """The value itself."""
        return value

    def identity_of(self, ref: str) -> None:
        """Nobody: all who act in a sample stand on its roster."""


def _write(out: Path, picture: Picture, now: datetime) -> None:
    shown = json.dumps(picture.slack, indent=2, ensure_ascii=False)
    letter = picture.letter("console")
    files = {"json": shown, "txt": f"{letter.subject}\n\n{letter.body}"}
    if letter.to is not None and letter.aside is None:
        mail = write_mail(picture.letter("email"), _SENDER, _link, now)
        text, html = (part.get_content().strip() for part in mail.iter_parts())
        files |= {"mail.txt": f"{letter.subject}\n\n{text}", "mail.html": html}
    for suffix, content in files.items():
        (out / f"{picture.name}.{suffix}").write_text(f"{content}\n", encoding="utf-8")


def _link(handle: Handle, action: ActionName, _to: Address) -> str:
    return f"https://holdfast.example/answer/{handle.stream}/{action}"


def _messages(step: Step) -> Iterator[tuple[str, Told]]:
    """The messages of one entry, and the board as it then stands, by name."""
    kind = step.entry.body.kind
    for message in step.entry.body.tell:
        if message.to == ROOM:
            continue
        rung = f"-{message.rung}" if message.rung else ""
        stopped = "-stopped" if step.state.stands_still else ""
        yield f"{message.topic}{rung}{stopped}", _told(step, message)
    stream = step.state.stream
    for message in step.entry.body.tell:
        if message.topic == "event":
            yield f"thread-{kind}", _told(step, message)
    yield f"board-after-{kind}", _told(step, board(stream, 1))


def _told(step: Step, message: Message) -> Told:
    return Told(
        state=step.state,
        entry=step.entry,
        message=message,
        terms=step.terms,
        mark=step.mark,
        board="C0SAMPLE/1.000100",
        fact=step.fact,
    )


def _lettering(told: Told) -> Callable[[Surface], Letter]:
    person = told.terms.person(told.message.to)
    to = None
    if person is not None:
        to = Address(email=person.email, name=person.name, slack=person.slack)
    return lambda surface: compose(told, to, surface)
