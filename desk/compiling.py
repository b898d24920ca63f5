"""Compiling digests: what of an overview concerns one reader, in the order in which it presses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from channels import moments
from channels.digest_facts import AskFacts, Board, ComingFacts, DigestFacts
from channels.inert import clip
from desk.overlooking import Overlooking
from desk.overview import Asked, Closed, Falls, Moment, OpenLadder, Overview
from desk.readers import Reader
from ladders.contract import Zone

WEEK = timedelta(days=7)
"""How far ahead a digest looks."""

FORTNIGHT = timedelta(days=14)
"""How far ahead a portfolio looks."""

_ASKS_SHOWN = 12
_COMING_SHOWN = 10
_LONGEST_NAME = 100
_LONGEST_ACTION = 300
_NEVER = datetime.max.replace(tzinfo=UTC)

T = TypeVar("T")


@dataclass(frozen=True)
class View:
    """All that digests are compiled from, as of ``now``; ``zones`` are those of the contracts."""

    now: datetime
    overview: Overview
    asked: tuple[Asked, ...]
    closed: tuple[Closed, ...]
    zones: dict[str, Zone]

    @classmethod
    def over(cls, overlooking: Overlooking, zones: dict[str, Zone], now: datetime) -> View:
        """Read all of it."""
        return cls(
            now=now,
            overview=overlooking.read(now + FORTNIGHT),
            asked=overlooking.asked(),
            closed=overlooking.closed(now - WEEK),
            zones=zones,
        )

    def moment(self, contract: str, moment: Moment | None) -> moments.Moment | None:
        """``moment`` as letters tell it."""
        if moment is None:
            return None
        return moments.Moment(
            at=moment.utc, wall=moment.local.replace(tzinfo=None), zone=self.zones[contract]
        )

    def board(self, ladder: str) -> Board | None:
        """The receipt of a ladder's message in its contract's channel, if it was posted there."""
        receipts = (each.board for each in self.asked if each.ladder == ladder)
        return next((Board(receipt) for receipt in receipts if receipt), None)


def compile_digest(view: View, reader: Reader) -> tuple[DigestFacts | None, set[str]]:
    """What a reader is asked and awaits within a week, and the contracts that this is about.

    None where there is neither.
    """
    asked = urgent(each for each in view.asked if reader.answers_for(each.contract, each.address))
    known = {(each.ladder, each.until) for each in asked}
    coming = [
        each
        for each in view.overview.falls
        if reader.answers_for(each.contract, each.address)
        and view.now <= each.at.utc < view.now + WEEK
        and (each.ladder, each.at) not in known
    ]
    if not asked and not coming:
        return None, set()
    told = DigestFacts(
        recipient=str(reader.to),
        on=reader.local.date(),
        asks=tuple(ask_facts(view, reader, each) for each in asked[:_ASKS_SHOWN]),
        more_asks=beyond(asked, _ASKS_SHOWN),
        overdue=sum(each.overdue for each in asked),
        coming=tuple(_coming(view, each) for each in coming[:_COMING_SHOWN]),
        more_coming=beyond(coming, _COMING_SHOWN),
    )
    return told, {each.contract for each in asked} | {each.contract for each in coming}


def urgent(asked: Iterable[Asked]) -> list[Asked]:
    """The most urgent first; last those for which time stands still."""
    return sorted(asked, key=lambda each: (_until(each), each.ladder))


def _until(each: Asked | OpenLadder) -> datetime:
    return _NEVER if each.until is None else each.until.utc


def beyond(found: list[T], shown: int) -> int:
    """How many there are beyond the first ``shown``."""
    return max(len(found) - shown, 0)


def ask_facts(view: View, reader: Reader, each: Asked) -> AskFacts:
    """What is asked, as the letter tells it to ``reader``."""
    is_own = each.address is not None and each.address.casefold() == reader.to.email.casefold()
    return AskFacts.model_validate(
        {
            "reference": each.ladder,
            "supplier": clip(each.supplier, _LONGEST_NAME),
            "milestone": each.milestone,
            "what": each.what,
            "rung": each.rung,
            "action": each.action and clip(each.action, _LONGEST_ACTION),
            "role": each.role,
            "holder": None if is_own else each.person,
            "until": view.moment(each.contract, each.until),
            "overdue": each.overdue,
            "board": None if each.board is None else Board(each.board),
        }
    )


def _coming(view: View, each: Falls) -> ComingFacts:
    at = moments.Moment(
        at=each.at.utc, wall=each.at.local.replace(tzinfo=None), zone=view.zones[each.contract]
    )
    return ComingFacts(reference=each.ladder, what=each.what, at=at, begins=each.begins)
