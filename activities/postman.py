"""The postman: reads from the ledger what a message is about, words it, hands it to a channel."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from activities.notifying import Delivery, Order
from channels.facts import gather
from channels.message import Address, Letter, Posted
from channels.rendering import render
from ladders.contract import Contract, Person
from ladders.entries import Entry, Message
from ladders.folding import apply, begin
from ladders.prose import Wording
from ladders.state import LadderState
from ladders.watch import STREAM, fold_watch
from ledger.errors import LedgerBehind

T = TypeVar("T")


class Line(Protocol):
    """A line of the ledger, of which only the entry matters here."""

    @property
    def entry(self) -> Entry:
        """What was recorded."""


class Reader(Protocol):
    """A ledger that can be read, stream by stream."""

    def lines(self, contract: str, stream: str | None = None) -> Iterable[Line]:
        """The lines of a stream, oldest first."""


class Seals(Protocol):
    """Replaces texts by commitments, and commitments by the texts they stand for."""

    def seal(self, contract: str, value: T) -> T:
        """Seal every text in ``value``."""

    def open(self, value: T) -> T:
        """Open every text in ``value``."""

    def erase(self, sealed: Collection[str]) -> int:
        """Erase the texts behind commitments; return how many there were."""


class Channel(Protocol):
    """Anything that takes letters."""

    async def post(self, letter: Letter) -> Posted:
        """Post, or raise a Coded failure."""


class LedgerPostman:
    """Words messages from the ledger alone, so that one sent again says the same."""

    def __init__(self, reader: Reader, seals: Seals, channel: Channel) -> None:
        """Read here, open and seal there, post through ``channel``."""
        self._reader = reader
        self._seals = seals
        self._channel = channel

    async def deliver(self, order: Order) -> Delivery:
        """Word the message of ``order`` and post it."""
        letter = await asyncio.to_thread(self._letter, order)
        wording = Wording(f"{letter.subject}\n\n{letter.text}")
        # Before the post: what was said must be on record even if this process dies after it.
        sealed = await asyncio.to_thread(self._seals.seal, order.contract, wording)
        try:
            posted = await self._channel.post(letter)
        except Exception:
            # The next try seals anew; what is left of this one would pile up through an outage.
            await asyncio.to_thread(self._seals.erase, [sealed])
            raise
        return Delivery(channel=posted.channel, receipt=posted.receipt, wording=sealed)

    def _letter(self, order: Order) -> Letter:
        terms = self._terms(order.contract)
        state, entry = self._when_told(order)
        facts = gather(self._seals.open(state), self._seals.open(entry), order.message, terms)
        wording = render(order.message.topic, facts)
        return Letter(
            key=f"{order.contract}/{order.message.key}",
            to=_address(terms.person(order.message.to), order.message),
            subject=wording.subject,
            text=wording.text,
            room=terms.slack_channel,
        )

    def _terms(self, contract: str) -> Contract:
        watch = fold_watch(line.entry for line in self._reader.lines(contract, STREAM))
        if watch is None:
            raise LedgerBehind(contract, STREAM, "contract.registered")
        return self._seals.open(watch.contract)

    def _when_told(self, order: Order) -> tuple[LadderState, Entry]:
        """The entry that the message came from, and the state it left.

        A message is owed by what was recorded, so a ledger without that entry is behind.
        """
        state: LadderState | None = None
        for line in self._reader.lines(order.contract, order.stream):
            entry = line.entry
            state = begin(entry) if state is None else apply(state, entry)
            if any(message.key == order.message.key for message in entry.body.tell):
                return state, entry
        raise LedgerBehind(order.contract, order.stream, order.message.key)


def _address(person: Person | None, message: Message) -> Address:
    if person is None:
        return Address(email=message.to)
    return Address(email=person.email, name=person.name, slack=person.slack)
