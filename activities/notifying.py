"""Notifying: the delivery of one message to one person, as an activity."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from temporalio import activity

from activities.failures import translated
from ladders.entries import Message
from ladders.prose import Wording
from ladders.values import Instant, Ref, Value


class Order(Value):
    """A message to deliver: what it says is read from the ledger, not carried here.

    ``away_since`` is since when the channel has been out of reach, as far as that is known, and
    ``mail_away`` whether what takes over from it was so when last tried.
    """

    contract: Ref
    stream: str
    message: Message
    away_since: Instant | None = None
    mail_away: bool = False


class Delivery(Value):
    """The channel that took a message, the receipt it gave, and what was said, sealed.

    ``instead`` is why the channel that comes first would not take it.
    """

    channel: str
    receipt: str
    wording: Wording
    instead: str | None = None


class Later(Value):
    """A message is not to be sent before ``until``: its recipient is not pinged in quiet hours."""

    until: Instant


class Postman(Protocol):
    """Renders a message and hands it to a channel."""

    async def deliver(self, order: Order, waited: timedelta, tried: timedelta) -> Delivery | Later:
        """Deliver, or say when; or raise a Coded failure.

        It has been ``tried`` for so long, and ``waited`` for since the channel was last reached.
        """


class Notifying:
    """Delivers messages."""

    def __init__(self, postman: Postman) -> None:
        """Keep who delivers."""
        self._postman = postman

    @activity.defn
    async def notify(self, order: Order) -> Delivery | Later:
        """Deliver the message of ``order``."""
        with translated():
            info = activity.info()
            # By Temporal's own clock.
            now, since = info.current_attempt_scheduled_time, info.scheduled_time
            waited = now - (order.away_since or since)
            return await self._postman.deliver(order, waited, now - since)
