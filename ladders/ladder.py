"""A ladder: the rungs an escalation walks, each with an owner, an action, a remedy, a deadline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from pydantic import model_serializer, model_validator

from ladders.prose import Prose
from ladders.values import Period, Ref, Role, Value

LAST_DAY = 90
"""The day on the ladder's own clock by which its climb has ended (law 9)."""

_ON_DAY = re.compile(r"day (\d{1,3})")


class Due(Value):
    """When a rung's action is due: a period from its opening, or a day of the ladder.

    Written ``2 business days``, ``24 hours``, ``10 days`` or ``day 90``.
    """

    within: Period | None = None
    day: int | None = None

    @classmethod
    def parse(cls, text: str) -> Due:
        """Read either form; raise ValueError otherwise."""
        match = _ON_DAY.fullmatch(" ".join(text.split()).lower())
        return cls(day=int(match[1])) if match else cls(within=Period.parse(text))

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            parsed = cls.parse(value)
            return {"within": parsed.within, "day": parsed.day}
        return value

    @model_serializer
    def _to_text(self) -> str:
        return str(self)

    def __str__(self) -> str:
        """Return the form a ladder file uses."""
        return f"day {self.day}" if self.within is None else str(self.within)


class Rung(Value):
    """One step of a ladder.

    ``day`` counts calendar days from the due date (day 0); a negative day is an early warning.
    ``notice`` names the contractual period that a notice drafted on this rung would start.
    ``requires`` names what must have happened before the remedy may be used; the rung itself
    opens regardless. ``on_silence`` says whether an unmet deadline opens the next rung at once
    (``climb``) or leaves it to its own day (``wait``).
    """

    id: Ref
    day: int
    owner: Role
    action: Prose
    remedy: Prose | None = None
    clause: Prose | None = None
    due: Due
    notice: Literal["cure"] | None = None
    requires: Literal["cure period expired"] | None = None
    on_silence: Literal["wait", "climb"] = "wait"

    @property
    def is_early_warning(self) -> bool:
        """Whether the rung stands before the due date."""
        return self.day < 0


class Ladder(Value):
    """A versioned, ordered set of rungs for one situation; at most ninety days long."""

    id: Ref
    version: int
    situation: Prose
    rungs: tuple[Rung, ...]


class LadderFault(NamedTuple):
    """Something wrong with a ladder's shape: where, what, and how to put it right."""

    where: tuple[str | int, ...]
    what: str
    remedy: str


def faults(ladder: Ladder) -> Iterator[LadderFault]:
    """Every way in which ``ladder`` is not one that could be walked."""
    if not any(not rung.is_early_warning for rung in ladder.rungs):
        yield LadderFault(("rungs",), "no rung stands on or after the due date", "add one")
    for index, rung in enumerate(ladder.rungs):
        yield from _rung_faults(ladder, index, rung)
    for index, (before, rung) in enumerate(zip(ladder.rungs, ladder.rungs[1:], strict=False), 1):
        if rung.day <= before.day:
            yield LadderFault(
                ("rungs", index, "day"),
                f"day {rung.day} does not come after day {before.day} of rung {before.id!r}",
                "order the rungs by day, each day later than the one before",
            )


def _rung_faults(ladder: Ladder, index: int, rung: Rung) -> Iterator[LadderFault]:
    if rung.id in {earlier.id for earlier in ladder.rungs[:index]}:
        yield LadderFault(
            ("rungs", index, "id"), f"rung id {rung.id!r} is used twice", "rename one of them"
        )
    if rung.day > LAST_DAY:
        yield LadderFault(
            ("rungs", index, "day"),
            f"day {rung.day} is beyond day {LAST_DAY}, where every ladder ends",
            f"choose a day up to {LAST_DAY}",
        )
    if rung.day < -LAST_DAY:
        yield LadderFault(
            ("rungs", index, "day"),
            f"day {rung.day} warns more than {LAST_DAY} days ahead",
            f"choose a day from -{LAST_DAY}",
        )
    within = rung.due.within
    if within is not None and within.longest_days > LAST_DAY:
        yield LadderFault(
            ("rungs", index, "due"),
            f"{within} is longer than the whole ladder",
            f"choose a period of at most {LAST_DAY} days",
        )
    day = rung.due.day
    if day is not None and not max(rung.day, 0) <= day <= LAST_DAY:
        yield LadderFault(
            ("rungs", index, "due"),
            f"due on day {day}, but the rung opens on day {rung.day} and ladders end on day "
            f"{LAST_DAY}",
            f"choose a day from {max(rung.day, 0)} to {LAST_DAY}",
        )
