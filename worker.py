"""The worker: builds clients, hands them to the activities, runs.

``python worker.py`` serves a Temporal that is reached through ``TEMPORAL_*``.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from rich.console import Console
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.worker import Worker

from activities.archive import Archive
from activities.digesting import Digesting
from activities.keeping import AT_ONCE, Fetcher, Keeping, NoSlack
from activities.newsagent import DigestNewsagent
from activities.notifying import Notifying
from activities.planning import Planning
from activities.postman import Channel, LedgerPostman
from activities.receiving import Receiving
from activities.recording import Recording
from activities.showing import Showing
from activities.signwriter import LedgerSignwriter
from channels.console import ConsoleChannel
from channels.mail import MailChannel, MailServer
from channels.message import Address, Handle
from channels.slack import SlackChannel, slack_client
from channels.slack_directory import SlackDirectory
from channels.slack_files import SlackFiles
from contracts.calendars import resolve
from desk.digests import Digests
from desk.door import Desk, OnRefused
from desk.histories import last_known
from desk.lacking import log_what_lacks
from desk.links import Links
from desk.members import Members
from desk.office import Office
from desk.scheduling import keep_digests_scheduled
from ladders.errors import HoldfastError
from ladders.events import ActionName
from ledger.opening import open_engine
from ledger.postings import Postings
from ledger.standings import FollowedLedger
from settings import Settings, open_office, utc_now
from web.answering import answer_routes
from web.receiving import Listener, Socket, dispatcher, receiving
from web.telling import LateNews, Teller
from workflows.contract import ContractWorkflow
from workflows.digest import DigestWorkflow
from workflows.ladder import LadderWorkflow
from workflows.names import COURIER_QUEUE, EVIDENCE_QUEUE, TASK_QUEUE

WORKFLOWS = (ContractWorkflow, LadderWorkflow, DigestWorkflow)
"""Every workflow that runs; each has histories in tests/replay that must go on replaying."""

_LOG = logging.getLogger("holdfast.worker")
_THREADS = 4
_DRAIN_EVERY_SECONDS = 5


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


@asynccontextmanager
async def serving(
    client: Client,
    office: Office,
    channel: Channel,
    fallback: Channel | None = None,
    fetcher: Fetcher | None = None,
    *,
    on_refused: OnRefused | None = None,
) -> AsyncIterator[Desk]:
    """Run the workers, and send on what the inbox holds, for as long as the context lasts.

    ``fallback`` tells people what ``channel`` refuses to tell them. Files that people attached are
    had from ``fetcher``; without one they cannot be had. ``on_refused`` hears of what is refused
    when its sender has gone.
    """
    desk = Desk(client, office.casebook, office.inbox, office.clock, on_refused=on_refused)
    archive, private = Archive(office.ledger, office.private), office.private
    postman = LedgerPostman(archive, private, private, channel, fallback, clock=office.clock)
    showing = Showing(LedgerSignwriter(archive, channel))
    postings = Postings(office.ledger.engine, office.clock)
    newsagent = DigestNewsagent(Digests(office), postings, channel, fallback)
    known = await last_known(client)
    recording = Recording(FollowedLedger(office.ledger, office.standings), known)
    log_what_lacks(office, known)
    async with AsyncExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(_THREADS))
        await stack.enter_async_context(
            Worker(
                client,
                task_queue=TASK_QUEUE,
                workflows=WORKFLOWS,
                activities=[
                    recording.record,
                    Planning(resolve).plan,
                    Receiving(office.inbox).received,
                ],
                activity_executor=threads,
                # What waited for a thread in here would be lost with this process, and missed
                # only once it times out; in Temporal it waits for whoever is free.
                max_concurrent_activities=_THREADS,
            )
        )
        await stack.enter_async_context(
            Worker(
                client,
                task_queue=COURIER_QUEUE,
                activities=[
                    Notifying(postman).notify,
                    showing.show,
                    Digesting(newsagent).send_due,
                ],
            )
        )
        await stack.enter_async_context(
            Worker(
                client,
                task_queue=EVIDENCE_QUEUE,
                activities=[Keeping(fetcher or NoSlack(), office.evidence).keep],
                max_concurrent_activities=AT_ONCE,
            )
        )
        draining = asyncio.create_task(_keep_draining(desk))
        try:
            yield desk
        finally:
            draining.cancel()


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


@asynccontextmanager
async def serving_all(
    settings: Settings, client: Client, office: Office, channel: Channel
) -> AsyncIterator[Desk]:
    """Serve, and take what people answer, in every way that the settings name."""
    late, links = choose_news(settings, office), choose_links(settings, office.clock)
    secret, app_token = settings.read_slack_signing_secret(), settings.read_slack_app_token()
    clicks = None if late is None else dispatcher(client, office, late)
    socket = None if app_token is None else Socket(app_token, settings.slack_api)
    mail, fetcher = choose_mail(settings, office), choose_fetcher(settings)
    async with serving(client, office, channel, mail, fetcher, on_refused=late) as desk:
        pages = answer_routes(desk, office.casebook, links, office.clock) if links else []
        listener = Listener(settings.web_host, settings.web_port, secret, pages)
        async with receiving(clicks, office.clock, listener, socket):
            yield desk


async def _keep_draining(desk: Desk) -> None:
    while True:
        try:
            await desk.drain()
        except Exception:  # noqa: BLE001
            # A ledger that is out of reach now may be back at the next round.
            _LOG.exception("the inbox could not be drained; trying again")
        await asyncio.sleep(_DRAIN_EVERY_SECONDS)


@asynccontextmanager
async def at_the_desk(settings: Settings) -> AsyncIterator[tuple[Desk, Office]]:
    """Open the ledger and connect to Temporal, to hand in one request."""
    office = open_office(settings)
    client = await connect(settings, lazy=True)
    try:
        yield Desk(client, office.casebook, office.inbox, office.clock), office
    finally:
        office.close()


async def _run(settings: Settings, office: Office) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    client = await connect(settings)
    async with serving_all(settings, client, office, choose_channel(settings, Console())):
        await keep_digests_scheduled(client)
        await stop.wait()


def main() -> None:
    """Serve until told to stop."""
    settings = Settings()
    office = open_office(settings)
    asyncio.run(_run(settings, office))
    office.close()


if __name__ == "__main__":
    main()
