"""Folding: what each entry does to the state it is applied to.

The workflow applies an entry once the ledger has it; whoever reads the ledger applies the same
entries in the same order. Nothing else ever changes a state.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from ladders import entries as kinds
from ladders.calendar import Calendar
from ladders.contract import Attachment
from ladders.counting import reminder
from ladders.entries import Entry, LadderOpened, Outcome
from ladders.errors import StaleEntry
from ladders.following import follow
from ladders.prose import Prose
from ladders.state import Acknowledged, Attached, Closing, LadderState, RungState, Tender
from ladders.values import Ref

_QUIET_LASTS = 2
"""From this version of the rules on, quiet asked for before the due date is over outlasts it, and
no acknowledgement makes a reminder come earlier."""


def begin(entry: Entry) -> LadderState:
    """The state that a ladder's first entry gives."""
    if not isinstance(entry.body, LadderOpened):
        message = f"the first entry of {entry.stream} is {entry.body.kind}, not ladder.opened"
        raise StaleEntry(message, "read the ladder's entries from its first one")
    backlog = entry.body.milestone.past_due == "open"
    return LadderState(
        contract=entry.contract,
        stream=entry.stream,
        opened=entry.body,
        opened_at=entry.occurred_at,
        misses_at=entry.occurred_at if backlog else None,
        misses_because="backlog" if backlog else "confirmed",
        version=entry.body.version or 1,
        tolls=entry.body.tolls or (),
        suspended=entry.body.suspended or False,
        rungs=tuple(RungState() for _ in entry.body.ladder.rungs),
        outbox=entry.body.tell,
        boards=_boards(entry),
        last_key=entry.key,
    )


def fold(entries: Iterable[Entry]) -> LadderState | None:
    """The state that all entries of one ladder give, in order; None where there are none."""
    state: LadderState | None = None
    for entry in entries:
        state = begin(entry) if state is None else apply(state, entry)
    return state


def apply(state: LadderState, entry: Entry) -> LadderState:
    """The state after ``entry``. Raises StaleEntry if the entry does not follow on ``state``."""
    if entry.after != state.last_key:
        message = (
            f"entry {entry.key} follows {entry.after}, but the state stands at {state.last_key}"
        )
        raise StaleEntry(message, "rebuild the state from the ledger")
    if isinstance(entry.body, kinds.TermsFollowed):
        state = follow(state, entry.body, entry.occurred_at)
    changes = _changes(state, entry)
    changes["last_key"] = entry.key
    if entry.by.actor != kinds.ENGINE:
        changes["answered"] = (*state.answered, entry.key)
    if entry.body.tell:
        changes["outbox"] = (*state.outbox, *entry.body.tell)
        changes["boards"] = state.boards + _boards(entry)
    return state.model_copy(update=changes)


