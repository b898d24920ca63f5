"""Clients: Temporal, Slack and mail, each as settings and environment name it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from rich.console import Console
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig, ClientConnectConfig

from activities.keeping import Fetcher, NoSlack
from activities.postman import Channel
from channels.console import ConsoleChannel
from channels.mail import MailChannel, MailServer
from channels.message import Address, Handle
from channels.slack import SlackChannel, slack_client
from channels.slack_directory import SlackDirectory
from channels.slack_files import SlackFiles
from desk.clickers import Clickers
from desk.links import Links
from desk.members import Members
from desk.office import Office
from ladders.errors import HoldfastError
from ladders.events import ActionName
from ledger.opening import open_engine
from ledger.postings import Postings
from settings import Settings, utc_now
from web.telling import LateNews, Teller


def choose_channel(settings: Settings, console: Console) -> Channel:
    """Slack where a token is set, else the console."""
    token = settings.read_slack_token()
    if token is None:
        return ConsoleChannel(console)
    # Slack's clock is the world's, whatever a rehearsal's says.
    memory = Postings(open_engine(settings.database_url), utc_now)
    return SlackChannel(slack_client(token, settings.slack_api), memory)


def choose_fetcher(settings: Settings) -> Fetcher:
    """Where files can be had that people attached: in Slack, if a token is set."""
    token = settings.read_slack_token()
    return NoSlack() if token is None else SlackFiles(slack_client(token, settings.slack_api))


def choose_clickers(settings: Settings, office: Office) -> Clickers:
    """What finds out who clicks in Slack; without a token, only who is remembered."""
    token = settings.read_slack_token()
    directory = token and SlackDirectory(slack_client(token, settings.slack_api))
    return Clickers(office.casebook, directory or None)


def find_members(settings: Settings, office: Office) -> Members | None:
    """What looks people up in Slack; None where no token is set."""
    token = settings.read_slack_token()
    if token is None:
        return None
    directory = SlackDirectory(slack_client(token, settings.slack_api))
    return Members(directory, office.private, by_mail=settings.smtp_host is not None)


def choose_links(settings: Settings, clock: Callable[[], datetime]) -> Links | None:
    """What makes and reads the links of e-mails; None where no e-mail is to be sent.

    Raises HoldfastError, naming all that lacks, where e-mail is set up in part.
    """
    secret = settings.read_link_secret()
    needed = {
        "HOLDFAST_SMTP_HOST": settings.smtp_host,
        "HOLDFAST_SMTP_FROM": settings.smtp_from,
        "HOLDFAST_LINK_SECRET": secret,
    }
    if not any(needed.values()):
        # The public address alone asks for nothing: Slack may be what it is for.
        return None
    needed["HOLDFAST_PUBLIC_URL"] = settings.public_url
    lacking = [name for name, value in needed.items() if not value]
    if secret is None or settings.public_url is None or lacking:
        what = f"e-mail is set up in part: {', '.join(lacking)} not set"
        raise HoldfastError(what, "set that too, or nothing of it; holdfast then sends no e-mail")
    return Links(secret, settings.public_url, clock)


def choose_mail(settings: Settings, office: Office) -> MailChannel | None:
    """E-mail, for what Slack refuses; None where it is not set up.

    Raises HoldfastError, naming all that lacks, where it is set up in part.
    """
    links = choose_links(settings, office.clock)
    if links is None or settings.smtp_host is None or settings.smtp_from is None:
        return None

    def link(handle: Handle, action: ActionName, to: Address) -> str:
        return links.make(office.casebook.person(handle.contract, to.email), handle, action)

    server = MailServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.read_smtp_password(),
    )
    return MailChannel(server, settings.smtp_from, link, office.clock)


def named_address() -> str | None:
    """The Temporal that TEMPORAL_ADDRESS or a profile in temporal.toml names, if either does."""
    return _configured().get("target_host")


def _configured() -> ClientConnectConfig:
    try:
        return ClientConfig.load_client_connect_config()
    except RuntimeError as error:
        what = f"Temporal's configuration cannot be read: {error}"
        remedy = "correct TEMPORAL_PROFILE, or the file that TEMPORAL_CONFIG_FILE names"
        raise HoldfastError(what, remedy) from None


async def connect(settings: Settings, *, lazy: bool = False) -> Client:
    """Connect to the Temporal that the environment names, else to the one that ``up`` runs.

    A ``lazy`` client connects with its first call, so that a request can be put into the inbox
    while Temporal is away.
    """
    config = _configured()
    if "target_host" not in config:
        # A namespace or a key alone is meant for some other Temporal.
        config = ClientConnectConfig(target_host=settings.embedded_address())
    return await Client.connect(**config, data_converter=pydantic_data_converter, lazy=lazy)


def choose_news(settings: Settings, office: Office) -> LateNews | None:
    """Who tells people what became of their clicks in Slack; None where no clicks come in.

    Raises HoldfastError where they would, but could not be answered.
    """
    if settings.read_slack_signing_secret() is None and settings.read_slack_app_token() is None:
        return None
    token = settings.read_slack_token()
    if token is None:
        what = "clicks in Slack could come in, but not be answered: no bot token is set"
        remedy = "set HOLDFAST_SLACK_TOKEN or HOLDFAST_SLACK_TOKEN_FILE"
        raise HoldfastError(what, remedy)
    return LateNews(office, Teller(slack_client(token, settings.slack_api)))
