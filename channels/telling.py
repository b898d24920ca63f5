"""What happened, for the contract's channel: one entry of a ladder in its own words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

from channels.facts import MessageFacts
from channels.moments import Moment, spoken
from channels.naming import who
from ladders import entries as kinds
from ladders.calendar import Calendar
from ladders.entries import ENGINE, Body, Entry, Names
from ladders.state import LadderState
from ladders.values import Ref, Value

_UTC = re.compile(r"(?P<on>on )?(?P<utc>\d{4}-\d\d-\d\d \d\d:\d\d UTC)")


class EventFacts(Value):
    """An entry, told.

    ``words`` are its own sentence, or where the contract's entry led to it that one's, with what
    it means for the ladder as its ``effect``; the ``moments`` that they name, as UTC, are shown in
    local time. ``by`` says who did it, and for whom; nobody where time passed. ``now`` is what is
    asked now, and of whom.
    """

    contract: Ref
    milestone: Ref
    words: str
    by: str | None = None
    effect: str | None = None
    now: MessageFacts | None = None
    moments: tuple[Moment, ...] = ()


def tell_event(
    state: LadderState,
    entry: Entry,
    fact: Entry | None,
    names: Names,
    now: MessageFacts | None = None,
) -> EventFacts:
    """The facts of ``entry``, which led to ``state``; ``fact`` is the contract's, if one led to it.

    All texts are opened; people are still pseudonyms, which ``names`` names.
    """
    effect = _effect(entry.body) if fact and isinstance(entry.body, kinds.TermsFollowed) else None
    told = entry if effect is None or fact is None else fact
    return EventFacts(
        contract=state.contract,
        milestone=state.opened.milestone.id,
        words=_sentence(state, told, names),
        by=None if entry.by.actor == ENGINE else who(entry.by, names),
        effect=effect,
        now=now,
        moments=tuple(moments(told.body, state.opened.calendar)),
    )


def _sentence(state: LadderState, entry: Entry, names: Names) -> str:
    body, by = entry.body, state.misses_by
    if isinstance(body, kinds.MilestoneMissed) and body.because == "confirmed" and by is not None:
        return f"The milestone is missed: {who(by, names)} said that it was not delivered in time."
    return body.sentence(names)


def _effect(body: kinds.TermsFollowed) -> str:
    """What is in force for the ladder from now on, for people who look at no version numbers."""
    due = "there is no due date, as time stands still"
    said = [due if body.suspended else f"the due date is {spoken(body.milestone.due)}"]
    if body.undoes_miss:
        said.append("so it is no longer missed")
    if any(toll.until is None for toll in body.tolls):
        said.append("its own clock is stopped too")
    return ", and ".join(said)


def moments(body: Body, calendar: Calendar) -> Iterator[Moment]:
    """The instants that the sentence of an entry may name."""
    values = (getattr(body, name) for name in type(body).model_fields)
    return (Moment.on(calendar, value) for value in values if isinstance(value, datetime))


def localised(words: str, named: Iterable[Moment]) -> str:
    """``words`` with each of the moments ``named``, as UTC, in local time and marked."""
    known = {f"{each.at:%F %R} UTC": each for each in named}

    def local(found: re.Match[str]) -> str:
        each = known.get(found["utc"])
        if each is None:
            return found[0]
        return each.when if found["on"] else each.marked

    return _UTC.sub(local, words)
