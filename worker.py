"""The worker: hands clients to the activities, and runs.

``python worker.py`` serves a Temporal that is reached through ``TEMPORAL_*``.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager

from rich.console import Console
from temporalio.client import Client
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
from clients import (
    choose_channel,
    choose_clickers,
    choose_fetcher,
    choose_links,
    choose_mail,
    choose_news,
    connect,
)
from contracts.calendars import resolve
from desk.clickers import Clickers, NamedTray
from desk.digests import Digests
from desk.door import Desk, OnRefused
from desk.histories import last_known
from desk.lacking import log_what_lacks
from desk.office import Office
from desk.scheduling import keep_digests_scheduled
from ledger.postings import Postings
from ledger.standings import FollowedLedger
from settings import Settings, open_office
from web.answering import answer_routes
from web.receiving import Listener, Socket, dispatcher, receiving
from workflows.contract import ContractWorkflow
from workflows.digest import DigestWorkflow
from workflows.ladder import LadderWorkflow
from workflows.names import COURIER_QUEUE, EVIDENCE_QUEUE, TASK_QUEUE

WORKFLOWS = (ContractWorkflow, LadderWorkflow, DigestWorkflow)
"""Every workflow that runs; each has histories in tests/replay that must go on replaying."""

_LOG = logging.getLogger("holdfast.worker")
_THREADS = 4
_DRAIN_EVERY_SECONDS = 5


@asynccontextmanager
async def serving(
    client: Client,
    office: Office,
    channel: Channel,
    fallback: Channel | None = None,
    fetcher: Fetcher | None = None,
    *,
    on_refused: OnRefused | None = None,
    clickers: Clickers | None = None,
) -> AsyncIterator[Desk]:
    """Run the workers, and send on what the inbox holds, for as long as the context lasts.

    ``fallback`` tells people what ``channel`` refuses to tell them. Files that people attached are
    had from ``fetcher``; without one they cannot be had. ``on_refused`` hears of what is refused
    when its sender has gone. ``clickers`` find out who it was that clicked in Slack.
    """
    book, clickers = office.casebook, clickers or Clickers(office.casebook)
    desk = Desk(client, book, office.inbox, office.clock, on_refused=on_refused, clickers=clickers)
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
                    Receiving(NamedTray(office.inbox, clickers)).received,
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
    async with serving(
        client, office, channel, mail, fetcher,
        on_refused=late, clickers=choose_clickers(settings, office),
    ) as desk:  # fmt: skip
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
