"""The Slack channel: every letter once, however often it is tried.

Slack's own client would repeat a lost request and so post twice; it must be built without retry
handlers, because Temporal alone retries. Before a letter is posted it is written down that this is
about to happen; whoever finds that written down looks for the letter before posting it again, by
the key that it carries as metadata.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any, Literal, NamedTuple, ParamSpec, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackObjectFormationError

from channels.blocks import as_json, blocks, fallback
from channels.message import (
    ChannelError,
    Gone,
    Letter,
    Malformed,
    NotSent,
    Offer,
    Parked,
    Posted,
)
from channels.pacing import Pacing
from channels.slack_errors import in_our_terms
from channels.slack_memory import Memory, Remembered
from channels.slack_places import Places
from channels.slack_search import EVENT_TYPE, Place, Search

LOOK_AGAIN = timedelta(seconds=2)
"""How long after a first look in vain a second one follows, before a letter counts as absent."""

_LOG = logging.getLogger("holdfast.channels")
_TIMEOUT = 10  # seconds a call may take
_LATEST_SECONDS = 45
"""When in an attempt the post itself may begin at the latest: with whatever follows it then ends
before Temporal takes the attempt for lost and begins another."""
_LEFT = frozenset({"user_disabled", "user_not_found"})
"""What Slack says of somebody who has left."""
_UNKNOWN = "unknown"
"""Stands where it is not known what a message shows."""
_THREADS = 8
_BEFORE = timedelta(minutes=15)  # clocks differ
_INERT: dict[str, Any] = {
    # A contract's words must not turn into markup, mentions or previews.
    "mrkdwn": False, "parse": "none", "unfurl_links": False, "unfurl_media": False,
}  # fmt: skip


P = ParamSpec("P")
T = TypeVar("T")


def slack_client(token: str, base_url: str = WebClient.BASE_URL) -> WebClient:
    """A client that tries once and no more."""
    return WebClient(token=token, base_url=base_url, timeout=_TIMEOUT, retry_handlers=[])


class _Attempt(NamedTuple):
    """One attempt at a letter; its post begins by ``latest``, of the monotonic clock, or never."""

    place: Place
    letter: Letter
    built: list[dict[str, Any]]
    is_first: bool
    latest: float


class SlackChannel:
    """Posts letters to Slack, and keeps boards up to date."""

    name = "slack"
    surface: Literal["slack"] = "slack"

    def __init__(
        self,
        client: WebClient,
        memory: Memory,
        pacing: Pacing | None = None,
        look_again: timedelta = LOOK_AGAIN,
    ) -> None:
        """Post through this client. Raises ValueError if it would retry by itself."""
        if client.retry_handlers:
            raise ValueError("a Slack client that retries posts twice; use slack_client()")
        self._client = client
        self._memory = memory
        self._places = Places(client)
        self._search = Search(client)
        self._pacing = pacing or Pacing()
        self._look_again = look_again.total_seconds()
        # Threads of its own: a Slack that hangs must not keep clicks from being stored.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="slack")

    async def post(self, letter: Letter) -> Posted:
        """Post to the person, or into the room; a letter that stands there already is found.

        The receipt is ``channel/timestamp`` as Slack gave them. Raises ChannelError.
        """
        latest = monotonic() + _LATEST_SECONDS
        known = await asyncio.to_thread(self._memory.find, letter.key)
        if known is not None and known.receipt is not None:
            return Posted(channel=self.name, receipt=known.receipt)
        receipt = await self._found(letter.key, known) if known else None
        built = _built(letter, await self._apart(self._link, letter))
        face = _face(letter, built)
        if receipt is None:
            receipt = await self._delivered(letter, built, latest)
        elif letter.thread is None and not await self._corrected(letter, receipt, built):
            face = _UNKNOWN
        await asyncio.to_thread(self._memory.show, letter.key, receipt, face)
        return Posted(channel=self.name, receipt=receipt)

    async def _corrected(self, letter: Letter, receipt: str, built: list[dict[str, Any]]) -> bool:
        """Let what an earlier attempt posted say what this one says; return whether it does.

        What was asked may have been answered in between. Raises the failures that may pass.
        """
        try:
            await self._change(letter, receipt, built)
        except ChannelError as refusal:
            if not refusal.permanent:
                raise
            return False
        return True

    async def _change(self, letter: Letter, receipt: str, built: list[dict[str, Any]]) -> None:
        channel, _, ts = receipt.partition("/")
        async with self._pacing.turn(f"{channel} updates"):
            await self._apart(self._update, channel, ts, letter, built)

    async def _delivered(self, letter: Letter, built: list[dict[str, Any]], latest: float) -> str:
        place = await self._apart(self._place, letter)
        async with self._pacing.turn(place.channel):
            is_first = await asyncio.to_thread(self._memory.begin, letter.key, str(place))
            attempt = _Attempt(place, letter, built, is_first=is_first, latest=latest)
            return await self._apart(self._posted, attempt)

    async def show(self, letter: Letter, receipt: str) -> bool:
        """Let the message at ``receipt`` show what ``letter`` says; return whether it changed.

        Raises ChannelError; Gone where a board cannot be changed any more.
        """
        await self._apart(self._check_room, letter, receipt)
        link = await self._apart(self._link, letter)
        built = _built(letter, link)
        shown = _face(letter, built)
        if await self._shows(letter.key, shown):
            return False
        try:
            await self._change(letter, receipt, built)
        except ChannelError as refusal:
            if letter.to is None or not _is_out_of_reach(refusal):
                raise
            # Where it cannot be changed nobody can answer either: deleted, or its reader gone.
        await asyncio.to_thread(self._memory.show, letter.key, receipt, shown)
        return True

    async def find(self, key: str) -> str | None:
        """Where a message stands that was perhaps posted, and of which nobody has heard since.

        Where it is looked for in vain it is not looked for again. Raises ChannelError.
        """
        known = await asyncio.to_thread(self._memory.find, key)
        if known is None or known.receipt is not None:
            return None if known is None else known.receipt
        receipt = await self._found(key, known)
        if receipt is None:
            await asyncio.to_thread(self._memory.forget, key)
        return receipt

    async def offers(self, key: str, answers: tuple[Offer, ...]) -> bool:
        """Whether the personal message of that key carries these answers and no others."""
        return await self._shows(key, _answers(answers))

    async def _shows(self, key: str, face: str) -> bool:
        known = await asyncio.to_thread(self._memory.find, key)
        return known is not None and known.shown == face

    async def link(self, receipt: str) -> str | None:
        """The address at which people find the message at ``receipt``, if Slack tells it now."""
        channel, _, ts = receipt.partition("/")
        try:
            return await self._apart(self._places.permalink, channel, ts)
        except ChannelError as error:
            _LOG.warning("no link to %s: %s", receipt, error.code)
            return None

    async def _apart(self, call: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, partial(call, *arguments, **named))

    def _place(self, letter: Letter) -> Place:
        if letter.to is not None:
            if letter.to.slack is None:
                raise Parked("no_slack_identity")
            return Place(self._places.conversation(letter.to.slack))
        if letter.thread is None:
            return Place(self._room(letter))
        self._check_room(letter, letter.thread)
        return Place.parse(letter.thread)

    def _room(self, letter: Letter) -> str:
        if letter.room is None:
            raise Parked("no_room")
        return self._places.room(letter.room)

    def _check_room(self, letter: Letter, receipt: str) -> None:
        """Refuse where outsiders read by now, or where the contract's channel is another one."""
        if letter.to is None and receipt.partition("/")[0] != self._room(letter):
            # The contract has moved to another channel, and its ladders move with it.
            raise Gone("room_changed")

    def _link(self, letter: Letter) -> str | None:
        if letter.to is None or letter.board is None:
            return None
        channel, _, ts = letter.board.partition("/")
        try:
            return self._places.permalink(channel, ts)
        except (Gone, Parked):
            # A person is told, whether or not the channel can be reached.
            return None

    def _posted(self, attempt: _Attempt) -> str:
        letter, place = attempt.letter, attempt.place
        try:
            answer = self._sent(attempt)
        except (NotSent, Parked):
            # What an earlier attempt may have posted is still to be looked for.
            if attempt.is_first:
                self._memory.forget(letter.key)
            raise
        receipt = f"{answer['channel']}/{answer['ts']}"
        if place.thread is not None and not answer.get("message", {}).get("thread_ts"):
            self._take_back(receipt)
            self._memory.forget(letter.key)
            raise Gone("thread_gone")
        return receipt

    def _sent(self, attempt: _Attempt) -> Any:
        if monotonic() > attempt.latest:
            raise NotSent("too_slow")
        try:
            return self._send(attempt.place, attempt.letter, attempt.built)
        except Malformed:
            # A mistake of ours must not keep the words from the person they are for.
            return self._send(attempt.place, attempt.letter, [])

    def _send(self, place: Place, letter: Letter, built: list[dict[str, Any]]) -> Any:
        arguments: dict[str, Any] = {
            "channel": place.channel,
            "text": fallback(letter),
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": letter.key}},
            **_INERT,
        }
        if built:
            arguments["blocks"] = built
        if place.thread is not None:
            arguments |= {"thread_ts": place.thread, "reply_broadcast": letter.broadcast}
        with in_our_terms():
            return self._client.chat_postMessage(**arguments).data

    def _take_back(self, receipt: str) -> None:
        """Delete a reply that Slack put beside the thread, because its first message is gone."""
        channel, _, ts = receipt.partition("/")
        self._tell("chat.delete", channel=channel, ts=ts)

    def _update(self, channel: str, ts: str, letter: Letter, built: list[dict[str, Any]]) -> None:
        words = {"channel": channel, "ts": ts, "text": fallback(letter), "parse": "none"}
        try:
            self._tell("chat.update", blocks=built, **words)
        except Malformed:
            self._tell("chat.update", blocks=[], **words)

    async def _found(self, key: str, earlier: Remembered) -> str | None:
        """Where the letter stands, if an earlier attempt has posted it after all.

        Looked for twice, seconds apart: what was just posted may not be readable yet.
        """
        if earlier.place is None:
            return None
        place, since = Place.parse(earlier.place), str((earlier.begun_at - _BEFORE).timestamp())
        for pause in (0, self._look_again):
            await asyncio.sleep(pause)
            found = await self._apart(self._look_up, place, key, since)
            if found is not None:
                return found
        return None

    def _look_up(self, place: Place, key: str, since: str) -> str | None:
        try:
            return self._search.first(place, key, since)
        except Gone:
            # The thread is gone; Slack may have put the reply beside it.
            stray = self._search.first(Place(place.channel), key, since)
            if stray is not None:
                self._take_back(stray)
            return None

    def _tell(self, method: str, **arguments: Any) -> None:
        with in_our_terms():
            self._client.api_call(method, json=arguments)


def _is_out_of_reach(refusal: ChannelError) -> bool:
    return isinstance(refusal, Gone) or refusal.code in _LEFT


def _face(letter: Letter, built: list[dict[str, Any]]) -> str:
    """A short name for what a message shows: of a personal one, its answers; the rest stays."""
    return _digest(built) if letter.to is None else _answers(letter.offers)


def _answers(answers: tuple[Offer, ...]) -> str:
    return _digest([{answer.action: str(answer.handle)} for answer in answers])


def _digest(shown: list[dict[str, Any]]) -> str:
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()


def _built(letter: Letter, link: str | None) -> list[dict[str, Any]]:
    """The blocks as JSON; none where the SDK itself sees that Slack would refuse them."""
    try:
        return as_json(blocks(letter, link))
    except SlackObjectFormationError:
        _LOG.exception("blocks of %s", letter.key)
        return []
