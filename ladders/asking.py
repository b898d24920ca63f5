"""What a ladder asks of people now: everything that waits for somebody, whoever's turn it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ladders.contract import OWNER
from ladders.prose import PersonRef, Prose
from ladders.state import Acknowledged, LadderState
from ladders.values import Instant, Ref, Role, Value


class Ask(Value):
    """Something asked of ``person``, as ``role``, until ``until`` (None: time stands still).

    ``question`` is whether the milestone was delivered, ``rung`` the ``action`` of an open rung,
    ``answer`` whether a tender is accepted, ``decision`` how to go on after the climb.
    """

    what: Literal["question", "rung", "answer", "decision"]
    role: Role
    person: PersonRef
    until: Instant | None = None
    rung: Ref | None = None
    action: Prose | None = None


def asks(state: LadderState) -> Iterator[Ask]:
    """All that is asked on a ladder; nothing once it is closed."""
    if state.phase == "closed":
        return
    if _is_in_question(state):
        until = state.presumed_at or state.due_close
        yield Ask(what="question", role=OWNER, person=state.person(OWNER), until=until)
    yield from _of_rungs(state)
    if state.tender is not None:
        yield from _of_the_authority(state, "answer", state.tender.respond_by)
    elif state.phase == "exhausted":
        yield from _of_the_authority(state, "decision", state.decision_at)


def acknowledged(state: LadderState, rung: Ref | None) -> Acknowledged | None:
    """The acknowledgement that keeps reminders away, of an open rung or else of the question.

    None too where somebody else has to act by now.
    """
    role, said = OWNER, state.acknowledged
    if rung is not None:
        index = state.index(rung)
        role, said = state.opened.ladder.rungs[index].owner, state.rungs[index].acknowledged
        said = said if state.rungs[index].status == "open" else None
    return said if said is not None and said.by.person == state.person(role) else None


def _is_in_question(state: LadderState) -> bool:
    is_settled = state.misses_at is not None or state.tender is not None
    is_asked = state.phase == "watching" and state.asked_at is not None
    return is_asked and not is_settled and not state.suspended


def _of_rungs(state: LadderState) -> Iterator[Ask]:
    for rung, standing in zip(state.opened.ladder.rungs, state.rungs, strict=True):
        # Once the miss is settled nobody warns any more.
        is_settled = state.phase != "watching" or state.misses_at is not None
        is_over = rung.is_early_warning and is_settled
        if standing.status == "open" and not is_over:
            yield Ask(
                what="rung",
                role=rung.owner,
                person=state.person(rung.owner),
                until=standing.deadline,
                rung=rung.id,
                action=rung.action,
            )


def _of_the_authority(
    state: LadderState, what: Literal["answer", "decision"], until: Instant | None
) -> Iterator[Ask]:
    for role in state.standing.authority:
        yield Ask(what=what, role=role, person=state.person(role), until=until)
