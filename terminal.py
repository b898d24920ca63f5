"""The terminal: what all commands share - consoles, options, how a refusal is said, exit codes."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from ladders.errors import HoldfastError

# What people wrote is shown as they wrote it: ``:on:`` is no picture.
OUT = Console(width=None if sys.stdout.isatty() else 200, emoji=False)
ERR = Console(stderr=True, emoji=False)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing; go on.")]
As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="ADDRESS", help="In whose right; else HOLDFAST_ME.", envvar="HOLDFAST_ME"
    ),
]
Note = Annotated[str | None, typer.Option("--note", "--reason", help="Words to put on record.")]
Evidence = Annotated[
    list[Path] | None, typer.Option("--evidence", help="A file to keep; its SHA-256 is recorded.")
]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day, YYYY-MM-DD.")]


_WRONG_USAGE = 2


def confirming(*, yes: bool) -> Callable[[], bool]:
    """Ask whoever sits at the terminal to go on; ``yes`` has said so, and a pipe cannot."""
    if yes:
        return lambda: True
    if not sys.stdin.isatty():
        return _refuse_unasked
    return lambda: typer.confirm("Go on?")


def agreeing(*, yes: bool, quiet: bool) -> Callable[[str], bool]:
    """Ask whoever sits at the terminal; where nobody does, or ``quiet``, only ``yes`` agrees."""
    asks = sys.stdin.isatty() and not quiet
    return lambda question: yes or (asks and typer.confirm(question))


def _refuse_unasked() -> NoReturn:
    what = "nothing was recorded: nobody can be asked here"
    refuse(what, "say --yes once what is shown above is what you want")
    leave(_WRONG_USAGE)


def leave_after(command: Callable[[], Awaitable[int]]) -> NoReturn:
    """Run an asynchronous command, and leave with its exit code."""

    async def awaited() -> int:
        return await command()

    leave_with(lambda: asyncio.run(awaited()))


def leave_with(command: Callable[[], int]) -> NoReturn:
    """Run a command and leave with its exit code; what it refuses is said in words, and is 1."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        code = command()
    except HoldfastError as error:
        code = refuse(error.what, error.remedy)
    except ValidationError as error:
        found = ", ".join(f"{item['loc'][-1]}: {item['msg']}" for item in error.errors())
        code = refuse(found, "nothing was recorded; say it again, corrected")
    except (OSError, SQLAlchemyError) as error:
        reason = getattr(error, "orig", None) or error
        code = refuse(f"{type(error).__name__}: {reason}", "holdfast doctor looks for the cause")
    leave(code)


def refuse(what: str, remedy: str) -> int:
    """Say what was refused and what to do about it; return the exit code for that."""
    ERR.print(what, style="red", soft_wrap=True, highlight=False, markup=False)
    ERR.print(f"  {remedy}", soft_wrap=True, highlight=False, markup=False)
    return 1


def leave(code: int) -> NoReturn:
    """End the command with an exit code."""
    raise typer.Exit(code)


def end(app: Callable[[], object]) -> NoReturn:
    """Run the program, and leave without the interpreter's teardown, which the SDK may crash."""
    # As Python would, before asyncio thinks better of it: a question is answered by Ctrl-C at once.
    signal.signal(signal.SIGINT, _interrupt)
    # What is loaded by now stays to the end: the collector need not look through it again.
    gc.freeze()
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


def _interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def local_today() -> date:
    """The local date."""
    return datetime.now().astimezone().date()


def me(person: str | None) -> str:
    """In whose right a command is given; wrong usage if nobody said."""
    if person is None:
        message = "say in whose right this is done: --as ADDRESS, or set HOLDFAST_ME"
        raise typer.BadParameter(message)
    return person
