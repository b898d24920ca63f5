"""Following: what a ladder under way does when its contract's terms change (law 5).

Until the miss a ladder follows its milestone. From the miss on it keeps what it began with, unless
somebody entitled chose otherwise; people are never frozen.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from ladders import entries as kinds
from ladders.asking import asks
from ladders.contract import OWNER, Milestone
from ladders.counting import reminder
from ladders.entries import Entry, Message, TermsFollowed
from ladders.events import Terms
from ladders.outbox import past_owners, tell
from ladders.prose import Prose
from ladders.state import LadderState, RungState
from ladders.values import Ref
from ladders.writing import write

_TELLS_CLOCK = 3
"""From this version of the rules on, people are told when a ladder's own clock is stopped."""


def on_terms(state: LadderState, terms: Terms, now: datetime) -> list[Entry]:
    """The entry by which the ladder follows ``terms``; none where nothing changes for it."""
    if state.phase == "closed" or terms.version <= state.version:
        return []
    if terms.choice in ("withdraw", "waive"):
        return [_ended(state, terms, now)]
    body = _followed(state, terms, now)
    if not _changes_anything(state, body):
        return []
    after = follow(state, body, now)
    undone = state.phase != "watching" and after.phase == "watching"
    told = tuple(_told(state, after, terms, now))
    body = body.model_copy(update={"tell": told, "undoes_miss": undone or None})
    return [_entry(state, f"terms/{terms.version}", body, terms, now)]


def _ended(state: LadderState, terms: Terms, now: datetime) -> Entry:
    told = tell(state, "closed", "closed", past_owners(state), now=now)
    reason = terms.reason or Prose(f"by version {terms.version} of the terms")
    body: kinds.AnyBody = kinds.LadderWithdrawn(reason=reason, tell=told)
    if terms.choice == "waive":
        body = kinds.LadderWaived(reason=reason, tell=told)
    return _entry(state, f"terms/{terms.version}", body, terms, now)


def _entry(state: LadderState, key: str, body: kinds.AnyBody, terms: Terms, now: datetime) -> Entry:
    return write(state, key, body, now, deemed_at=terms.received_at, by=terms.by)


def _followed(state: LadderState, terms: Terms, now: datetime) -> TermsFollowed:
    opened, calendar = state.opened, terms.calendar
    watching = _counts_as_watching(state, terms)
    follows = terms.milestone is not None and (watching or terms.choice == "move")
    milestone = _milestone(state, terms, follows=follows)
    redated = follows and (terms.redated or watching)
    suspended = terms.suspended if redated else state.suspended
    if not redated:
        milestone = milestone.model_copy(update={"due": opened.milestone.due})
    moved = (milestone.due, suspended) != (opened.milestone.due, state.suspended)
    day_zero = opened.day_zero
    if moved:
        is_ahead = suspended or calendar.close(milestone.due) > now
        day_zero = _day_zero(state, milestone, is_ahead=is_ahead)
    return TermsFollowed(
        version=terms.version,
        fact=terms.fact,
        milestone=milestone,
        standing=terms.standing,
        day_zero=day_zero,
        ladder=terms.ladder if follows and terms.ladder != opened.ladder else None,
        calendar=calendar if follows and calendar != opened.calendar else None,
        tolls=terms.tolls,
        suspended=suspended,
        course=state.course + moved,
    )


def _counts_as_watching(state: LadderState, terms: Terms) -> bool:
    """Whether the fact was received before the miss, if there has been one (law 14)."""
    missed = state.misses_at or state.presumed_at
    return state.phase == "watching" or (missed is not None and terms.received_at < missed)


def _day_zero(state: LadderState, milestone: Milestone, *, is_ahead: bool) -> date:
    """The due date; but a ladder that began to count later does not lose the days in between."""
    opened = state.opened
    if is_ahead or opened.day_zero == opened.milestone.due:
        return milestone.due
    return max(milestone.due, opened.day_zero)


def _milestone(state: LadderState, terms: Terms, *, follows: bool) -> Milestone:
    if follows and terms.milestone is not None:
        return terms.milestone
    milestone = state.opened.milestone
    owner = milestone.owner if terms.milestone is None else terms.milestone.owner
    # Of a milestone that is gone, an owner who is gone too gives way to whoever owns the contract.
    known = owner if owner in terms.standing.roster else None
    return milestone.model_copy(update={"owner": known})


def _changes_anything(state: LadderState, body: TermsFollowed) -> bool:
    opened = state.opened
    before = (opened.milestone, opened.standing, opened.day_zero, state.tolls, state.course)
    after = (body.milestone, body.standing, body.day_zero, body.tolls, body.course)
    return before != after or body.ladder is not None or body.calendar is not None


