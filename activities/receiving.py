"""Receiving: what the inbox holds for a ladder that has not reached it yet, as an activity."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from temporalio import activity

from activities.failures import translated
from ladders.events import Action
from ladders.values import Instant, Value


class Before(Value):
    """Which requests are asked for: those for a workflow, received before an instant."""

    target: str
    instant: Instant


class Row(Protocol):
    """A request as it was received; JSON."""

    @property
    def request(self) -> str:
        """What was asked."""

    @property
    def received_at(self) -> datetime:
        """When it was committed, UTC."""


class Tray(Protocol):
    """An inbox that can be asked for what is not settled."""

    def unsettled(self, target: str | None = None) -> Iterable[Row]:
        """Requests without an answer, oldest first."""


class Receiving:
    """Looks into the inbox."""

    def __init__(self, tray: Tray) -> None:
        """Keep the inbox."""
        self._tray = tray

    @activity.defn
    def received(self, before: Before) -> list[Action]:
        """The actions received for a ladder before an instant and not answered yet."""
        with translated():
            return [
                Action.model_validate_json(row.request)
                for row in self._tray.unsettled(before.target)
                if row.received_at < before.instant
            ]
