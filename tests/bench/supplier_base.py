"""A supplier base in a ledger: many contracts with open ladders, as months of running leave them.

What happened is decided by the heart; only the appends are made in bulk, since one commit for each
entry would take minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import insert

from desk.office import Office
from ladders.alarms import next_alarm
from ladders.contract import Contract, Milestone, Person
from ladders.decision import RULES, decide
from ladders.entries import Entry
from ladders.events import Event, Posted, Tick
from ladders.folding import apply, begin
from ladders.prose import PersonRef, Prose, Wording
from ladders.watch import begin_watch, open_ladder, start_ladder, watch
from ledger.book import _row
from ledger.lines import GENESIS, write
from ledger.tables import EntryRow
from tests.ledger.chronicle import NOTHING, registration
from tests.world import CALENDAR, LAUNCH, contract

PEOPLE = ("Mira Sommer", "Jonas Weber", "Carla Brandt", "Ben Adler", "Ana Ruiz")
MILESTONES = 10
_REGISTERED_AGO = timedelta(days=120)
_NEWEST, _OLDEST = 9, -80
"""Days from today to the due dates: from just after the first warning to close to the end."""


def fill(office: Office, ladders: int, now: datetime) -> None:
    """Write contracts of ten milestones each into an empty ledger, until so many ladders run."""
    people = [office.private.identify(_address(name)) for name in PEOPLE]
    for number in range(0, ladders, MILESTONES):
        reference = f"KSS-{now.year}-{number // MILESTONES + 1:03}"
        offsets = [(number + index) * 7 % (_NEWEST - _OLDEST) for index in range(MILESTONES)]
        terms = _terms(reference, people, now, offsets[: ladders - number])
        opening = registration(terms).model_copy(update={"occurred_at": now - _REGISTERED_AGO})
        entries = _history(office.private.seal(reference, opening), now)
        _append(office, sorted(entries, key=lambda entry: entry.occurred_at))


def _terms(reference: str, people: list[PersonRef], now: datetime, offsets: list[int]) -> Contract:
    named = [
        Person(id=ref, email=Prose(_address(name)), name=Prose(name))
        for ref, name in zip(people, PEOPLE, strict=True)
    ]
    milestones = [
        Milestone(id=f"m{index}", due=(now + timedelta(days=_NEWEST - offset)).date())
        for index, offset in enumerate(offsets)
    ]
    return contract().model_copy(
        update={
            "contract": reference,
            "supplier": Prose(f"Supplier of {reference}"),
            "people": tuple(named),
            "roles": {"owner": people[0], "lead": people[1], "approver": people[2]},
            "milestones": tuple(milestones),
        }
    )


def _address(name: str) -> str:
    return f"{name.split(maxsplit=1)[0].lower()}@ardent.example"


def _history(registered: Entry, now: datetime) -> Iterator[Entry]:
    yield registered
    state = begin_watch(registered)
    for milestone in sorted(state.contract.milestones, key=lambda each: each.due):
        warning = milestone.due + timedelta(days=LAUNCH.rungs[0].day)
        start = start_ladder(state, milestone.id, CALENDAR.opening(warning))
        state = watch(state, start)
        yield start
        yield from _climb(open_ladder(state, milestone.id, RULES, start.occurred_at), now)


def _climb(opening: Entry, now: datetime) -> Iterator[Entry]:
    """A ladder on which nobody acts; every message is posted as soon as it is owed."""
    yield opening
    state, at = begin(opening), opening.occurred_at
    while at <= now:
        events: list[Event] = [_posted(message.key) for message in state.outbox]
        for event in (*events, Tick(until=at)):
            for entry in decide(state, event, at):
                state = apply(state, entry)
                yield entry
        alarm = next_alarm(state)
        at = at if state.outbox or alarm is None else max(at, alarm.at)


def _posted(message: str) -> Posted:
    return Posted(message=message, channel="slack", receipt="1.2", wording=Wording(NOTHING))


def _append(office: Office, entries: list[Entry]) -> None:
    rows, prev = [], GENESIS
    for seq, entry in enumerate(entries, 1):
        line = write(entry, seq=seq, prev=prev, recorded_at=entry.occurred_at)
        rows.append(_row(line).model_dump())
        prev = line.hash
    with office.ledger.engine.begin() as connection:
        connection.execute(insert(EntryRow), rows)
