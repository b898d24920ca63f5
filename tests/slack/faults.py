"""Faults by seed: which calls fail and how depends on the seed and on what is sent, not on time."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Literal

Fault = Literal["ratelimited", "unavailable", "refused", "lost", "fatal"]
"""``refused``: hung up before anything was done; ``lost``: done, then hung up without an answer;
``fatal``: done, and answered ``fatal_error``."""

WRITES = frozenset(
    {
        "chat.postMessage",
        "chat.update",
        "chat.delete",
        "chat.postEphemeral",
        "conversations.open",
        "views.open",
        "views.push",
        "views.update",
    }
)

_KINDS: tuple[Fault, ...] = ("ratelimited", "unavailable", "refused", "lost", "fatal")


@dataclass(frozen=True)
class Faults:
    """The share of calls of ``methods`` that meet each fault; ``retry_after`` is in seconds.

    Calls about the same thing fail ``most`` times in all: whoever tries again waits ever longer.
    """

    seed: int = 0
    ratelimited: float = 0.0
    unavailable: float = 0.0
    refused: float = 0.0
    lost: float = 0.0
    fatal: float = 0.0
    retry_after: int = 1
    most: int = 1_000_000
    methods: frozenset[str] = WRITES

    def of(self, method: str, about: str, attempt: int) -> Fault | None:
        """What befalls the ``attempt``-th call of ``method`` about the same thing."""
        if method not in self.methods or attempt > self.most:
            return None
        drawn = Random(f"{self.seed}/{method}/{about}/{attempt}").random()  # noqa: S311
        for kind in _KINDS:
            drawn -= float(getattr(self, kind))
            if drawn < 0:
                return kind
        return None


def usual_faults(seed: int) -> Faults:
    """The mix that the delivery design was measured with."""
    return Faults(seed, ratelimited=0.12, unavailable=0.10, refused=0.08, lost=0.15, fatal=0.07)
