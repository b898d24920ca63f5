"""Writing an entry: the one place where keys and the three times are put together."""

from __future__ import annotations

from datetime import datetime

from ladders.entries import AnyBody, Doer, Entry
from ladders.events import Action
from ladders.outbox import announced
from ladders.state import LadderState


def write(
    state: LadderState,
    key: str,
    body: AnyBody,
    now: datetime,
    *,
    deemed_at: datetime | None = None,
    by: Doer | None = None,
) -> Entry:
    """The ladder's next entry, made because time passed, or ``by`` somebody's doing elsewhere.

    ``key`` names the fact within the ladder's course; ``deemed_at`` is the instant it counts from,
    ``now`` unless it is said.
    """
    return Entry(
        contract=state.contract,
        stream=state.stream,
        key=state.key(key),
        after=state.last_key,
        occurred_at=now,
        deemed_at=deemed_at or now,
        by=by or Doer(),
        body=announced(state, state.key(key), body),
    )


def write_action(
    state: LadderState, action: Action, by: Doer, body: AnyBody, now: datetime
) -> Entry:
    """The ladder's next entry, made because a person acted.

    It keeps the click's one key, and counts from when the click was received (laws 4 and 14).
    """
    return Entry(
        contract=state.contract,
        stream=state.stream,
        key=action.key,
        after=state.last_key,
        occurred_at=now,
        deemed_at=action.received_at,
        by=by,
        body=announced(state, action.key, body),
    )
