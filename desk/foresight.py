"""Foresight: what an instruction would do to a contract's ladders, decided but not recorded."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from desk.casebook import Casebook
from ladders.administration import administer, terms_for
from ladders.decision import decide
from ladders.entries import Entry
from ladders.errors import ActionRefused
from ladders.instructions import Instruction
from ladders.prose import PersonRef, replace_leaves
from ladders.state import LadderState
from ladders.watch import Start, next_start, watch


class Outlook(NamedTuple):
    """An open ladder as it stands, and what it would record."""

    state: LadderState
    entries: list[Entry]


class Foreseen(NamedTuple):
    """The fact that would be recorded, every open ladder, and the next one that would begin."""

    fact: Entry | None
    ladders: list[Outlook]
    next: Start | None


def foresee(casebook: Casebook, contract: str, instruction: Instruction, now: datetime) -> Foreseen:
    """What ``instruction``, whose request names people by address, would do at ``now``.

    The decisions are the real ones. Raises ActionRefused where it would be refused.
    """
    state = casebook.watch(contract)
    addresses = {str(p.email).lower(): p.id for p in casebook.terms(contract).people}
    request = replace_leaves(
        instruction.request, PersonRef, lambda ref: addresses.get(ref.lower(), ref)
    )
    instruction = instruction.model_copy(update={"request": request})
    try:
        facts = administer(state, instruction, state.calendar, now)
    except ActionRefused as refusal:
        raise casebook.named(contract, refusal) from None
    ladders, after, fact = [], state, None
    for fact in facts:
        after = watch(state, fact)
        for milestone, watched in state.milestones.items():
            if watched.status == "laddered":
                ladder = casebook.ladder(contract, f"{milestone}/{watched.number}")
                entries = decide(ladder, terms_for(after, fact, milestone), now)
                ladders.append(Outlook(ladder, entries))
    return Foreseen(fact, ladders, next_start(after))
