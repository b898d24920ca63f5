"""What the Slack channel remembers of a letter beyond the life of its process."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Remembered(Protocol):
    """What is known of an earlier attempt."""

    @property
    def begun_at(self) -> datetime:
        """When the first attempt began, UTC."""

    @property
    def place(self) -> str | None:
        """Where the latest attempt went."""

    @property
    def receipt(self) -> str | None:
        """Where the message stands, if that is known."""

    @property
    def shown(self) -> str | None:
        """A digest of what it shows."""


class Memory(Protocol):
    """Remembers attempts beyond the life of this process."""

    def find(self, key: str) -> Remembered | None:
        """What is known of the attempts at ``key``."""

    def begin(self, key: str, place: str) -> bool:
        """Commit that an attempt begins, at ``place``; return whether it is the first one."""

    def forget(self, key: str) -> None:
        """Commit that no attempt has reached Slack."""

    def show(self, key: str, receipt: str, shown: str) -> None:
        """Commit where the message stands and what it shows."""
