"""The commands that read contract files: check, import, register, picture."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from settings import Settings, utc_now
from terminal import OUT, Json, Yes, leave, leave_with, local_today

app = typer.Typer()


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

    today = as_of.date() if as_of else local_today()
    leave(check(files, today=today, expand=expand, as_json=as_json, console=OUT))


@app.command("import")
def import_(
    sheet: Annotated[Path | None, typer.Argument(help="An xlsx or CSV file.")] = None,
    *,
    to: Annotated[
        Path | None, typer.Option(help="The folder to write into; else that of the file.")
    ] = None,
    template: Annotated[
        Path | None, typer.Option(help="Write an empty xlsx or CSV file to fill in.")
    ] = None,
    skip_bad: Annotated[bool, typer.Option(help="Write right contracts beside bad ones.")] = False,
    register: Annotated[bool, typer.Option(help="Register what was written.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Write contract files from a spreadsheet, one row for each milestone."""
    from commands.importing import as_data, import_contracts, show, write_template

    if (sheet is None) == (template is None):
        message = "name either a spreadsheet, or with --template one to be written"
        raise typer.BadParameter(message)

    def run() -> int:
        if template is not None:
            write_template(template)
        if sheet is None:
            return 0
        found = import_contracts(sheet, to or sheet.parent, skip_bad=skip_bad, today=local_today())
        code = 1 if found.problems else 0
        if register and found.files and (skip_bad or not code):
            if not as_json:
                show(found, OUT)
            beside = {"imported": as_data(found)}
            return max(code, _register(found.files, yes=yes, as_json=as_json, beside=beside))
        if as_json:
            OUT.print_json(data=as_data(found))
        else:
            show(found, OUT)
        return code

    leave_with(run)


@app.command()
def register(
    files: Annotated[list[Path], typer.Argument(help="Contract files, or folders of them.")],
    *,
    preview: Annotated[bool, typer.Option(help="Say what would follow, and stop.")] = False,
    yes: Yes = False,
    past_due: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONTRACT/MILESTONE=open|delivered",
            help="What is so of a milestone whose date has passed; written into its file.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Put contracts under watch, having said what would be sent today, and to whom."""
    leave_with(
        lambda: _register(files, preview=preview, yes=yes, past_due=past_due or (), as_json=as_json)
    )


@app.command()
def picture(
    file: Annotated[Path, typer.Argument(help="A contract file.")],
    milestone: Annotated[str | None, typer.Argument(help="Whose ladder; else the first.")] = None,
    *,
    out: Annotated[Path, typer.Option(help="The SVG file to write.")],
) -> None:
    """Draw the ladder of a milestone."""
    from commands.picture import picture

    leave_with(lambda: picture(file, milestone, out=out, console=OUT))


def _register(
    files: Sequence[Path],
    *,
    preview: bool = False,
    yes: bool = False,
    past_due: Sequence[str] = (),
    as_json: bool = False,
    beside: Mapping[str, Any] | None = None,
) -> int:
    from clients import find_members
    from commands.register import Typed, register
    from commands.registry import Document, Page
    from worker import at_the_desk

    settings = Settings()
    asks = not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    typed = Typed(preview=preview, yes=yes, past_due=past_due, asks=asks)
    page = Document(OUT, beside or {}) if as_json else Page(OUT)

    async def run() -> int:
        async with at_the_desk(settings) as (desk, office):
            return await register(
                desk, office.casebook, files, typed,
                now=utc_now(), today=local_today(), page=page,
                members=find_members(settings, office),
            )  # fmt: skip

    return asyncio.run(run())


@app.command()
def gallery(
    file: Annotated[Path | None, typer.Argument(help="A contract file; else the example.")] = None,
    *,
    out: Annotated[Path, typer.Option(help="The folder to write into.")] = Path("out/gallery"),
) -> None:
    """Write every message of a sample ladder, as Block Kit and as text. Nothing is sent."""
    from commands.gallery import gallery

    example = Path(__file__).parent / "examples" / "kss-2026-014.yaml"
    leave_with(lambda: gallery(file or example, out, as_of=utc_now(), console=OUT))
