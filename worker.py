"""The worker: builds clients, hands them to the activities, runs.

``python worker.py`` serves a Temporal that is reached through ``TEMPORAL_*``.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from rich.console import Console
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.worker import Worker

from activities.archive import Archive
from activities.keeping import Fetcher, Keeping, NoSlack
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
from desk.door import Desk
from desk.histories import last_known
from desk.links import Links
from desk.members import Members
from desk.office import Office
from desk.rebuilding import open_cases
from ladders.errors import HoldfastError
from ladders.events import ActionName
from ledger.opening import open_engine
from ledger.postings import Postings
from ledger.standings import FollowedLedger
from settings import Settings, open_office, utc_now
from workflows.contract import ContractWorkflow
from workflows.ladder import LadderWorkflow
from workflows.names import COURIER_QUEUE, TASK_QUEUE

WORKFLOWS = (ContractWorkflow, LadderWorkflow)
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
) -> AsyncIterator[Desk]:
    """Run the workers, and send on what the inbox holds, for as long as the context lasts.

    ``fallback`` tells people what ``channel`` refuses to tell them. Files that people attached are
    had from ``fetcher``; without one they cannot be had.
    """
    desk = Desk(client, office.casebook, office.inbox, office.clock)
    archive, private = Archive(office.ledger, office.private), office.private
    postman = LedgerPostman(archive, private, private, channel, fallback, clock=office.clock)
    showing = Showing(LedgerSignwriter(archive, channel))
    known = await last_known(client)
    recording = Recording(FollowedLedger(office.ledger, office.standings), known)
    _say_behind(office, known)
    _say_lost(office, known)
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
                    Keeping(fetcher or NoSlack(), office.evidence).keep,
                ],
            )
        )
        draining = asyncio.create_task(_keep_draining(desk))
        try:
            yield desk
        finally:
            draining.cancel()


def _say_behind(office: Office, known: Mapping[str, Collection[str]]) -> None:
    for contract, keys in known.items():
        if any(office.ledger.find(contract, key) is None for key in keys):
            _LOG.error(
                "%s: the ledger lacks what Temporal recorded; an older backup seems to have been "
                "restored. Restore the newest one, or run holdfast reconcile",
                contract,
            )


def _say_lost(office: Office, known: Collection[str]) -> None:
    """Say of which contracts Temporal runs nothing, though something of them is open."""
    for contract in office.ledger.contracts():
        if contract not in known and open_cases(office, contract):
            _LOG.error(
                "%s: open in the ledger, but Temporal does not run it; holdfast rebuild starts it "
                "again from the ledger",
                contract,
            )


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
    channel, fetcher = choose_channel(settings, Console()), choose_fetcher(settings)
    async with serving(client, office, channel, fetcher=fetcher):
        await stop.wait()


def main() -> None:
    """Serve until told to stop."""
    settings = Settings()
    office = open_office(settings)
    asyncio.run(_run(settings, office))
    office.close()


if __name__ == "__main__":
    main()
