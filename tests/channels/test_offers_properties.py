"""Whatever has happened: what a message offers now is what its reader may do now."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings

from channels.message import Offer
from channels.offers import answers_now, offers, standing_message
from ladders.actions import permit
from ladders.entries import ROOM, Doer, Message
from ladders.events import Action, ActionName
from ladders.folding import apply, begin
from ladders.instructions import Request
from ladders.outbox import board
from ladders.prose import PersonRef, Prose
from ladders.state import LadderState
from tests.ladders.courses import STEPS, walk
from tests.world import Case


def states_of(case: Case) -> list[LadderState]:
    """The state after each of its entries."""
    states = [begin(case.entries[0])]
    for entry in case.entries[1:]:
        states.append(apply(states[-1], entry))
    return states


def told(case: Case) -> Iterator[tuple[Message, tuple[Offer, ...]]]:
    """Every message that was ever owed to a person, with what it would offer now."""
    states = states_of(case)
    for index, entry in enumerate(case.entries):
        for message in entry.body.tell:
            if message.to != ROOM:
                yield message, answers_now(states[index:], message)


def press(case: Case, who: PersonRef, offer: Offer) -> None:
    """Do what ``offer`` offers, with all that a form would ask. Raises ActionRefused."""
    by = Doer(actor=who, authenticated_by="slack", via="slack")
    fields = {
        "key": "press", "name": offer.action, "by": by, "received_at": case.now,
        "rung": offer.handle.rung, "about": offer.handle.about, "note": Prose("because"),
        "delivered": case.state.opened.calendar.local(case.now).date(),
    }  # fmt: skip
    permit(case.state, Action.model_validate(fields), case.now)


@settings(max_examples=150)
@given(steps=STEPS)
def test_what_a_message_offers_is_not_refused(
    steps: list[tuple[float, Request | ActionName]],
) -> None:
    """To whoever it went, however long ago, whatever was moved, stopped or handed over since."""
    case = walk(steps)
    for message, answers in told(case):
        for offer in answers:
            if offer.action != "more":
                press(case, message.to, offer)


@settings(max_examples=150)
@given(steps=STEPS)
def test_what_the_board_offers_is_not_refused_to_whoever_is_asked(
    steps: list[tuple[float, Request | ActionName]],
) -> None:
    """Its buttons are for the one whose turn it is."""
    case = walk(steps)
    message = standing_message(case.state, board(case.state.stream, 1))
    for offer in offers(case.state, message):
        if offer.action != "more":
            press(case, message.to, offer)
