"""``holdfast amend``: puts the terms of a contract file in force, showing first what differs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from commands.check import print_problems, problems_as_data
from commands.instruct import Counter, instruct
from contracts.comparing import Difference, affected, differences
from contracts.reading import read_contract
from ladders.contract import Contract
from ladders.entries import LaddersChoice
from ladders.instructions import Amend
from ladders.prose import PersonRef, Prose, replace_leaves
from ladders.values import Ref


async def amend(
    counter: Counter,
    path: Path,
    *,
    because: Literal["signed-amendment", "entry-error"],
    ladders: LaddersChoice,
    note: str | None,
) -> int:
    """Show in what the file differs from the terms in force, and amend once that is confirmed.

    What is past is not judged: a date that has passed since the registration is nothing new.
    Raises HoldfastError where nothing differs, or the amendment is refused.
    """
    reading = read_contract(path, today=None)
    if reading.contract is None:
        counter.conclude({"problems": problems_as_data(reading.problems)})
        if not counter.as_json:
            print_problems(counter.console, reading.problems)
        return 1
    before = _known_alike(counter.casebook.as_written(reading.contract.contract))
    after = _known_alike(reading.contract)
    found = differences(before, after)
    for difference in found:
        counter.say(f"  {difference}")
    touched = affected(before, after)
    request = Amend(
        because=because,
        ladders=ladders,
        affected=touched,
        changes=tuple(_words([difference]) for difference in found),
        reasons={milestone: _words(_concerning(found, milestone)) for milestone in touched},
        terms=reading.contract,
        source=reading.source,
        note=None if note is None else Prose(note),
    )
    return await instruct(counter, reading.contract.contract, request)


def _known_alike(contract: Contract) -> Contract:
    """The contract with its people known by lower-case addresses: upper case means the same."""
    return replace_leaves(contract, PersonRef, str.lower)


def _concerning(found: Sequence[Difference], milestone: Ref) -> Sequence[Difference]:
    """What differs of the milestone itself; else all, as ladder or count then differ."""
    own = [each for each in found if each.place[:2] == ("milestones", milestone)]
    return own or found


def _words(found: Sequence[Difference]) -> Prose:
    return Prose("; ".join(map(str, found))[: Prose.max_length])
