"""The ``holdfast`` command: reads what was typed, calls :mod:`commands`, tells the exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

import cli_contracts
import cli_files
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
                desk, office.casebook, contract, milestone, typed, clock=utc_now, console=OUT
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
            return await act(
                desk, office.casebook, ladder, action, typed, clock=utc_now, console=OUT
            )

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
def audit(
    contract: str,
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
) -> None:
    """Write the history of a contract: text, HTML, and the exact lines."""
    from commands.audit import audit

    leave_with(
        lambda: audit(open_office(Settings()).casebook, contract, out, clock=utc_now, console=OUT)
    )


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


@app.command()
def reconcile(
    contracts: Annotated[list[str] | None, typer.Argument(help="Contracts; else all.")] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Mend without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Compare the ledger with Temporal's histories, and mend what it lost."""
    from commands.reconcile import reconcile
    from worker import connect

    def confirm(question: str) -> bool:
        return yes or (sys.stdin.isatty() and not as_json and typer.confirm(question))

    settings = Settings()
    leave_after(
        lambda: reconcile(
            lambda: connect(settings), open_office(settings), contracts or [],
            confirm=confirm, as_json=as_json, console=OUT,
        )
    )  # fmt: skip


@app.command()
def rebuild(*, as_json: Json = False) -> None:
    """Start all open contracts and ladders again, from the ledger, where Temporal has lost them."""
    from commands.rebuild import rebuild
    from worker import connect

    settings = Settings()
    office = open_office(settings)
    leave_after(lambda: rebuild(lambda: connect(settings), office, as_json=as_json, console=OUT))


@app.command()
def demo(
    file: Annotated[Path | None, typer.Argument(help="A contract of your own to walk.")] = None,
    *,
    out: Annotated[Path, typer.Option(help="Where the audit is written.")] = Path("out/demo"),
    stay: Annotated[bool, typer.Option(help="Keep Temporal's UI open at the end.")] = False,
) -> None:
    """Walk two ladders through ninety days in seconds, and verify the audit."""
    from commands.demo import demo
    from worker import serving

    example = Path(__file__).parent / "examples" / "kss-2026-014.yaml"
    leave_after(lambda: demo(serving, file or example, out, now=utc_now(), stay=stay, console=OUT))


@app.command()
def up(
    *,
    port: Annotated[int, typer.Option(help="Temporal's port on loopback.")] = 7233,
    ui_port: Annotated[int, typer.Option(help="The port of Temporal's UI.")] = 8233,
    with_parent: Annotated[
        bool, typer.Option("--with-parent", help="End once the program that started it has ended.")
    ] = False,
) -> None:
    """Run everything on this machine: Temporal's server, the worker, the ledger."""
    from commands.up import Named, Place, up
    from worker import choose_channel, connect, named_address, serving

    async def run() -> int:
        settings = Settings()
        address = named_address()
        return await up(
            serving,
            lambda: open_office(settings),
            choose_channel(settings, OUT),
            Place(settings.data, port, ui_port, _channel_in_words(settings)),
            Named(address, lambda: connect(settings)) if address else None,
            with_parent=with_parent,
            console=OUT,
        )

    leave_after(run)


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Look at everything Holdfast needs, and say what to do about what is missing."""
    from commands.doctor import doctor
    from worker import connect

    settings = Settings()
    leave_after(
        lambda: doctor(
            lambda: connect(settings),
            lambda: open_office(settings),
            _channel_in_words(settings),
            now=utc_now(),
            as_json=as_json,
            console=OUT,
        )
    )


def _channel_in_words(settings: Settings) -> str:
    token = settings.read_slack_token()
    return "console, as no Slack token is set" if token is None else "Slack"


def main() -> NoReturn:
    """Run the command, and leave with its exit code."""
    end(app)


if __name__ == "__main__":
    main()
