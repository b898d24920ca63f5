"""The commands that change a contract as a whole: each shows first what its ladders would do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from settings import Settings, utc_now
from terminal import OUT, As, Evidence, Json, Note, Yes, confirming, leave_after, me

if TYPE_CHECKING:
    from commands.instruct import Counter
    from ladders.contract import Document
    from ladders.instructions import Request

app = typer.Typer()


Contract = Annotated[str, typer.Argument(help="Such as KSS-2026-014.")]
Milestone = Annotated[str, typer.Argument(help="Such as tooling.")]
Choice = Annotated[
    Literal["keep", "move", "withdraw"],
    typer.Option(help="Ladders past their miss go on as they are, go by the new terms, or end."),
]
Reason = Annotated[str, typer.Option("--reason", "--note", help="Why; put on record.")]


@app.command()
def amend(
    file: Annotated[Path, typer.Argument(help="The contract file with the new terms.")],
    *,
    because: Annotated[
        Literal["signed-amendment", "entry-error"],
        typer.Option(help="A signed change, or an error corrected."),
    ],
    ladders: Choice,
    note: Note = None,
    person: As = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Put other terms of a contract in force; shows what differs."""

    async def amended(counter: Counter) -> int:
        from commands.amend import amend

        return await amend(counter, file, because=because, ladders=ladders, note=note)

    _at_the_counter(person, amended, yes=yes, as_json=as_json)


@app.command()
def extend(
    contract: Contract,
    milestone: Milestone,
    *,
    to: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The new due date.")],
    reservation: Annotated[str, typer.Option(help="The rights reserved in granting it.")],
    ladders: Choice = "keep",
    person: As = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Give a milestone a later due date, rights reserved."""
    from ladders.instructions import Extend
    from ladders.prose import Prose

    def request() -> Request:
        said = Prose(reservation)
        return Extend(milestone=milestone, due=to.date(), reservation=said, ladders=ladders)

    _instruct(contract, request, person, yes=yes, as_json=as_json)


@app.command()
def waive(
    contract: Contract,
    milestone: Milestone,
    *,
    reason: Reason,
    person: As = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Give up the right to a milestone; closes its ladder."""
    from ladders.instructions import Waive
    from ladders.prose import Prose

    def request() -> Request:
        return Waive(milestone=milestone, reason=Prose(reason))

    _instruct(contract, request, person, yes=yes, as_json=as_json)


@app.command()
def toll(
    contract: Contract,
    event: Annotated[str, typer.Argument(help="What stops time, such as strike-2026-10.")],
    *,
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The first such day.")],
    milestone: Annotated[
        list[str] | None, typer.Option(help="For which milestone; else for all.")
    ] = None,
    ladders: Annotated[
        Literal["keep", "move"], typer.Option(help="move: ladders' own clocks stop too.")
    ] = "keep",
    clause: Annotated[str | None, typer.Option(help="The clause that grants it.")] = None,
    note: Note = None,
    evidence: Evidence = None,
    person: As = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Stop time for milestones, from a day on."""
    from ladders.instructions import Toll
    from ladders.prose import Prose

    def request() -> Request:
        return Toll(
            event=event,
            since=since.date(),
            milestones=tuple(milestone or ()),
            ladders=ladders,
            clause=None if clause is None else Prose(clause),
            note=None if note is None else Prose(note),
            evidence=_kept(evidence),
        )

    _instruct(contract, request, person, yes=yes, as_json=as_json)


@app.command()
def resume(
    contract: Contract,
    event: Annotated[str, typer.Argument(help="What had stopped time.")],
    *,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it runs again.")],
    note: Note = None,
    evidence: Evidence = None,
    person: As = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Let time run again, from a day on."""
    from ladders.instructions import Resume
    from ladders.prose import Prose

    def request() -> Request:
        return Resume(
            event=event,
            on=on.date(),
            note=None if note is None else Prose(note),
            evidence=_kept(evidence),
        )

    _instruct(contract, request, person, yes=yes, as_json=as_json)


@app.command()
def reassign(
    leaver: Annotated[str, typer.Argument(metavar="OLD", help="The address of who leaves.")],
    successor: Annotated[str, typer.Argument(metavar="NEW", help="The address of who follows.")],
    contracts: Annotated[list[str] | None, typer.Argument(help="In which contracts.")] = None,
    *,
    everywhere: Annotated[bool, typer.Option("--all", help="Wherever OLD stands.")] = False,
    role: Annotated[list[str] | None, typer.Option(help="Only in this role.")] = None,
    name: Annotated[str | None, typer.Option(help="The name of who follows.")] = None,
    slack: Annotated[str | None, typer.Option(help="Their Slack member id.")] = None,
    person: As = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Put somebody in another's place; open rungs are told anew."""
    if bool(contracts) == everywhere:
        message = "name the contracts, or say --all"
        raise typer.BadParameter(message)

    async def reassigned(counter: Counter) -> int:
        from commands.instruct import Successor, reassign

        follows = Successor(successor, name, slack)
        return await reassign(counter, contracts or [], leaver, follows, tuple(role or ()))

    _at_the_counter(person, reassigned, yes=yes, as_json=as_json)


@app.command()
def close(
    contract: Contract,
    *,
    ladders: Annotated[
        Literal["keep", "withdraw"],
        typer.Option(help="Open ladders go on to their end, or end now."),
    ],
    reason: Reason,
    person: As = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """End the watch over a contract, saying what its open ladders do."""
    from ladders.instructions import Close
    from ladders.prose import Prose

    def request() -> Request:
        return Close(ladders=ladders, reason=Prose(reason))

    _instruct(contract, request, person, yes=yes, as_json=as_json)


@app.command()
def note(
    contract: Contract,
    words: Annotated[str, typer.Argument(help="What to put on record.")],
    *,
    person: As = None,
    as_json: Json = False,
) -> None:
    """Put a note on record that concerns a contract as a whole."""
    from ladders.instructions import Remark
    from ladders.prose import Prose

    _instruct(contract, lambda: Remark(note=Prose(words)), person, yes=True, as_json=as_json)


def _kept(evidence: list[Path] | None) -> tuple[Document, ...]:
    from commands.act import kept
    from ledger.evidence import EvidenceStore

    store = EvidenceStore(Settings().evidence_folder)
    return tuple(kept(store, path) for path in evidence or ())


def _instruct(
    contract: str,
    request: Callable[[], Request],
    person: str | None,
    *,
    yes: bool,
    as_json: bool,
) -> NoReturn:
    async def instructed(counter: Counter) -> int:
        from commands.instruct import instruct

        return await instruct(counter, contract, request())

    _at_the_counter(person, instructed, yes=yes, as_json=as_json)


def _at_the_counter(
    person: str | None, do: Callable[[Counter], Awaitable[int]], *, yes: bool, as_json: bool
) -> NoReturn:
    entitled = me(person)

    async def done() -> int:
        async with _counter(entitled, yes=yes, as_json=as_json) as counter:
            return await do(counter)

    leave_after(done)


@asynccontextmanager
async def _counter(person: str, *, yes: bool, as_json: bool) -> AsyncIterator[Counter]:
    from clients import find_members
    from commands.instruct import Counter
    from worker import at_the_desk

    settings = Settings()
    confirm = (lambda: yes) if as_json else confirming(yes=yes)
    async with at_the_desk(settings) as (desk, office):
        members = find_members(settings, office)
        yield Counter(
            desk, office.casebook, person, utc_now, OUT, confirm, members, as_json=as_json
        )
