"""Deciding: from a state, an event and the time to the entries that follow. Pure (law 1).

Time is decided here, people's actions in :mod:`ladders.actions`. One call answers with the next
entry at most; what follows from that entry follows when the question is put again, so that every
step is recorded before the next is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from ladders import entries as kinds
from ladders.actions import on_action
from ladders.alarms import Alarm, Cause, next_alarm
from ladders.contract import OWNER
from ladders.entries import AnyBody, Entry, Message
from ladders.events import (
    Action,
    Dropped,
    Event,
    Kept,
    Lost,
    Parked,
    Posted,
    Terms,
    Tick,
    Unkept,
)
from ladders.following import on_terms
from ladders.outbox import board, tell
from ladders.state import LadderState
from ladders.writing import write

RULES = 3
"""The version of these rules that a ladder opened now starts with, and keeps.

1: as first released. 2: a tender that was in time, but was rejected when the ladder would have been
under way, leaves the ladder to begin at its first rung; before silence counts against anybody the
workflow looks for what was received in time; quiet asked for lasts; deputies have deputies;
whoever holds several open rungs says which is meant; a close is reported at once. 3: what happens
is told in the contract's channel, where one message per ladder always shows where it stands; an
action is answered once what it causes at once is recorded as well.
"""

_FROM_RUNG_ONE = 2
LOOKS_BEFORE_SILENCE = 2
"""From this version of the rules on, the inbox is looked into before silence is recorded."""
TELLS_AT_ONCE = 2
"""From this version on a ladder reports its close before its last messages have been sent."""
ANSWERS_LAST = 3
"""From this version on an action is answered after what it causes at once, such as a next rung."""
_A_WEEK = timedelta(days=7)


def decide(state: LadderState, event: Event, now: datetime) -> list[Entry]:
    """The entries that ``event`` gives rise to at ``now``; none where nothing follows.

    Raises ActionRefused, naming the rule and the remedy, for an action that the state or the
    person does not allow.
    """
    match event:
        case Tick(until=until):
            return _on_time(state, min(until, now), now)
        case Action():
            return on_action(state, event, now)
        case Terms():
            return on_terms(state, event, now)
        case Posted() | Parked() | Dropped():
            return _on_message(state, event, now)
        case Lost():
            return _on_lost(state, event, now)
        case Kept() | Unkept():
            return _on_evidence(state, event, now)


def _on_message(state: LadderState, event: Posted | Parked | Dropped, now: datetime) -> list[Entry]:
    owed = next((message for message in state.outbox if message.key == event.message), None)
    if owed is None or (isinstance(event, Parked) and owed.key in state.parked):
        return []
    body: AnyBody
    match event:
        case Posted(channel=channel, receipt=receipt, wording=wording, instead=instead):
            body = kinds.MessagePosted(
                message=owed.key, topic=owed.topic, to=owed.to,
                channel=channel, receipt=receipt, wording=wording, instead=instead,
            )  # fmt: skip
        case Parked(problem=problem):
            body = kinds.MessageParked(
                message=owed.key, topic=owed.topic, to=owed.to, problem=problem
            )
        case Dropped(because=because):
            body = kinds.MessageDropped(
                message=owed.key, topic=owed.topic, to=owed.to, because=because
            )
    return [write(state, f"{body.kind}:{owed.key}", body, now)]


def _on_lost(state: LadderState, event: Lost, now: datetime) -> list[Entry]:
    latest = board(state.stream, state.boards)
    if state.board is None or event.message != latest.key:
        return []
    anew = board(state.stream, state.boards + 1)
    body = kinds.MessageLost(message=latest.key, problem=event.problem, tell=(anew,))
    return [write(state, f"message.lost:{latest.key}", body, now)]


def _on_evidence(state: LadderState, event: Kept | Unkept, now: datetime) -> list[Entry]:
    owed = (each for each in state.attached if each.act == event.act)
    found = next((each for each in owed if each.file.id == event.attachment), None)
    if found is None:
        return []
    key = f"{event.act}/{event.attachment}"
    body: AnyBody
    match event:
        case Kept(document=document):
            body = kinds.EvidenceKept(act=found.act, attachment=found.file.id, document=document)
        case Unkept(problem=problem):
            told = Message(
                key=f"{state.key(key)}/missing>{found.by}",
                topic="evidence", to=found.by, role=OWNER,
            )  # fmt: skip
            body = kinds.EvidenceMissing(
                act=found.act, attachment=found.file, problem=problem, tell=(told,)
            )
    return [write(state, f"{body.kind}:{key}", body, now)]


def _on_time(state: LadderState, until: datetime, now: datetime) -> list[Entry]:
    alarm = next_alarm(state)
    if alarm is None or alarm.at > until:
        return []
    return [_ANSWERS[alarm.cause](state, alarm, now)]


def silent_until(state: LadderState, entry: Entry) -> datetime | None:
    """Until when an answer would have been in time, if ``entry`` records that there was none."""
    match entry.body:
        case kinds.MilestoneMissed(because="presumed"):
            return state.presumed_at
        case (
            kinds.DeliveryUnconfirmed()
            | kinds.RungSilent()
            | kinds.ResponseOverdue()
            | kinds.ClimbEnded()
        ):
            return entry.deemed_at
        case _:
            return None


def _ask(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    key = "delivery.asked"
    told = tell(state, key, "question", [OWNER], now=now)
    return write(state, key, kinds.DeliveryAsked(tell=told), now, deemed_at=alarm.at)


def _unconfirmed(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    key = "delivery.unconfirmed"
    asked_late = state.asked_at is not None and state.asked_at >= state.due_close
    quiet = state.quiet_until is not None and now < state.quiet_until
    told = () if asked_late or quiet else tell(state, key, "unconfirmed", [OWNER], now=now)
    body = kinds.DeliveryUnconfirmed(presumed_at=state.presumption(now), tell=told)
    return write(state, key, body, now, deemed_at=alarm.at)


def _remind_delivery(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    if state.presumed_at is not None and state.presumed_at <= now:
        return _presume(state, alarm, now)
    key = f"delivery.reminded:{alarm.at:%FT%T}"
    told = tell(state, key, "unconfirmed", [OWNER], now=now)
    return write(state, key, kinds.DeliveryReminded(tell=told), now, deemed_at=alarm.at)


def _miss(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    day_zero = None
    if state.misses_because == "rejected" and state.opened.rules >= _FROM_RUNG_ONE:
        # Until the rejection there was nothing to climb for: no rung is behind anybody yet.
        day_zero = state.opened.calendar.local(alarm.at).date()
    body = kinds.MilestoneMissed(because=state.misses_because, day_zero=day_zero)
    return _missed(state, body, now)


def _presume(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    return _missed(state, kinds.MilestoneMissed(because="presumed"), now)


def _missed(state: LadderState, body: kinds.MilestoneMissed, now: datetime) -> Entry:
    # However the miss came to be known, it counts from the end of the due date (law 6).
    told = tell(state, body.kind, "miss", state.standing.authority, now=now)
    body = body.model_copy(update={"tell": told})
    return write(state, body.kind, body, now, deemed_at=state.due_close)


def _rung(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    index = alarm.rung or 0
    rung = state.opened.ladder.rungs[index]
    since = max(alarm.at, state.missed_at or state.opened_at)
    if _is_over(state, index, now):
        passed = kinds.RungPassed(rung=rung.id, day=rung.day)
        return write(state, f"rung/{rung.id}", passed, now, deemed_at=since)
    key = f"rung/{rung.id}"
    body = kinds.RungOpened(
        rung=rung.id,
        day=rung.day,
        role=rung.owner,
        owner=state.person(rung.owner),
        deadline=state.rung_deadline(rung, now),
        tell=tell(state, key, "rung", [rung.owner], now=now, rung=rung.id),
    )
    return write(state, key, body, now, deemed_at=since)


def _is_over(state: LadderState, index: int, now: datetime) -> bool:
    """Whether the rung's time has gone by: warnings after the miss, rungs after an outage."""
    rungs = state.opened.ladder.rungs
    if rungs[index].is_early_warning and (state.phase != "watching" or state.is_due_day(now)):
        return True
    if state.last_close is not None and now >= state.last_close:
        return True
    later = index + 1
    if later == len(rungs) or rungs[index].is_early_warning != rungs[later].is_early_warning:
        return False
    opens = state.scheduled(later)
    return opens is not None and opens <= now