def _changes(state: LadderState, entry: Entry) -> dict[str, object]:  # noqa: C901, PLR0911, PLR0912
    # One arm per kind, so that the whole meaning of the entries stands in one place.
    match entry.body:
        case kinds.DeliveryAsked():
            return {"asked_at": entry.occurred_at}
        case kinds.DeliveryUnconfirmed(presumed_at=presumed_at):
            remind_at = _quietly(
                state, reminder(state.opened.calendar, entry.occurred_at, presumed_at), presumed_at
            )
            said = state.acknowledged
            kept = said if said and said.quiet_until > entry.occurred_at else None
            return {"presumed_at": presumed_at, "remind_at": remind_at, "acknowledged": kept}
        case kinds.DeliveryReminded():
            return {"remind_at": None, "acknowledged": None}
        case kinds.MissConfirmed(misses_at=misses_at):
            return {
                "misses_at": misses_at, "misses_because": "confirmed", "misses_by": entry.by,
            }  # fmt: skip
        case kinds.MilestoneMissed(day_zero=day_zero):
            return _miss(state, day_zero, entry.occurred_at)
        case kinds.RungOpened() as opened:
            return _open_rung(state, opened, entry.occurred_at)
        case kinds.RungPassed(rung=rung):
            return {**_rung(state, rung, status="passed"), "next_rung_now": None}
        case kinds.RungReminded(rung=rung):
            return _rung(state, rung, remind_at=None, acknowledged=None)
        case kinds.RungSilent(rung=rung):
            return _silent(state, rung, entry.occurred_at)
        case kinds.RungAcknowledged(rung=rung, quiet_until=quiet_until):
            said = Acknowledged(by=entry.by, at=entry.deemed_at, quiet_until=quiet_until)
            return _noted(state, rung, said, _acknowledge(state, rung, quiet_until))
        case kinds.RungCompleted(rung=rung, attached=files):
            done = _rung(state, rung, status="done", remind_at=None)
            return {**done, **_attach(state, entry, files)}
        case kinds.Escalated():
            return {"next_rung_now": entry.occurred_at}
        case kinds.CureTendered(attached=files) as tendered:
            changes = _tender(state, tendered, entry)
            return {**changes, **_attach(state, entry, files)}
        case kinds.ResponseOverdue(asked_again_at=again):
            tender = state.tender and state.tender.model_copy(update={"ask_at": again})
            return {"tender": tender}
        case kinds.CureRejected():
            return _reject(state, entry.deemed_at)
        case kinds.CureAccepted(outcome=outcome, number=number, delivered=delivered, note=note):
            closed = _close(entry, outcome, note, number=number, delivered=delivered)
            return {"tender": None, **closed}
        case kinds.LadderWithdrawn(reason=reason):
            return _close(entry, "withdrawn", reason)
        case kinds.LadderWaived(reason=reason):
            return _close(entry, "waived", reason)
        case kinds.ClimbEnded(asked_again_at=again):
            return {"phase": "exhausted", "decision_at": again}
        case kinds.DecisionAsked(time=time, asked_again_at=again):
            return {"decisions_asked": time, "decision_at": again}
        case kinds.MessagePosted(topic="ladder", message=key, receipt=receipt):
            return {**_settle(state, key), "board": receipt}
        case kinds.MessagePosted(message=key, to=to, channel="slack") if to != kinds.ROOM:
            return {**_settle(state, key), "has_letters": True}
        case kinds.MessagePosted(message=key) | kinds.MessageDropped(message=key):
            return _settle(state, key)
        case kinds.MessageLost():
            return {"board": None}
        case kinds.EvidenceKept(act=act, attachment=file):
            return _fetched(state, act, file)
        case kinds.EvidenceMissing(act=act, attachment=missing):
            return _fetched(state, act, missing.id)
        case kinds.MessageParked(message=key):
            return {"parked": (*state.parked, key)}
        case kinds.NoteAdded(attached=files):
            return _attach(state, entry, files)
        case kinds.TermsFollowed():
            return {}
        case _:
            message = f"{entry.body.kind} is not an entry of a ladder"
            raise StaleEntry(message, "read only the entries of the ladder's own stream")


def _miss(state: LadderState, day_zero: date | None, at: datetime) -> dict[str, object]:
    changes: dict[str, object] = {"phase": "climbing", "missed_at": at, "remind_at": None}
    if day_zero is not None:
        changes["opened"] = state.opened.model_copy(update={"day_zero": day_zero})
    return changes


def _rung(state: LadderState, rung: Ref, **changes: object) -> dict[str, object]:
    rungs = list(state.rungs)
    index = state.index(rung)
    rungs[index] = rungs[index].model_copy(update=changes)
    return {"rungs": tuple(rungs)}


def _open_rung(state: LadderState, body: kinds.RungOpened, at: datetime) -> dict[str, object]:
    changes = _rung(
        state,
        body.rung,
        status="open",
        opened_at=at,
        deadline=body.deadline,
        remind_at=body.deadline and reminder(state.opened.calendar, at, body.deadline),
        acknowledged=None,
    )
    return {**changes, "next_rung_now": None}


def _silent(state: LadderState, rung: Ref, at: datetime) -> dict[str, object]:
    changes = _rung(state, rung, silent=True, remind_at=None, acknowledged=None)
    index = state.index(rung)
    climbs = state.opened.ladder.rungs[index].on_silence == "climb"
    if climbs and state.phase == "climbing" and state.next_pending == index + 1:
        changes["next_rung_now"] = at
    return changes


