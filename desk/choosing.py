"""Choosing from an overview: which ladders, of whom, due when, in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import get_args

from desk.overview import Falls, Milestone, OpenLadder, Overview, Request
from ladders.errors import HoldfastError
from ladders.state import Phase

WEEK = timedelta(days=6)
"""A week is today and the six days after it."""

_NAMED = 8
_LAST_DAY = date.max - timedelta(days=2)
_NEVER = datetime.max.replace(tzinfo=UTC)
_SORTS: dict[str, Callable[[OpenLadder], tuple[object, ...]]] = {
    "until": lambda each: (_NEVER if each.until is None else each.until.utc,),
    "contract": lambda each: (each.contract,),
    "turn": lambda each: (each.person.casefold(),),
    "age": lambda each: (each.opened.utc,),
    "due": lambda each: (each.due,),
}


class NotAChoice(HoldfastError):
    """A filter or an order that means nothing here: every one of them that was given."""


@dataclass(frozen=True)
class Choice:
    """What was asked for.

    ``person`` is an address or a part of a name: whose turn it is, or whom something that falls
    due concerns. ``supplier`` is a part of its name. ``due`` is
    ``today``, ``week``, ``overdue`` or a day as YYYY-MM-DD, all in the contract's local time.
    """

    contracts: tuple[str, ...] = ()
    person: str | None = None
    phase: str | None = None
    supplier: str | None = None
    due: str | None = None
    parked: bool = False
    sort: str = "until"
    reverse: bool = False

    @property
    def is_about_ladders(self) -> bool:
        """Whether it is about something that only open ladders have."""
        return self.parked or self.phase is not None or self.due is not None

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves out some ladders of the contracts that it is about."""
        return self.is_about_ladders or self.person is not None

    @property
    def day(self) -> date | None:
        """The day that ``due`` names; ValueError if it is neither a day nor a word for some."""
        is_word = self.due in {None, "today", "week", "overdue"}
        return None if is_word or self.due is None else date.fromisoformat(self.due)

    def horizon(self, now: datetime) -> datetime:
        """An instant by which all that may be shown is due, in whatever zone."""
        last = (now + WEEK).date()
        with_day = min(max(last, _day_or(self, last)), _LAST_DAY)
        return datetime.combine(with_day, time(), UTC) + timedelta(days=2)


def choose(overview: Overview, choice: Choice) -> Overview:
    """What of ``overview`` fits the ``choice``, ladders in its order.

    Raises NotAChoice, naming everything in it that is unknown.
    """
    _require_known(overview, choice)
    ladders = [each for each in overview.ladders if _fits(each, choice)]
    falls = [each for each in overview.falls if _is_due(each, choice, overview)]
    if choice.due is not None:
        due = {each.ladder for each in falls}
        ladders = [e for e in ladders if e.ladder in due or _until_is_due(e, choice, overview)]
    ladders.sort(key=_SORTS[choice.sort], reverse=choice.reverse)
    milestones = [each for each in overview.milestones if _is_of(each, choice)]
    shown = {each.ladder for each in ladders} | _ahead(milestones, choice)
    return replace(
        overview,
        ladders=tuple(each for each in ladders if _is_by(each, choice, *each.deputies)),
        falls=tuple(each for each in falls if each.ladder in shown and _is_by(each, choice)),
        milestones=() if choice.is_narrow else tuple(milestones),
        requests=tuple(each for each in overview.requests if _concerns(each, choice)),
    )


def _day_or(choice: Choice, otherwise: date) -> date:
    try:
        return choice.day or otherwise
    except ValueError:
        return otherwise


def _fits(each: OpenLadder, choice: Choice) -> bool:
    return (
        _is_of(each, choice)
        and (choice.phase is None or each.phase == choice.phase)
        and (not choice.parked or each.parked > 0)
    )


def _concerns(each: Request, choice: Choice) -> bool:
    return _is_by(each, choice) and not choice.is_about_ladders and _is_among(each.contract, choice)


def _is_of(each: OpenLadder | Milestone, choice: Choice) -> bool:
    of_supplier = choice.supplier is None or _is_meant(choice.supplier, each.supplier)
    return of_supplier and _is_among(each.contract, choice)


def _is_among(contract: str, choice: Choice) -> bool:
    return not choice.contracts or contract in choice.contracts


def _is_by(each: OpenLadder | Falls | Request, choice: Choice, *others: str) -> bool:
    if choice.person is None or _is_address(choice.person, each.address):
        return True
    return any(_is_meant(choice.person, name) for name in (each.person, *others))


def _is_address(words: str, address: str | None) -> bool:
    return address is not None and words.casefold() == address.casefold()


def _is_meant(words: str, name: str) -> bool:
    return words.casefold() in name.casefold()


def _is_due(each: Falls, choice: Choice, overview: Overview) -> bool:
    today = overview.today[each.contract]
    if choice.day is not None:
        return each.day == choice.day
    if choice.due == "overdue":
        return False
    return each.day <= (today if choice.due == "today" else today + WEEK)


def _until_is_due(each: OpenLadder, choice: Choice, overview: Overview) -> bool:
    if each.until is None or choice.due == "overdue":
        return each.overdue
    today = overview.today[each.contract]
    first, last = choice.day or today, choice.day or today
    return first <= each.until.day <= (last + WEEK if choice.due == "week" else last)


def _ahead(milestones: Iterable[Milestone], choice: Choice) -> set[str]:
    """The ladders that are still to begin; none where only open ones are asked for."""
    if choice.parked or choice.phase is not None:
        return set()
    return {f"{each.contract}/{each.milestone}" for each in milestones}


def _require_known(overview: Overview, choice: Choice) -> None:
    faults = [*_unknown_values(choice), *_unknown_names(overview, choice)]
    if faults:
        what, remedies = zip(*faults, strict=True)
        raise NotAChoice("; ".join(what), "; ".join(remedies))


def _unknown_values(choice: Choice) -> Iterator[tuple[str, str]]:
    phases = get_args(Phase)
    if choice.phase is not None and choice.phase not in phases:
        yield f"no ladder is ever {choice.phase!r}", f"phases are {_some(phases)}"
    if choice.sort not in _SORTS:
        yield f"ladders cannot be sorted by {choice.sort!r}", f"sort by one of {_some(_SORTS)}"
    try:
        _ = choice.day
    except ValueError:
        remedy = "write today, week, overdue, or a day as YYYY-MM-DD"
        yield f"{choice.due!r} is no time at which something is due", remedy


def _unknown_names(overview: Overview, choice: Choice) -> Iterator[tuple[str, str]]:
    known = sorted(overview.today)
    for contract in choice.contracts:
        if contract not in overview.today:
            yield f"contract {contract!r} is not registered", f"contracts are {_some(known)}"
    suppliers = {e.supplier for e in overview.ladders} | {e.supplier for e in overview.milestones}
    if choice.supplier and not any(_is_meant(choice.supplier, name) for name in suppliers):
        yield f"no supplier is called {choice.supplier!r}", f"suppliers are {_some(suppliers)}"
    if choice.person is not None:
        people = overview.everyone()
        if not any(_is_meant(choice.person, n) or _is_address(choice.person, a) for n, a in people):
            names = {name for name, _ in people}
            yield f"nobody is called {choice.person!r}", f"people are {_some(names)}"


def _some(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = len(ordered) - _NAMED
    return ", ".join(ordered[:_NAMED]) + (f" and {more} more" if more > 0 else "") or "none yet"