def _remind_rung(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    rung = state.opened.ladder.rungs[alarm.rung or 0]
    ends = state.rungs[alarm.rung or 0].deadline
    if ends is not None and ends <= now:
        return _silence(state, alarm._replace(at=ends), now)
    key = f"rung/{rung.id}/reminded:{alarm.at:%FT%T}"
    told = tell(state, key, "reminder", [rung.owner], now=now, rung=rung.id)
    body = kinds.RungReminded(rung=rung.id, tell=told)
    return write(state, key, body, now, deemed_at=alarm.at)


def _silence(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    rung = state.opened.ladder.rungs[alarm.rung or 0]
    key = f"rung/{rung.id}/silent"
    told = tell(state, key, "silence", [rung.owner], now=now, rung=rung.id)
    body = kinds.RungSilent(rung=rung.id, tell=told)
    return write(state, key, body, now, deemed_at=alarm.at)


def _climb_end(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    key = "climb.ended"
    told = tell(state, key, "climb-ended", state.standing.authority, now=now)
    body = kinds.ClimbEnded(asked_again_at=_in_a_week(state, now), tell=told)
    return write(state, key, body, now, deemed_at=alarm.at)


def _decision(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    time = state.decisions_asked + 1
    key = f"decision.asked:{time}"
    told = tell(state, key, "decision", state.standing.authority, now=now)
    body = kinds.DecisionAsked(time=time, asked_again_at=_in_a_week(state, now), tell=told)
    return write(state, key, body, now, deemed_at=alarm.at)


def _respond(state: LadderState, alarm: Alarm, now: datetime) -> Entry:
    number = state.tenders
    key = f"tender/{number}/overdue:{alarm.at:%FT%T}"
    told = tell(state, key, "response", state.standing.authority, now=now)
    body = kinds.ResponseOverdue(number=number, asked_again_at=_in_a_week(state, now), tell=told)
    return write(state, key, body, now, deemed_at=alarm.at)


def _in_a_week(state: LadderState, now: datetime) -> datetime:
    calendar = state.opened.calendar
    return calendar.opening((calendar.local(now) + _A_WEEK).date())


_ANSWERS: dict[Cause, Callable[[LadderState, Alarm, datetime], Entry]] = {
    "ask": _ask,
    "unconfirmed": _unconfirmed,
    "remind-delivery": _remind_delivery,
    "miss": _miss,
    "presume": _presume,
    "rung": _rung,
    "remind-rung": _remind_rung,
    "silence": _silence,
    "climb-end": _climb_end,
    "decision": _decision,
    "respond": _respond,
}
