"""What became of a request, as its inbox row keeps it."""

from __future__ import annotations

import re
from collections.abc import Callable

from ladders.values import Instant, Value

_PSEUDONYM = re.compile(r"p-[a-z2-7]{8}")


class Settled(Value):
    """When a request was received, and the refusal if there was one."""

    received_at: Instant
    refused: str | None = None


def named(text: str, name: Callable[[str], str]) -> str:
    """``text`` for a person's eyes: what is stored and sent names pseudonyms only."""
    return _PSEUDONYM.sub(lambda match: name(match[0]), text)
