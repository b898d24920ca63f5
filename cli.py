"""The ``holdfast`` command: reads what was typed, calls :mod:`commands`, tells the exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

import cli_contracts
import cli_files
import cli_operation
from settings import Settings, open_office, utc_now
from terminal import (
    OUT,
    As,
    Day,
    Evidence,
    Json,
    Note,
    end,
    leave_after,
    leave_with,
    me,
)

app = typer.Typer(
    name="holdfast",
    help="Runs the escalation clause of a vendor contract, and proves every step.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(cli_files.app)
app.add_typer(cli_contracts.app)
app.add_typer(cli_operation.app)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001
    from importlib.metadata import version

    if wanted:
        typer.echo(f"holdfast {version('holdfast')}")
        raise typer.Exit


@app.callback()
def holdfast(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Say which it is."),
    ] = False,
) -> None:
    """Run one command; what stands before it is said to all of them."""


@app.command()
def report(
    contract: str,
    milestone: str,
    *,
    delivered: Day = None,
    not_delivered: Annotated[bool, typer.Option("--not-delivered")] = False,
    person: As = None,
    note: Note = None,
    evidence: Evidence = None,
    as_json: Json = False,
) -> None:
    """Report a milestone delivered, with the day, or not delivered."""
    from commands.act import Typed, report
    from worker import at_the_desk

    if (delivered is None) != not_delivered:
        message = "say either --delivered YYYY-MM-DD or --not-delivered"
        raise typer.BadParameter(message)
    typed = Typed(
        person=me(person),
        note=note,
        delivered=delivered.date() if delivered else None,
        evidence=evidence or [],
    )

    async def run() -> int:
        async with at_the_desk(Settings()) as (desk, office):
            return await report(
                desk, office, contract, milestone, typed, console=OUT, as_json=as_json
            )

    leave_after(run)


@app.command()
def act(
    ladder: Annotated[str, typer.Argument(help="Such as KSS-2026-014/tooling/1.")],
    action: Annotated[str, typer.Argument(help="acknowledge, complete, confirm, escalate …")],
    *,
    person: As = None,
    note: Note = None,
    rung: Annotated[str | None, typer.Option(help="Which rung, if several are open.")] = None,
    delivered: Day = None,
    evidence: Evidence = None,
    pause: Annotated[
        str | None, typer.Option("--for", help="How long an acknowledgement pauses reminders.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Do something to a ladder."""
    from commands.act import Typed, act
    from worker import at_the_desk

    typed = Typed(
        person=me(person),
        note=note,
        rung=rung,
        delivered=delivered.date() if delivered else None,
        evidence=evidence or [],
        pause=pause,
    )

    async def run() -> int:
        async with at_the_desk(Settings()) as (desk, office):
            return await act(desk, office, ladder, action, typed, console=OUT, as_json=as_json)

    leave_after(run)


@app.command()
def status(
    contracts: Annotated[
        list[str] | None, typer.Argument(metavar="CONTRACT", help="Of these; else all.")
    ] = None,
    *,
    person: Annotated[
        str | None, typer.Option(metavar="ADDRESS|NAME", help="Whose turn it is, or who stands in.")
    ] = None,
    phase: Annotated[
        str | None, typer.Option(help="watching, climbing, exhausted, closed.")
    ] = None,
    supplier: Annotated[str | None, typer.Option(help="A part of the supplier's name.")] = None,
    due: Annotated[
        str | None, typer.Option(metavar="today|week|overdue|DATE", help="What is due then.")
    ] = None,
    parked: Annotated[bool, typer.Option("--parked", help="With messages parked.")] = False,
    sort: Annotated[str, typer.Option(help="By until, contract, turn, age or due date.")] = "until",
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Milestones that wait or are settled, too.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what is due, and where every open ladder stands: whose turn it is, until when."""
    from commands.status import status
    from desk.choosing import Choice

    choice = Choice(
        tuple(contracts or ()), person, phase, supplier, due, parked, sort, reverse
    )  # fmt: skip
    leave_with(
        lambda: status(
            open_office(Settings()),
            choice,
            now=utc_now(),
            everything=everything,
            as_json=as_json,
            console=OUT,
        )
    )


@app.command()
def digest(
    *,
    person: Annotated[str, typer.Option(metavar="ADDRESS", help="Whose digest.")],
    weekly: Annotated[
        bool, typer.Option("--weekly", help="Where all that they approve stands.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what somebody's digest of this morning, or of this week, would say now."""
    from commands.digest import digest

    leave_with(
        lambda: digest(
            open_office(Settings()), person,
            now=utc_now(), weekly=weekly, as_json=as_json, console=OUT,
        )
    )  # fmt: skip


@app.command()
def audit(
    contract: str,
    *,
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
    as_json: Json = False,
) -> None:
    """Write the history of a contract: text, HTML, and the exact lines."""
    from commands.audit import audit

    def run() -> int:
        office = open_office(Settings())
        return audit(
            office.casebook, contract, out, clock=utc_now,
            console=OUT, as_json=as_json, evidence=office.evidence,
        )  # fmt: skip

    leave_with(run)


@app.command()
def verify(
    what: Annotated[str, typer.Argument(help="A folder that audit wrote, or a contract.")],
    *,
    seen: Annotated[
        str | None, typer.Option(metavar="HEAD@ENTRY", help="A head noted elsewhere.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that a history is whole and unchanged."""
    from commands.audit import verify_contract, verify_file

    def run() -> int:
        if Path(what).exists():
            return verify_file(Path(what), seen, as_json=as_json, console=OUT)

        casebook = open_office(Settings()).casebook
        return verify_contract(casebook, what, seen, as_json=as_json, console=OUT)

    leave_with(run)


def main() -> NoReturn:
    """Run the command, and leave with its exit code."""
    end(app)


if __name__ == "__main__":
    main()
