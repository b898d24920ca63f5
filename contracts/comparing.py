"""Comparing two versions of a contract: what differs, in words, and which milestones it touches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from ladders.contract import Contract
from ladders.values import Ref

_KEYS = ("id", "email")
"""By which of its fields an item of a list is known from one version to the next."""

_Place = tuple[str, ...]


class Difference(NamedTuple):
    """One thing that differs. A side that says nothing is None."""

    place: tuple[str, ...]
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """Return it in words, such as ``milestones tooling due: 2026-10-01 -> 2026-11-01``."""
        where = " ".join(self.place)
        if self.before is None:
            return f"{where}: {self.after} (new)"
        if self.after is None:
            return f"{where}: {self.before} (gone)"
        return f"{where}: {self.before} -> {self.after}"


def differences(before: Contract, after: Contract) -> list[Difference]:
    """All that differs between two versions, whose people are known by the same references."""
    return list(_between((), _plain(before), _plain(after)))


def affected(before: Contract, after: Contract) -> tuple[Ref, ...]:
    """The milestones that differ themselves, are gone, or go by a ladder or a count that differs.

    Milestones that are new have nothing to be affected.
    """
    recounted = before.counting != after.counting
    return tuple(
        milestone.id
        for milestone in before.milestones
        if recounted or _terms_of(before, milestone.id) != _terms_of(after, milestone.id)
    )


def _terms_of(contract: Contract, milestone_id: Ref) -> object:
    milestone = contract.milestone(milestone_id)
    return None if milestone is None else (milestone, contract.ladder(milestone.ladder))


def _plain(contract: Contract) -> dict[str, Any]:
    return contract.model_dump(mode="json", exclude_none=True)


def _between(place: _Place, before: Any, after: Any) -> Iterator[Difference]:
    if before == after:
        return
    old, new = _parts(before), _parts(after)
    if old is None or new is None:
        yield Difference(place, _words(before), _words(after))
        return
    for name in dict.fromkeys([*old, *new]):
        yield from _between((*place, name), old.get(name), new.get(name))


def _parts(value: Any) -> dict[str, Any] | None:
    """What ``value`` is made of, by name; None where it is to be compared as a whole."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        names = [_name(item) for item in value]
        return None if None in names else dict(zip(map(str, names), value, strict=True))
    return None


def _name(item: dict[str, Any]) -> str | None:
    return next((str(item[key]) for key in _KEYS if key in item), None)


def _words(value: Any) -> str | None:
    if value is None or value in ([], {}):
        return None
    if isinstance(value, list):
        return ", ".join(str(_words(item)) for item in value)
    if isinstance(value, dict):
        said = [f"{name} {_words(item)}" for name, item in value.items() if item not in ([], {})]
        return ", ".join(said)
    return str(value)
