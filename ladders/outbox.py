"""Who is told what: the messages an entry gives rise to, and those that events have overtaken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from ladders import entries as kinds
from ladders.contract import OWNER
from ladders.entries import ROOM, AnyBody, Message, Topic
from ladders.people import is_away, open_rungs, stand_ins, with_deputies
from ladders.prose import PersonRef
from ladders.state import LadderState
from ladders.values import Ref, Role

TELLS_ROOM = 3
"""From this version of the rules on, all that happens is told in the contract's channel too."""

_UNTOLD = (
    kinds.RungPassed,
    kinds.MessagePosted,
    kinds.MessageParked,
    kinds.MessageDropped,
    kinds.MessageLost,
)


def tell(
    state: LadderState,
    key: str,
    topic: Topic,
    roles: Iterable[Role],
    *,
    now: datetime,
    rung: Ref | None = None,
) -> tuple[Message, ...]:
    """One message to each person who holds one of ``roles``, and to the deputies of the absent.

    ``key`` names the fact, within the ladder, that the messages are about; a person is told once,
    however many of the roles they hold.
    """
    told: dict[PersonRef, Message] = {}
    for role in roles:
        for person in _reachable(state, state.person(role), now):
            message = Message(
                key=f"{state.key(key)}>{person}", topic=topic, to=person, role=role, rung=rung
            )
            told.setdefault(person, message)
    return tuple(told.values())


def _reachable(state: LadderState, person: PersonRef, now: datetime) -> Iterator[PersonRef]:
    yield person
    if is_away(state, person, now):
        yield from stand_ins(state, person, now)


def board(stream: str, number: int) -> Message:
    """The ladder's own message in the contract's channel, the ``number``-th that is posted."""
    suffix = "" if number == 1 else f"/{number}"
    return Message(key=f"{stream}/ladder{suffix}>{ROOM}", topic="ladder", to=ROOM, role=OWNER)


def announced(state: LadderState, key: str, body: AnyBody) -> AnyBody:
    """``body`` with the word of it that goes to the contract's channel, if it has one.

    ``key`` is the entry's. The word comes first, so that whoever is told in person finds it there;
    before the first one comes the message that all of them hang on.
    """
    if state.opened.rules < TELLS_ROOM or not state.standing.room or isinstance(body, _UNTOLD):
        return body
    word = Message(key=f"{key}>{ROOM}", topic="event", to=ROOM, role=OWNER)
    first = () if state.boards else (board(state.stream, 1),)
    return body.model_copy(update={"tell": (*first, word, *body.tell)})


def past_owners(state: LadderState) -> list[Role]:
    """The roles that have been asked anything on this ladder, in the order of the rungs."""
    rungs = zip(state.opened.ladder.rungs, state.rungs, strict=True)
    return [OWNER, *(rung.owner for rung, standing in rungs if standing.opened_at is not None)]


def superseded(state: LadderState, message: Message) -> bool:
    """Whether what ``message`` asks for is no longer asked for."""
    if message.to == ROOM or message.topic in ("closed", "evidence"):
        return False
    if state.phase == "closed" or not _is_concerned(state, message):
        return True
    match message.topic:
        case "rung" | "reminder" | "silence" | "clock" if message.rung is not None:
            return message.rung not in open_rungs(state)
        case "question" | "unconfirmed":
            return state.phase != "watching" or state.tender is not None or _is_settled(state)
        case "tender" | "response":
            return state.tender is None
        case _:
            return False


def _is_settled(state: LadderState) -> bool:
    """Whether the question of the due date is answered, or not asked of the date in force."""
    if state.opened.rules < TELLS_ROOM:
        return False
    return state.misses_at is not None or state.asked_at is None


def _is_concerned(state: LadderState, message: Message) -> bool:
    """Whether the recipient still holds the role, or might stand in for whoever does."""
    return message.to in with_deputies(state, [state.person(message.role)])
