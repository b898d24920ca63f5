"""``holdfast gallery``: every message of a sample ladder, as Slack, mail and console have it.

Nothing is sent and nothing is stored: the ladder is played by the same decisions that run it, from
a contract file, in no time at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from channels.blocks import as_json, blocks, fallback
from channels.composing import Told, compose
from channels.message import Address, Letter, Surface
from commands.sample import PERMALINK, Play, Step, play
from contracts.reading import read_contract
from ladders.contract import Contract
from ladders.entries import ROOM, Message
from ladders.errors import HoldfastError
from ladders.outbox import board


class NoGallery(HoldfastError):
    """The contract file cannot be shown."""


class Picture(NamedTuple):
    """One message under the name of what it shows; ``letter`` words it for a surface."""

    name: str
    letter: Callable[[Surface], Letter]


def gallery(file: Path, out: Path, *, as_of: datetime, console: Console) -> int:
    """Write each message as ``NAME.json`` (Block Kit), ``NAME.txt`` (console), ``NAME.mail.txt``.

    Raises NoGallery where the file is no correct contract.
    """
    reading = read_contract(file, today=as_of.date())
    if reading.contract is None:
        problems = "; ".join(map(str, reading.problems))
        raise NoGallery(f"{file} is not a correct contract: {problems}", "run holdfast check on it")
    out.mkdir(parents=True, exist_ok=True)
    shown = list(pictures(reading.contract))
    for name, letter in shown:
        _write(out, name, letter)
    console.print(f"{len(shown)} messages written into {out}", highlight=False, markup=False)
    return 0


def pictures(contract: Contract) -> Iterator[Picture]:
    """Every message of two ladders worth seeing: one that is worked on, one that nobody answers."""
    seen: set[str] = set()
    for course in (Play.worked(contract), Play.silent(contract)):
        for step in play(course):
            for name, told in _messages(step):
                if name not in seen:
                    seen.add(name)
                    yield Picture(name, _lettering(told))


def as_slack(letter: Letter) -> dict[str, object]:
    """What would be posted of a letter: text and blocks."""
    link = PERMALINK if letter.to is not None else None
    return {"text": fallback(letter), "blocks": as_json(blocks(letter, link))}


def _write(out: Path, name: str, letter: Callable[[Surface], Letter]) -> None:
    shown = json.dumps(as_slack(letter("slack")), indent=2, ensure_ascii=False)
    (out / f"{name}.json").write_text(f"{shown}\n", encoding="utf-8")
    for surface, suffix in (("console", "txt"), ("email", "mail.txt")):
        worded = letter("console" if surface == "console" else "email")
        (out / f"{name}.{suffix}").write_text(f"{worded.subject}\n\n{worded.text}\n", "utf-8")


def _messages(step: Step) -> Iterator[tuple[str, Told]]:
    """The messages of one entry, and the board as it then stands, by name."""
    kind = step.entry.body.kind
    for message in step.entry.body.tell:
        if message.to == ROOM:
            continue
        rung = f"-{message.rung}" if message.rung else ""
        yield f"{message.topic}{rung}", _told(step, message)
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
