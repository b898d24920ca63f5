"""``holdfast up``: Temporal's server, the worker and the ledger, on this machine."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, NoReturn, TypeVar

from filelock import FileLock, Timeout
from rich.console import Console
from temporalio.client import Client
from temporalio.service import RPCError

from commands import attributes
from commands.embedded import embedded_server
from desk.door import Desk
from desk.office import Office
from desk.scheduling import keep_digests_scheduled
from ladders.errors import HoldfastError

_CONNECT_SECONDS = 10
_LOOK_EVERY_SECONDS = 1
_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


Channel = TypeVar("Channel")
Serve = Callable[[Client, Office, Channel], AbstractAsyncContextManager[Desk]]


class AlreadyUp(HoldfastError):
    """Another ``up`` uses the same data folder: two servers would write to one file."""


class FolderUnusable(HoldfastError):
    """The data folder can be neither made nor written."""


class TemporalAway(HoldfastError):
    """The Temporal that the environment names cannot be used."""


class Place(NamedTuple):
    """Where it all runs: the data folder, the ports of a server of our own.

    ``messages`` and ``answers`` say in words where messages go, and how answers come in.
    """

    data: Path
    port: int
    ui_port: int
    messages: str
    answers: str


class Named(NamedTuple):
    """A Temporal that the environment names, and how to connect to it."""

    address: str
    connect: Callable[[], Awaitable[Client]]


class Temporal(NamedTuple):
    """The Temporal in use: a client of it, where it is in words, and what keeps it running."""

    client: Client
    where: str
    keep: Callable[[], Awaitable[NoReturn]]


class _Unawaited(ThreadPoolExecutor):
    """Threads that nobody waits for at the end, such as one in which Slack does not answer."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Let go of them: what they do may end at any instant (law 21)."""
        super().shutdown(wait=False, cancel_futures=True)


async def up(
    serve: Serve[Channel],
    open_office: Callable[[], Office],
    channel: Channel,
    place: Place,
    named: Named | None,
    *,
    with_parent: bool,
    console: Console,
) -> int:
    """Run until told to end; return 0. Raises AlreadyUp, FolderUnusable, TemporalAway, NoServer.

    Ends on SIGINT, SIGTERM and SIGHUP (unless that is ignored, as under nohup), and with
    ``with_parent`` also once the process that started it has gone. Where no Temporal is ``named``
    a server of our own keeps its histories in the data folder, on loopback only.
    """
    asyncio.get_running_loop().set_default_executor(_Unawaited())
    ends: list[asyncio.Task[object]] = [asyncio.create_task(_told_to_end().wait())]
    if with_parent:
        ends.append(asyncio.create_task(_outlive(os.getppid())))
    running = asyncio.create_task(_run(serve, open_office, channel, place, named, console))
    await asyncio.wait({running, *ends}, return_when=asyncio.FIRST_COMPLETED)
    for end in ends:
        end.cancel()
    if running.done():
        await running
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    return 0


def _told_to_end() -> asyncio.Event:
    told = asyncio.Event()
    for name in _END:
        if signal.getsignal(name) != signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(name, told.set)
    return told


async def _outlive(parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110  (no event tells of that death)
        await asyncio.sleep(_LOOK_EVERY_SECONDS)


async def _run(
    serve: Serve[Channel],
    open_office: Callable[[], Office],
    channel: Channel,
    place: Place,
    named: Named | None,
    console: Console,
) -> NoReturn:
    with _only_one(place.data), _opened(open_office) as office:
        async with (
            _temporal(place, named, console) as temporal,
            serve(temporal.client, office, channel),
        ):
            await keep_digests_scheduled(temporal.client)
            for line in _greeting(office, place, temporal.where):
                console.print(line, soft_wrap=True, highlight=False, markup=False)
            await temporal.keep()


@contextmanager
def _only_one(data: Path) -> Iterator[None]:
    """Hold the folder, and say in it who does."""
    file = data / "up.lock"
    try:
        data.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file, timeout=0).acquire()
    except Timeout:
        holder = file.read_text(encoding="utf-8").strip() or "that has just begun"
        what = f"Holdfast is up already in {data}: process {holder}"
        raise AlreadyUp(what, "end that one, or set HOLDFAST_DATA to another folder") from None
    except OSError as error:
        what = f"the data folder {data} cannot be used: {error.strerror}"
        remedy = "let this user write there, or set HOLDFAST_DATA to another folder"
        raise FolderUnusable(what, remedy) from None
    with lock:
        file.write_text(f"{os.getpid()}\n", encoding="utf-8")
        yield


@contextmanager
def _opened(open_office: Callable[[], Office]) -> Iterator[Office]:
    office = open_office()
    try:
        yield office
    finally:
        office.close()


@asynccontextmanager
async def _temporal(place: Place, named: Named | None, console: Console) -> AsyncIterator[Temporal]:
    if named is not None:
        where = f"{named.address}, as the environment or a profile says; no server is started here"
        yield Temporal(await _connected(named), where, _keep_nothing)
        return
    file = place.data.absolute() / "temporal.sqlite"
    async with embedded_server(file=file, port=place.port, ui_port=place.ui_port) as server:
        (place.data / "temporal.address").write_text(f"{server.address}\n", encoding="utf-8")
        where = f"{server.address}, its own view {server.ui_url}"
        yield Temporal(server.client, where, lambda: server.keep(console.print))


async def _keep_nothing() -> NoReturn:
    while True:
        await asyncio.Event().wait()


async def _connected(named: Named) -> Client:
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            client = await named.connect()
            lacking = await attributes.lacking(client)
    except (TimeoutError, RPCError, RuntimeError) as error:
        reason = str(error) or f"silence for {_CONNECT_SECONDS} seconds"
        what = f"Temporal at {named.address} cannot be used: {reason}"
        remedy = "start it, or unset TEMPORAL_ADDRESS and name no profile: then up starts its own"
        raise TemporalAway(what, remedy) from None
    try:
        if lacking:
            await attributes.register(client, lacking)
    except RPCError as error:
        what = f"{len(lacking)} search attributes are not registered, and may not be: {error}"
        raise TemporalAway(what, attributes.command(lacking)) from None
    return client


def _greeting(office: Office, place: Place, where: str) -> Iterator[str]:
    contracts = office.ledger.contracts()
    watches = [office.casebook.watch(contract).milestones.values() for contract in contracts]
    ladders = sum(each.status == "laddered" for watch in watches for each in watch)
    yield "Holdfast is up. Ctrl-C ends it; ladders go on where they stood."
    yield f"  data      {place.data.absolute()}"
    yield f"  temporal  {where}"
    yield f"  messages  {place.messages}"
    yield f"  answers   {place.answers}"
    yield f"  watched   contracts {len(contracts)}, open ladders {ladders}"
    yield f"  waiting   requests {len(office.inbox.unsettled())}"
