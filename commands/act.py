"""``holdfast act`` and ``holdfast report``: what people do to a ladder, typed by an operator."""

from __future__ import annotations

import getpass
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from rich.console import Console

from desk.casebook import Casebook, UnknownCase
from desk.door import Desk, click_key
from desk.office import Office
from ladders.actions import ACTIONS, BEARS_EVIDENCE
from ladders.contract import Document
from ladders.entries import Doer
from ladders.errors import ActionRefused, HoldfastError
from ladders.events import Action
from ladders.prose import Prose
from ladders.values import Period
from ledger.evidence import EvidenceStore
from ledger.private import PrivateRows


class NotAnAction(HoldfastError):
    """Something typed that is no action, or an option that is no value."""


@dataclass(frozen=True)
class Typed:
    """What was typed after the action. ``person`` is the address of whose right is used."""

    person: str
    note: str | None = None
    rung: str | None = None
    delivered: date | None = None
    evidence: list[Path] = field(default_factory=list)
    pause: str | None = None


async def act(
    desk: Desk,
    office: Office,
    ladder: str,
    action: str,
    typed: Typed,
    *,
    console: Console,
    as_json: bool = False,
) -> int:
    """Carry out ``action`` on ``ladder``, such as ``KSS-2026-014/tooling/1``; print the answer.

    Evidence is kept before anything is asked of the ladder. Raises HoldfastError where the ladder
    is unknown or the action is refused.
    """
    casebook = office.casebook
    contract, stream = find_ladder(casebook, ladder)
    if action not in ACTIONS:
        raise NotAnAction(f"{action!r} is no action", f"use one of {', '.join(ACTIONS)}")
    if typed.evidence and action not in BEARS_EVIDENCE:
        what = f"{action} takes no evidence"
        raise NotAnAction(what, f"show it with {', '.join(BEARS_EVIDENCE)}")
    by = operator(casebook.private, on_behalf_of=casebook.person(contract, typed.person))
    now = office.clock()
    request = Action(
        key=click_key(contract, stream, action, by, now),
        name=action,
        by=by,
        received_at=now,
        rung=typed.rung,
        note=_words(typed.note),
        delivered=typed.delivered,
        evidence=tuple(kept(office.evidence, path) for path in typed.evidence),
        pause=_period(typed.pause),
    )
    answer = await desk.act(contract, stream, request)
    line = casebook.ledger.find(contract, request.key)
    number = answer.entry.seq if answer.entry else line and line.seq
    done = {"action": action, "contract": contract, "ladder": stream, "entry": number}
    words = f"{action}: recorded as entry {number} of {contract}, on {stream}"
    said = json.dumps(done) if as_json else words
    console.print(said, soft_wrap=True, highlight=False, markup=False)
    return 0


async def report(
    desk: Desk,
    office: Office,
    contract: str,
    milestone: str,
    typed: Typed,
    *,
    console: Console,
    as_json: bool = False,
) -> int:
    """Report a milestone delivered, with the day, or not; begins its ladder if need be."""
    office.casebook.person(contract, typed.person)
    if typed.delivered is None:
        _refuse_early(office.casebook, contract, milestone, office.clock())
    stream = await desk.begin(contract, milestone)
    action = "confirm" if typed.delivered is None else "tender"
    ladder = f"{contract}/{stream}"
    return await act(desk, office, ladder, action, typed, console=console, as_json=as_json)


def _refuse_early(casebook: Casebook, contract: str, milestone: str, now: datetime) -> None:
    # Before a ladder is begun for it: the ladder would refuse the same, but would have begun.
    watch = casebook.watch(contract)
    watched = watch.contract.milestone(milestone)
    if watched is None:
        return
    due = watch.due(watched)
    if due is None:
        what = f"time stands still for {milestone}, so it is not due"
        raise ActionRefused(
            what, "say that it was not delivered once time runs again and it is due"
        )
    if watch.calendar.local(now).date() < due:
        what = f"{milestone} is not due before {due}"
        raise ActionRefused(what, "say that it was not delivered on the due date or after it")


def find_ladder(casebook: Casebook, ladder: str) -> tuple[str, str]:
    """Contract and stream of ``CONTRACT/MILESTONE/N``, or of the latest where N is left out."""
    contract, _, rest = ladder.partition("/")
    streams = casebook.streams(contract)
    matching = [stream for stream in streams if rest in (stream, stream.rpartition("/")[0])]
    if not matching:
        known = ", ".join(f"{contract}/{stream}" for stream in streams) or "none yet"
        raise UnknownCase(f"there is no ladder {ladder!r}", f"its ladders: {known}")
    return contract, matching[-1]


def operator(private: PrivateRows, on_behalf_of: str | None = None) -> Doer:
    """Whoever is logged in on this machine, acting for themselves or for somebody (law 18)."""
    actor = private.identify(f"os:{getpass.getuser()}")
    return Doer.model_validate(
        {
            "actor": actor,
            "on_behalf_of": on_behalf_of,
            "authenticated_by": "os-user",
            "via": "cli",
        }
    )


def exhibit(path: Path) -> Document:
    """A file as it is now: name, SHA-256 and size."""
    with _readable(path):
        content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return Document(name=Prose(path.name), sha256=digest, size=len(content))


def kept(store: EvidenceStore, path: Path) -> Document:
    """A file shown as evidence, of which ``store`` now keeps a copy."""
    with _readable(path):
        copy = store.keep_file(path)
    return Document(name=Prose(path.name), sha256=copy.sha256, size=copy.size)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotAnAction(f"{path}: {error.strerror}", "name a file that can be read") from None


def _words(text: str | None) -> Prose | None:
    if text is None:
        return None
    if not Prose.min_length <= len(text) <= Prose.max_length:
        what = f"the note has {len(text)} characters"
        raise NotAnAction(what, f"write 1 to {Prose.max_length}; attach what is longer as evidence")
    return Prose(text)


def _period(text: str | None) -> Period | None:
    if text is None:
        return None
    try:
        return Period.parse(text)
    except ValueError as error:
        raise NotAnAction(str(error), "say how long reminders are to pause") from None
