"""The postman: reads from the ledger what a message is about, words it, hands it to a channel."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

from activities.archive import Archive
from activities.failures import MAIL_UNREACHABLE, UNREACHABLE
from activities.notifying import Delivery, Later, Order
from channels.composing import Told, compose
from channels.message import (
    Address,
    ChannelError,
    Gone,
    Letter,
    NotSent,
    Parked,
    PerhapsSent,
    Posted,
    Surface,
)
from channels.quiet import ping_at
from ladders.contract import Contract
from ladders.entries import ROOM
from ladders.prose import PersonRef, Wording

T = TypeVar("T")

PATIENCE = timedelta(hours=1)
"""For how long a channel may be out of reach before people are told through another one."""

_FALLBACKS_PATIENCE = timedelta(minutes=10)
"""For how long what takes over may be; meanwhile nothing else of the ladder is sent."""


class Seals(Protocol):
    """Replaces texts by commitments, and commitments by the texts they stand for."""

    def seal(self, contract: str, value: T) -> T:
        """Seal every text in ``value``."""

    def erase(self, sealed: Collection[str]) -> int:
        """Erase the texts behind commitments; return how many there were."""


class Members(Protocol):
    """Knows people as members of the Slack workspace."""

    def slack_of(self, ref: str) -> tuple[str, str, str | None] | None:
        """Workspace, member id and time zone of a person, as far as they are known."""


class Channel(Protocol):
    """Anything that takes letters."""

    @property
    def surface(self) -> Surface:
        """Where its letters are read."""

    async def post(self, letter: Letter) -> Posted:
        """Post, or raise a Coded failure."""


class _Refused(NamedTuple):
    """A message that the first channel would not take, and the code by which it refused."""

    told: Told
    to: Address | None
    code: str


class LedgerPostman:
    """Words messages from the ledger alone, so that one sent again says the same."""

    def __init__(
        self,
        archive: Archive,
        seals: Seals,
        members: Members,
        channel: Channel,
        fallback: Channel | None = None,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """Post through ``channel``; through ``fallback`` what that refuses to tell a person."""
        self._archive = archive
        self._seals = seals
        self._members = members
        self._channel = channel
        self._fallback = fallback
        self._clock = clock

    async def deliver(self, order: Order, waited: timedelta, tried: timedelta) -> Delivery | Later:
        """Word the message of ``order`` and post it, or say when its recipient may be pinged.

        What the channel refuses to tell a person, or was ``waited`` for as long as PATIENCE, goes
        through the fallback; without one it is parked. The order itself was ``tried`` for so long.
        """
        told = await asyncio.to_thread(self._archive.told, order)
        if told.message.to == ROOM:
            if told.message.topic == "event" and told.board is None:
                # What it hangs on was lost in this instant; a new one is posted first.
                raise Gone("thread_gone")
            return await self._persist(told, None, waited)
        to, zone = await asyncio.to_thread(self._address, told.terms, told.message.to)
        now = self._clock()
        at = ping_at(told, zone, now) if self._channel.surface == "slack" else now
        if at > now:
            return Later(until=at)
        try:
            return await self._persist(told, to, waited)
        except ChannelError as refusal:
            if self._fallback is None or not refusal.permanent:
                raise
            spent = refusal.code == UNREACHABLE and order.away_since is None
            patience = _FALLBACKS_PATIENCE + (PATIENCE if spent else timedelta(0))
            is_last = order.mail_away or tried >= patience
            letter = _Refused(told, to, refusal.code)
            return await self._fall_back(letter, self._fallback, is_last=is_last)

    async def _fall_back(self, refused: _Refused, fallback: Channel, *, is_last: bool) -> Delivery:
        """Hand over to the fallback; one that is out of reach holds nothing else up for long."""
        told, to, instead = refused
        try:
            return await self._hand_over(told, to, fallback, instead=instead)
        except (NotSent, PerhapsSent):
            if not is_last:
                raise
            code = UNREACHABLE if instead == UNREACHABLE else MAIL_UNREACHABLE
            raise Parked(code) from None

    async def _persist(self, told: Told, to: Address | None, waited: timedelta) -> Delivery:
        """Hand over to the channel; who has been out of reach for long is treated as refusing."""
        try:
            return await self._hand_over(told, to, self._channel)
        except (NotSent, PerhapsSent):
            if waited < PATIENCE:
                raise
            raise Parked(UNREACHABLE) from None

    async def _hand_over(
        self, told: Told, to: Address | None, channel: Channel, instead: str | None = None
    ) -> Delivery:
        letter = compose(told, to, channel.surface).model_copy(update={"instead": instead})
        wording = Wording(f"{letter.subject}\n\n{letter.body}"[: Wording.max_length])
        contract = told.terms.contract
        # Before the post: what was said must be on record even if this process dies after it.
        sealed = await asyncio.to_thread(self._seals.seal, contract, wording)
        try:
            posted = await channel.post(letter)
        except Exception:
            # The next try seals anew; what is left of this one would pile up through an outage.
            await asyncio.to_thread(self._seals.erase, [sealed])
            raise
        return Delivery(
            channel=posted.channel, receipt=posted.receipt, wording=sealed, instead=instead
        )

    def _address(self, terms: Contract, ref: PersonRef) -> tuple[Address, str | None]:
        """Where somebody can be reached, and their time zone as far as it is known."""
        person, known = terms.person(ref), self._members.slack_of(ref)
        if person is None:
            return Address(email=ref), None
        member = known[1] if known else person.slack
        zone = known[2] if known else None
        return Address(email=person.email, name=person.name, slack=member), zone
