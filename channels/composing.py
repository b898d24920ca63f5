"""Composing: from what the ledger holds to a letter, ready for a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from channels.facts import MessageFacts, Stopped, gather
from channels.message import Address, Letter, Mark, Offer, Surface
from channels.naming import IdentityOf, naming, unknown
from channels.offers import offers, standing_message
from channels.rendering import Wording, render
from channels.standing import BoardFacts, board_facts
from channels.telling import tell_event
from ladders import entries as kinds
from ladders.contract import Contract
from ladders.entries import Entry, Message
from ladders.people import may_stand_in
from ladders.state import LadderState


@dataclass(frozen=True)
class Told:
    """One message, with all that the ledger says of it; every text is opened.

    ``state`` is the ladder's after ``entry``, which ``mark`` names in the ledger. ``board`` is the
    receipt of the ladder's board, and ``fact`` the contract's entry that led to this one.
    ``hurried`` says that somebody has just escalated; ``identity_of`` tells who somebody is whom
    the terms do not name, and ``stopped`` what stops time, if something does. ``answers`` are those
    that can be given by now, and ``since`` what has changed them, where something has.
    """

    state: LadderState
    entry: Entry
    message: Message
    terms: Contract
    mark: Mark
    board: str | None = None
    fact: Entry | None = None
    hurried: bool = False
    identity_of: IdentityOf = unknown
    stopped: Stopped | None = None
    answers: tuple[Offer, ...] | None = None
    since: str | None = None

    @property
    def key(self) -> str:
        """The idempotency key of the letter."""
        return f"{self.state.contract}/{self.message.key}"


def compose(told: Told, to: Address | None, surface: Surface) -> Letter:
    """The letter of a message, as it is read on ``surface``."""
    match told.message.topic:
        case "ladder":
            return compose_board(told, surface)
        case "event":
            return _compose_event(told)
        case _:
            return _compose_personal(told, to, surface)


def _compose_personal(told: Told, to: Address | None, surface: Surface) -> Letter:
    facts = gather(told.state, told.entry, told.message, told.terms, told.identity_of)
    wording = render(told.message.topic, _on(surface, told, facts))
    answers = offers(told.state, told.message) if told.answers is None else told.answers
    return _letter(told, wording, to=to, offers=answers, board=told.board, aside=told.since)


def compose_board(told: Told, surface: Surface) -> Letter:
    """The board of a ladder as it stands in ``told.state``."""
    facts = _board(told)
    message = standing_message(told.state, told.message)
    return _letter(
        told,
        render("ladder", _on(surface, told, facts)),
        to=None,
        room=told.terms.slack_channel,
        facts=tuple(_table(told, facts)),
        offers=offers(told.state, message),
    )


def _compose_event(told: Told) -> Letter:
    event = tell_event(
        told.state, told.entry, told.fact, naming(told.terms, told.identity_of), _now(told)
    )
    return _letter(
        told,
        render("event", event),
        to=None,
        room=told.terms.slack_channel,
        thread=told.board,
        broadcast=isinstance(told.entry.body, kinds.ClimbEnded),
    )


def _on(surface: Surface, told: Told, facts: MessageFacts) -> MessageFacts:
    stopped = facts.stopped and (told.stopped or facts.stopped)
    return facts.model_copy(update={"surface": surface, "stopped": stopped})


def _board(told: Told) -> BoardFacts:
    return board_facts(told.state, told.entry, told.message, told.terms, told.identity_of)


def _now(told: Told) -> BoardFacts | None:
    """What is asked after an event, where the event does not say so itself."""
    match told.entry.body:
        case (
            kinds.DeliveryAsked()
            | kinds.DeliveryReminded()
            | kinds.RungOpened()
            | kinds.RungReminded()
            | kinds.DecisionAsked()
            | kinds.EvidenceKept()
            | kinds.NoteAdded()
        ):
            return None
        case kinds.Escalated():
            # What was asked is still asked; the news is what opens.
            return _board(told).model_copy(update={"asks": "waiting"})
        case _:
            return _board(told)


def _table(told: Told, facts: BoardFacts) -> list[tuple[str, str]]:
    """The facts that stand above the answers, each by its name; what the text says is left out."""
    clause = f", clause {facts.clause}" if facts.clause else ""
    table = [("Contract", f"{facts.contract}{clause}"), ("Clock", _clock(told.state, facts))]
    if facts.asks not in ("nothing", "waiting"):
        table.insert(1, ("Whose turn", _whose(told, facts)))
    return table


def _whose(told: Told, facts: BoardFacts) -> str:
    state, now = told.state, told.entry.occurred_at
    holder = state.person(facts.role)
    names = naming(told.terms, told.identity_of)
    decides = facts.asks in ("tender", "decision")
    deputies = [names(ref) for ref in may_stand_in(state, holder, now, for_authority=decides)]
    stands_in = f"; deputy {' and '.join(deputies)}" if deputies else ""
    return f"{facts.recipient} ({facts.role}{stands_in})"


def _clock(state: LadderState, facts: BoardFacts) -> str:
    if state.phase == "closed":
        return "stopped: closed"
    # With its date, because nobody changes the board when merely another day has begun.
    stands = "; it stands still" if state.stands_still and not facts.stops_later else ""
    on = f"on {facts.on.day} {facts.on:%B %Y}"
    if facts.day < 0:
        return f"{-facts.day} days before day 0 {on}{stands}"
    if facts.day > facts.last_day:
        return f"day {facts.day} {on}, past day {facts.last_day}{stands}"
    return f"day {facts.day} of {facts.last_day} {on}{stands}"


def _letter(told: Told, wording: Wording, **more: Any) -> Letter:
    return Letter(
        key=told.key,
        subject=wording.subject,
        text=wording.text,
        passages=wording.passages,
        mark=told.mark,
        **more,
    )