def _told(
    before: LadderState, after: LadderState, terms: Terms, now: datetime
) -> Iterator[Message]:
    """Whoever is asked something new is told so; a moved due date is news to all who were asked.

    Where the clock of a climbing ladder is stopped, or runs again, whoever is asked is told so.
    """
    fact = f"terms/{terms.version}"
    if after.course != before.course:
        yield from tell(after, f"{fact}/moved", "moved", past_owners(before), now=now)
    elif _is_stopped_or_runs(before, after):
        asked = [(each.rung, each.role) for each in asks(after) if each.what == "rung"]
        for rung, role in asked or [(None, OWNER)]:
            key = f"{fact}/clock" if rung is None else f"{fact}/clock/{rung}"
            yield from tell(after, key, "clock", [role], now=now, rung=rung)
    for role, topic, rung in _asked(after):
        key = f"{fact}/{topic}" if rung is None else f"{fact}/{topic}/{rung}"
        if before.person(role) != after.person(role):
            yield from tell(after, key, topic, [role], now=now, rung=rung)


def _is_stopped_or_runs(before: LadderState, after: LadderState) -> bool:
    is_climbing = after.phase == "climbing" and after.opened.rules >= _TELLS_CLOCK
    return is_climbing and after.stands_still != before.stands_still


def _asked(state: LadderState) -> Iterator[tuple[str, kinds.Topic, Ref | None]]:
    """What is being asked of which role at present."""
    for rung, standing in zip(state.opened.ladder.rungs, state.rungs, strict=True):
        if standing.status == "open":
            yield rung.owner, "silence" if standing.silent else "rung", rung.id
    if state.phase == "watching" and state.asked_at is not None and state.tender is None:
        yield OWNER, "question" if state.presumed_at is None else "unconfirmed", None
    for role in state.standing.authority:
        if state.tender is not None:
            yield role, "tender", None
        elif state.phase == "exhausted":
            yield role, "decision", None


def follow(state: LadderState, body: TermsFollowed, at: datetime) -> LadderState:
    """The state with the terms of ``body`` in force from ``at`` on.

    Where the due date moved beyond ``at``, what was a miss is none any more: the ladder watches
    again, and every rung from the due date on is still to come.
    """
    based = state.model_copy(update=_based(state, body))
    moved = body.course != state.course
    watches_again = moved and (body.suspended or based.due_close > at)
    known = _known(state)
    rungs = tuple(
        _rung(based, index, known, at, moved=moved, watches_again=watches_again)
        for index in range(len(based.opened.ladder.rungs))
    )
    left = known.keys() - {rung.id for rung in based.opened.ladder.rungs}
    gone = {} if moved else {rung: known[rung] for rung in left}
    based = based.model_copy(update={"rungs": rungs, "gone": gone})
    changes: dict[str, object] = {}
    if moved:
        changes |= {
            "asked_at": None, "presumed_at": None, "remind_at": None, "quiet_until": None,
            "acknowledged": None,
        }  # fmt: skip
    if watches_again:
        changes |= {
            "phase": "watching", "misses_at": None, "misses_by": None, "missed_at": None,
            "next_rung_now": None, "decision_at": None,
        }  # fmt: skip
    elif moved and state.phase == "exhausted" and (based.climb_end or at) >= at:
        changes |= {"phase": "climbing", "decision_at": None}
    if moved and state.phase == "watching" and state.tender is not None:
        late = not body.suspended and state.tender.delivered > body.milestone.due
        changes["misses_at"] = at if late else None
    return based.model_copy(update=changes)


def _based(state: LadderState, body: TermsFollowed) -> dict[str, object]:
    opened = {
        "milestone": body.milestone,
        "standing": body.standing,
        "day_zero": body.day_zero,
        "ladder": body.ladder or state.opened.ladder,
        "calendar": body.calendar or state.opened.calendar,
    }
    return {
        "opened": state.opened.model_copy(update=opened),
        "version": body.version,
        "course": body.course,
        "tolls": body.tolls,
        "suspended": body.suspended,
    }


def _known(state: LadderState) -> dict[Ref, RungState]:
    """Every rung's standing, of those too that a change of the terms took away in this course."""
    rungs = zip(state.opened.ladder.rungs, state.rungs, strict=True)
    return {**state.gone, **{rung.id: standing for rung, standing in rungs}}


def _rung(
    state: LadderState,
    index: int,
    known: dict[Ref, RungState],
    at: datetime,
    *,
    moved: bool,
    watches_again: bool,
) -> RungState:
    rung, opens = state.opened.ladder.rungs[index], state.scheduled(index)
    standing = known.get(rung.id, RungState())
    is_to_come = moved and (opens is None or opens > at)
    if is_to_come or (watches_again and not rung.is_early_warning):
        return RungState()
    if standing.opened_at is None:
        return standing
    # What has fired stays fired: a rung that fell silent is not asked to be silent again.
    ends = state.rung_deadline(rung, standing.opened_at)
    changes: dict[str, object] = {"deadline": ends}
    if standing.status == "open" and not standing.silent and ends != standing.deadline:
        changes["remind_at"] = ends and reminder(state.opened.calendar, at, ends)
        changes["acknowledged"] = None
    return standing.model_copy(update=changes)
