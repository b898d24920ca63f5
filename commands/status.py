"""``holdfast status``: what falls due, where every open ladder stands, whose turn it is."""

from __future__ import annotations

from datetime import datetime

from rich.console import Console

from commands.morning import page
from desk.choosing import Choice, choose
from desk.office import Office
from desk.overlooking import Overlooking
from desk.overview import Falls, Milestone, OpenLadder, Overview, Request
from ladders.values import Instant, Value


class Document(Value):
    """What ``--json`` prints; the fields of its parts are explained in :mod:`desk.overview`.

    ``falls_due`` reaches to the sixth day after today, or is what ``--due`` asks for.
    ``milestones`` are there with ``--all`` only.
    """

    now: Instant
    ladders: tuple[OpenLadder, ...]
    falls_due: tuple[Falls, ...]
    requests: tuple[Request, ...]
    milestones: tuple[Milestone, ...] | None
    unreadable: dict[str, str]


def status(
    office: Office,
    choice: Choice,
    *,
    now: datetime,
    everything: bool = False,
    as_json: bool,
    console: Console,
) -> int:
    """Print what fits the ``choice``; with ``everything``, milestones without open ladders too.

    Returns 1 if something in the ledger could not be read. Raises NotAChoice.
    """
    overview = choose(Overlooking(office, now).read(choice.horizon(now)), choice)
    if as_json:
        console.file.write(f"{_document(overview, now, everything=everything)}\n")
    else:
        shown = page(
            overview,
            now,
            console.width,
            everything=everything,
            is_whole=not choice.is_narrow,
            parked=choice.parked,
        )
        console.print(shown, soft_wrap=True)
    return 1 if overview.unreadable else 0


def _document(overview: Overview, now: datetime, *, everything: bool) -> str:
    document = Document(
        now=now,
        ladders=overview.ladders,
        falls_due=overview.falls,
        requests=overview.requests,
        milestones=overview.milestones if everything else None,
        unreadable={stream: str(error) for stream, error in overview.unreadable.items()},
    )
    return document.model_dump_json(indent=2)
