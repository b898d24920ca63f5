"""The ``holdfast`` command: reads what was typed, calls :mod:`commands`, tells the exit code."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError

from ladders.errors import HoldfastError
from settings import Settings, open_office, utc_now

app = typer.Typer(
    name="holdfast",
    help="Runs the escalation clause of a vendor contract, and proves every step.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
_OUT = Console(width=None if sys.stdout.isatty() else 200)
_ERR = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="ADDRESS", help="In whose right; else HOLDFAST_ME.", envvar="HOLDFAST_ME"
    ),
]
Note = Annotated[str | None, typer.Option("--note", "--reason", help="Words to put on record.")]
Evidence = Annotated[
    list[Path] | None, typer.Option("--evidence", help="A file whose SHA-256 is recorded.")
]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, YYYY-MM-DD.")]


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(help="Contract files, or folders of them.")],
    *,
    expand: Annotated[bool, typer.Option(help="Print the contract written out in full.")] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Check as of this day instead of today."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Read contract files and name everything that is wrong with them."""
    from commands.check import check

    today = as_of.date() if as_of else _today()
    _leave(check(files, today=today, expand=expand, as_json=as_json, console=_OUT))


@app.command()
def register(file: Annotated[Path, typer.Argument(help="A contract file.")]) -> None:
    """Put a contract under watch."""
    from commands.register import register
    from worker import at_the_desk

    async def run() -> int:
        async with at_the_desk(Settings()) as (desk, office):
            return await register(desk, office.casebook, file, today=_today(), console=_OUT)

    _run(run)


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
        person=_me(person),
        note=note,
        delivered=delivered.date() if delivered else None,
        evidence=evidence or [],
    )

    async def run() -> int:
        async with at_the_desk(Settings()) as (desk, office):
            return await report(
                desk, office.casebook, contract, milestone, typed, clock=utc_now, console=_OUT
            )

    _run(run)


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
        person=_me(person),
        note=note,
        rung=rung,
        delivered=delivered.date() if delivered else None,
        evidence=evidence or [],
        pause=pause,
    )

    async def run() -> int:
        async with at_the_desk(Settings()) as (desk, office):
            return await act(
                desk, office.casebook, ladder, action, typed, clock=utc_now, console=_OUT
            )

    _run(run)


@app.command()
def status(
    contract: Annotated[str | None, typer.Argument(help="One contract; else all.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show where every milestone stands, whose turn it is, until when."""
    from commands.status import status

    _leave_with(
        lambda: status(open_office(Settings()).casebook, contract, as_json=as_json, console=_OUT)
    )


@app.command()
def audit(
    contract: str,
    out: Annotated[Path, typer.Option(help="The folder to write into.")],
) -> None:
    """Write the history of a contract: text, HTML, and the exact lines."""
    from commands.audit import audit

    _leave_with(
        lambda: audit(open_office(Settings()).casebook, contract, out, clock=utc_now, console=_OUT)
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
            return verify_file(Path(what), seen, as_json=as_json, console=_OUT)

        casebook = open_office(Settings()).casebook
        return verify_contract(casebook, what, seen, as_json=as_json, console=_OUT)

    _leave_with(run)


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
    _run(
        lambda: reconcile(
            lambda: connect(settings), open_office(settings), contracts or [],
            confirm=confirm, as_json=as_json, console=_OUT,
        )
    )  # fmt: skip


@app.command()
def rebuild(*, as_json: Json = False) -> None:
    """Start all open contracts and ladders again, from the ledger, where Temporal has lost them."""
    from commands.rebuild import rebuild
    from worker import connect

    settings = Settings()
    office = open_office(settings)
    _run(lambda: rebuild(lambda: connect(settings), office, as_json=as_json, console=_OUT))


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
    _run(lambda: demo(serving, file or example, out, now=utc_now(), stay=stay, console=_OUT))


@app.command()
def picture(
    file: Annotated[Path, typer.Argument(help="A contract file.")],
    milestone: Annotated[str | None, typer.Argument(help="Whose ladder; else the first.")] = None,
    *,
    out: Annotated[Path, typer.Option(help="The SVG file to write.")],
) -> None:
    """Draw the ladder of a milestone."""
    from commands.picture import picture

    _leave_with(lambda: picture(file, milestone, out=out, console=_OUT))


@app.command()
def up(
    *,
    port: Annotated[int, typer.Option(help="Temporal's port on loopback.")] = 7233,
    ui_port: Annotated[int, typer.Option(help="The port of Temporal's UI.")] = 8233,
) -> None:
    """Run everything on this machine: Temporal's server, the worker, the ledger."""
    from commands.up import up
    from worker import choose_channel, serving

    settings = Settings()
    channel = choose_channel(settings, _OUT)
    settings.data.mkdir(parents=True, exist_ok=True)
    _run(
        lambda: up(
            serving,
            open_office(settings),
            channel,
            data=settings.data,
            port=port,
            ui_port=ui_port,
            console=_OUT,
        )
    )


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Look at everything Holdfast needs, and say what to do about what is missing."""
    from commands.doctor import doctor
    from worker import connect

    settings = Settings()
    channel = (
        "console, as no Slack token is set" if settings.read_slack_token() is None else "Slack"
    )
    _run(
        lambda: doctor(
            lambda: connect(settings),
            lambda: open_office(settings),
            channel,
            now=utc_now(),
            as_json=as_json,
            console=_OUT,
        )
    )


def main() -> NoReturn:
    """Run the command; leave without the interpreter's teardown, which the SDK may crash."""
    code = 0
    try:
        app()
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except KeyboardInterrupt:
        code = 130
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(command: Callable[[], Awaitable[int]]) -> NoReturn:
    async def awaited() -> int:
        return await command()

    _leave_with(lambda: asyncio.run(awaited()))


def _leave_with(command: Callable[[], int]) -> NoReturn:
    try:
        code = command()
    except HoldfastError as error:
        code = _refuse(error.what, error.remedy)
    except ValidationError as error:
        found = ", ".join(f"{item['loc'][-1]}: {item['msg']}" for item in error.errors())
        code = _refuse(found, "nothing was recorded; say it again, corrected")
    except (OSError, SQLAlchemyError) as error:
        reason = getattr(error, "orig", None) or error
        code = _refuse(f"{type(error).__name__}: {reason}", "holdfast doctor looks for the cause")
    _leave(code)


def _refuse(what: str, remedy: str) -> int:
    _ERR.print(what, style="red", soft_wrap=True, highlight=False, markup=False)
    _ERR.print(f"  {remedy}", soft_wrap=True, highlight=False, markup=False)
    return 1


def _leave(code: int) -> NoReturn:
    raise typer.Exit(code)


def _today() -> date:
    return datetime.now().astimezone().date()


def _me(person: str | None) -> str:
    if person is None:
        message = "say in whose right this is done: --as ADDRESS, or set HOLDFAST_ME"
        raise typer.BadParameter(message)
    return person


if __name__ == "__main__":
    main()