def _acknowledge(state: LadderState, rung: Ref | None, quiet_until: datetime) -> dict[str, object]:
    if state.opened.rules < _QUIET_LASTS:
        return _acknowledged_briefly(state, rung, quiet_until)
    quiet_until = _working_time(state.opened.calendar, quiet_until)
    if rung is None:
        quiet = state.model_copy(update={"quiet_until": quiet_until})
        remind_at = state.presumed_at and _quietly(quiet, state.remind_at, state.presumed_at)
        return {"quiet_until": quiet_until, "remind_at": remind_at}
    standing = state.rungs[state.index(rung)]
    # An acknowledgement only ever puts a reminder off.
    remind_at = max(quiet_until, standing.remind_at or quiet_until)
    in_time = standing.deadline is not None and remind_at < standing.deadline
    return _rung(state, rung, remind_at=remind_at if in_time else None)


def _noted(
    state: LadderState, rung: Ref | None, said: Acknowledged, changes: dict[str, object]
) -> dict[str, object]:
    """``changes``, and that what was asked was acknowledged."""
    if rung is None:
        return {**changes, "acknowledged": said}
    acknowledging = state.model_copy(update=changes)
    return {**changes, **_rung(acknowledging, rung, acknowledged=said)}


def _acknowledged_briefly(
    state: LadderState, rung: Ref | None, quiet_until: datetime
) -> dict[str, object]:
    ends = state.presumed_at if rung is None else state.rungs[state.index(rung)].deadline
    remind_at = quiet_until if ends is not None and quiet_until < ends else None
    return {"remind_at": remind_at} if rung is None else _rung(state, rung, remind_at=remind_at)


def _quietly(state: LadderState, remind_at: datetime | None, ends: datetime) -> datetime | None:
    """``remind_at``, put off for as long as quiet was asked for; None if it would come too late."""
    quiet_until = state.quiet_until
    if quiet_until is None:
        return remind_at
    put_off = max(remind_at or quiet_until, quiet_until)
    return put_off if put_off < ends else None


def _working_time(calendar: Calendar, at: datetime) -> datetime:
    """``at``, or where that lies before the day's work the beginning of it."""
    return max(at, calendar.opening(calendar.local(at).date()))


def _tender(state: LadderState, body: kinds.CureTendered, entry: Entry) -> dict[str, object]:
    tender = Tender(
        number=body.number,
        delivered=body.delivered,
        respond_by=body.respond_by,
        ask_at=body.respond_by,
    )
    changes: dict[str, object] = {"tender": tender, "tenders": body.number}
    if state.phase == "watching":
        # A late delivery is a miss, whatever becomes of the tender: the owner has just said so.
        late = body.delivered > state.opened.milestone.due
        changes |= {
            "misses_at": entry.deemed_at if late else None,
            "misses_because": "confirmed",
            "misses_by": entry.by if late else None,
        }
    return changes


def _reject(state: LadderState, at: datetime) -> dict[str, object]:
    changes: dict[str, object] = {"tender": None}
    if state.phase == "watching" and at >= state.due_close:
        changes |= {"misses_at": at, "misses_because": "rejected"}
    return changes


def _close(
    entry: Entry, outcome: Outcome, note: Prose | None, **tender: object
) -> dict[str, object]:
    by = {"by": entry.by.person, "doer": entry.by}
    closing = Closing.model_validate(
        {"outcome": outcome, "at": entry.occurred_at, **by, "note": note, **tender}
    )
    return {"phase": "closed", "closing": closing, "next_rung_now": None}


def _boards(entry: Entry) -> int:
    return sum(message.topic == "ladder" for message in entry.body.tell)


def _attach(
    state: LadderState, entry: Entry, files: tuple[Attachment, ...] | None
) -> dict[str, object]:
    owed = tuple(Attached(act=entry.key, by=entry.by.actor, file=file) for file in files or ())
    return {"attached": (*state.attached, *owed)} if owed else {}


def _fetched(state: LadderState, act: str, file: str) -> dict[str, object]:
    left = tuple(a for a in state.attached if (a.act, a.file.id) != (act, file))
    return {"attached": left}


def _settle(state: LadderState, key: str) -> dict[str, object]:
    return {
        "outbox": tuple(message for message in state.outbox if message.key != key),
        "parked": tuple(parked for parked in state.parked if parked != key),
    }
