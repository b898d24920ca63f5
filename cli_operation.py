"""The commands of whoever operates Holdfast: demo, up, doctor and others."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from settings import Settings, open_office, utc_now
from terminal import OUT, Json, Yes, agreeing, leave_after, leave_with

if TYPE_CHECKING:
    from commands.doctor_reach import Reach

app = typer.Typer()


@app.command()
def reconcile(
    contracts: Annotated[list[str] | None, typer.Argument(help="Contracts; else all.")] = None,
    *,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Compare the ledger with Temporal's histories, and mend what it lost."""
    from clients import connect
    from commands.reconcile import reconcile

    settings = Settings()
    leave_after(
        lambda: reconcile(
            lambda: connect(settings), open_office(settings), contracts or [],
            confirm=agreeing(yes=yes, quiet=as_json), as_json=as_json, console=OUT,
        )
    )  # fmt: skip


@app.command()
def rebuild(*, as_json: Json = False) -> None:
    """Start all open contracts and ladders again, from the ledger, where Temporal has lost them."""
    from clients import connect
    from commands.rebuild import rebuild

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
    from clients import choose_channel, connect, named_address
    from commands.up import Named, Place, up
    from worker import serving_all

    async def run() -> int:
        settings = Settings()
        address = named_address()
        return await up(
            partial(serving_all, settings),
            lambda: open_office(settings),
            choose_channel(settings, OUT),
            Place(
                settings.data,
                port,
                ui_port,
                _channel_in_words(settings),
                _answers_in_words(settings),
            ),
            Named(address, lambda: connect(settings)) if address else None,
            with_parent=with_parent,
            console=OUT,
        )

    leave_after(run)


@app.command()
def doctor(*, as_json: Json = False) -> None:
    """Look at everything Holdfast needs, and say what to do about what is missing."""
    from clients import connect
    from commands.doctor import doctor

    settings = Settings()
    leave_after(
        lambda: doctor(
            lambda: connect(settings),
            lambda: open_office(settings),
            _reach(settings),
            now=utc_now(),
            as_json=as_json,
            console=OUT,
        )
    )


@app.command("slack-manifest")
def slack_manifest(
    *,
    url: Annotated[
        str | None,
        typer.Option(metavar="https://…", help="Clicks come in there; else by Socket Mode."),
    ] = None,
) -> None:
    """Print the manifest from which Slack creates the app."""
    from commands.slack_manifest import manifest

    def run() -> int:
        typer.echo(manifest(url), nl=False)
        return 0

    leave_with(run)


def _reach(settings: Settings) -> Reach:
    from commands.doctor_mail import Mail
    from commands.doctor_reach import Reach, Secret
    from commands.slack_manifest import INTERACTIONS

    names = (
        "slack_token",
        "slack_app_token",
        "slack_signing_secret",
        "link_secret",
        "smtp_password",
    )
    token, app_token, signing_secret, link_secret, password = (
        Secret.read(
            name.upper(), getattr(settings, f"{name}_file"), getattr(settings, f"read_{name}")
        )
        for name in names
    )
    here = f"http://{settings.web_host}:{settings.web_port}"
    return Reach(
        token,
        app_token,
        signing_secret,
        slack_api=settings.slack_api,
        receiver=f"{(settings.public_url or here).rstrip('/')}{INTERACTIONS}",
        mail=Mail(
            settings.smtp_host, settings.smtp_port, settings.smtp_tls,
            settings.smtp_user, password.value,
            needed={
                "HOLDFAST_SMTP_HOST": settings.smtp_host is not None,
                "HOLDFAST_SMTP_FROM": settings.smtp_from is not None,
                "HOLDFAST_LINK_SECRET": link_secret.value is not None,
                "HOLDFAST_PUBLIC_URL": settings.public_url is not None,
            },
            fault=_fault_of_links(settings),
        ),
        more=(link_secret, password),
    )  # fmt: skip


def _fault_of_links(settings: Settings) -> tuple[str, str] | None:
    from clients import choose_links
    from desk.links import NotAnAddress, WeakSecret
    from ladders.errors import HoldfastError

    try:
        choose_links(settings, utc_now)
    except (NotAnAddress, WeakSecret) as fault:
        return fault.what, fault.remedy
    except (HoldfastError, OSError):
        return None  # set in part, or not to be read: that is said besides
    return None


def _channel_in_words(settings: Settings) -> str:
    token = settings.read_slack_token()
    return "console, as no Slack token is set" if token is None else "Slack"


def _answers_in_words(settings: Settings) -> str:
    at = f"http://{settings.web_host}:{settings.web_port}"
    ways = {
        f"Slack at {at}/slack/interactions": settings.read_slack_signing_secret(),
        "Slack by Socket Mode": settings.read_slack_app_token(),
        f"links in e-mails at {at}": settings.read_link_secret(),
    }
    named = [way for way, secret in ways.items() if secret is not None]
    return "; ".join(named) or "commands alone, as nothing is set for Slack or e-mail"
