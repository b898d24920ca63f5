"""What happened, for the contract's channel: one entry of a ladder in its own words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from channels.facts import name_of
from channels.moments import Moment
from ladders.contract import Contract
from ladders.entries import ENGINE, AnyBody, Body, Entry
from ladders.state import LadderState
from ladders.values import Ref, Value


class EventFacts(Value):
    """An entry, told.

    ``words`` are its own sentence, ``fact`` that of the contract's entry that led to it; the
    ``moments`` that they name, as UTC, are shown in local time. ``by`` did it, nobody where time
    passed, and ``behalf`` is whom they did it for. ``asked`` is what is asked now, and of whom.
    """

    contract: Ref
    reference: str
    milestone: Ref
    supplier: str
    words: str
    by: str | None = None
    behalf: str | None = None
    fact: str | None = None
    asked: str | None = None
    moments: tuple[Moment, ...] = ()


def tell_event(
    state: LadderState, entry: Entry, fact: Entry | None, terms: Contract, asked: str | None
) -> EventFacts:
    """The facts of ``entry``, which led to ``state``; ``fact`` is the contract's, if one led to it.

    All texts are opened; people are still pseudonyms, whom ``terms`` names.
    """
    by = None if entry.by.actor == ENGINE else name_of(terms, entry.by.person)
    actor = name_of(terms, entry.by.actor) if entry.by.on_behalf_of else None
    return EventFacts(
        contract=state.contract,
        reference=f"{state.contract}/{state.stream}",
        milestone=state.opened.milestone.id,
        supplier=terms.supplier,
        words=_sentence(entry.body, terms),
        by=actor or by,
        behalf=by if actor else None,
        fact=None if fact is None else _sentence(fact.body, terms),
        asked=asked,
        moments=tuple(
            Moment.on(state.opened.calendar, at)
            for told in filter(None, (entry, fact))
            for at in _instants(told.body)
        ),
    )


def localised(words: str, moments: tuple[Moment, ...]) -> str:
    """``words`` with each of ``moments``, which they name as UTC, in local time and marked."""
    for each in moments:
        words = words.replace(f"{each.at:%F %R} UTC", each.marked)
    return words


def _sentence(body: AnyBody, terms: Contract) -> str:
    return body.sentence(lambda ref: name_of(terms, ref))


def _instants(body: Body) -> Iterator[datetime]:
    values = (getattr(body, name) for name in type(body).model_fields)
    return (value for value in values if isinstance(value, datetime))
