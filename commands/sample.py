"""A sample: one ladder of a contract, played by the same decisions that run it, in no time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from channels.message import Mark
from contracts.calendars import resolve
from ladders.administration import administer, terms_for
from ladders.alarms import next_alarm
from ladders.contract import Attachment, Contract, Document, Milestone
from ladders.decision import RULES, decide
from ladders.entries import ContractRegistered, Doer, Entry
from ladders.events import Action, ActionName, Event, Kept, Tick, Unkept
from ladders.folding import apply, begin
from ladders.instructions import Extend, Instruction, Request, Resume, Toll
from ladders.prose import Prose
from ladders.state import LadderState
from ladders.watch import STREAM, begin_watch, open_ladder, start_ladder, watch

PERMALINK = "https://example.slack.com/archives/C0SAMPLE/p1000100"
"""Where the ladder's board would stand."""

_MARGIN = timedelta(days=900)
_GENESIS = "0" * 64
_END = 104
_PHOTO = Attachment(id="F0PHOTO", name=Prose("tool-in-place.jpg"), size=48_213)
_REPORT = Attachment(id="F0REPORT", name=Prose("audit.pdf"), size=181_004)


class Scene(NamedTuple):
    """What somebody does: on a day counted from the due date, at a local time, in a role."""

    day: int
    at: time
    role: str
    does: ActionName | Request
    note: str | None = None
    delivered_day: int | None = None
    attached: tuple[Attachment, ...] = ()


class Step(NamedTuple):
    """One entry of the ladder, the state after it, and where it would stand in the ledger.

    ``fact`` is the contract's entry that led to it, if one did.
    """

    entry: Entry
    state: LadderState
    terms: Contract
    mark: Mark
    fact: Entry | None


@dataclass(frozen=True)
class Play:
    """A contract, and what people do about the first of its milestones that says what it costs."""

    contract: Contract
    scenes: Sequence[Scene]

    @classmethod
    def worked(cls, contract: Contract) -> Play:
        """Missed, worked on, held up by a strike, tendered, rejected, tendered again, accepted."""
        return cls(contract, _worked(_milestone(contract).due))

    @classmethod
    def extended(cls, contract: Contract) -> Play:
        """Given a later date before it was due, and delivered; the authority answers late."""
        milestone = _milestone(contract)
        later = Extend(
            milestone=milestone.id,
            due=milestone.due + timedelta(days=14),
            reservation=Prose("all rights from the delay are reserved"),
            ladders="move",
        )
        scenes = (
            Scene(-6, time(10), "approver", later),
            Scene(13, time(10), "owner", "tender", "tool on site", 13),
            Scene(24, time(10), "approver", "accept"),
        )
        return cls(contract, scenes)

    @classmethod
    def silent(cls, contract: Contract) -> Play:
        """Nobody does anything, until it is withdrawn."""
        end = Scene(_END, time(10), "approver", "withdraw", "the date was mistyped")
        return cls(contract, (end,))


def _milestone(contract: Contract) -> Milestone:
    costly = (milestone for milestone in contract.milestones if milestone.damages is not None)
    return next(costly, contract.milestones[0])


def _worked(due: date) -> tuple[Scene, ...]:
    stopped = Toll(
        event="strike", since=due + timedelta(days=16), ladders="move", clause=Prose("14.2")
    )
    resumed = Resume(event="strike", on=due + timedelta(days=20))
    return (
        Scene(-9, time(10), "owner", "complete", "forecast: two weeks late"),
        Scene(0, time(11), "owner", "confirm", "the tool has not left the toolmaker"),
        Scene(1, time(9, 40), "owner", "acknowledge"),
        Scene(2, time(15), "owner", "complete", "recovery plan demanded", attached=(_REPORT,)),
        Scene(15, time(10), "lead", "escalate", "the supplier has stopped answering"),
        Scene(16, time(10), "approver", stopped),
        Scene(20, time(10), "approver", resumed),
        Scene(24, time(16), "approver", "note", "both managements have met"),
        Scene(30, time(9, 20), "owner", "tender", "tool on site", 29, (_PHOTO,)),
        Scene(33, time(14), "approver", "reject", "run at rate reached 71 percent"),
        Scene(41, time(11, 45), "owner", "tender", "run at rate 98 percent", 40),
        Scene(44, time(17), "approver", "accept", "accepted, rights from the delay reserved"),
    )


def play(course: Play) -> Iterator[Step]:
    """The steps of the course, in order."""
    return _Stage(course.contract).play(course.scenes)


class _Stage:
    def __init__(self, contract: Contract) -> None:
        due = _milestone(contract).due
        calendar = resolve(contract.counting, due - _MARGIN, due + _MARGIN)
        self._calendar, self._due = calendar, due
        self._now = calendar.opening(due - timedelta(days=30))
        self._seq, self._head = 0, _GENESIS
        self._watch = begin_watch(self._registration(contract))
        self._milestone = milestone = _milestone(contract).id
        self._watch = watch(self._watch, start_ladder(self._watch, milestone, self._now))
        self._opening = open_ladder(self._watch, milestone, RULES, self._now)
        self._state = begin(self._opening)

    def play(self, scenes: Sequence[Scene]) -> Iterator[Step]:
        yield self._step(self._opening, None)
        for scene in scenes:
            day = self._due + timedelta(days=scene.day)
            yield from self._pass_time(self._calendar.instant(day, scene.at))
            yield from self._perform(scene)

    def _pass_time(self, to: datetime) -> Iterator[Step]:
        while (alarm := next_alarm(self._state)) and alarm.at <= to:
            self._now = max(self._now, alarm.at)
            yield from self._feed(Tick(until=self._now))
        self._now = to

    def _perform(self, scene: Scene) -> Iterator[Step]:
        by = Doer(actor=self._state.person(scene.role), authenticated_by="slack", via="slack")
        key = f"sample/{self._seq}"
        if not isinstance(scene.does, str):
            yield from self._instruct(Instruction(
                key=key, by=by, received_at=self._now, request=scene.does
            ))  # fmt: skip
            return
        delivered = scene.delivered_day
        yield from self._feed(
            Action(
                key=key,
                name=scene.does,
                by=by,
                received_at=self._now,
                note=None if scene.note is None else Prose(scene.note),
                delivered=None if delivered is None else self._due + timedelta(days=delivered),
                attached=scene.attached,
            )
        )
        for file in scene.attached:
            yield from self._feed(_fetched(key, file))

    def _instruct(self, instruction: Instruction) -> Iterator[Step]:
        for fact in administer(self._watch, instruction, self._calendar, self._now):
            self._watch = watch(self._watch, fact)
            yield from self._feed(terms_for(self._watch, fact, self._milestone), fact)

    def _feed(self, event: Event, fact: Entry | None = None) -> Iterator[Step]:
        for entry in decide(self._state, event, self._now):
            self._state = apply(self._state, entry)
            yield self._step(entry, fact)

    def _step(self, entry: Entry, fact: Entry | None) -> Step:
        prev, self._seq = self._head, self._seq + 1
        self._head = hashlib.sha256(f"{prev}{entry.model_dump_json()}".encode()).hexdigest()
        reference = f"{entry.contract}/{entry.stream}"
        mark = Mark(reference=reference, seq=self._seq, hash=self._head, prev=prev)
        return Step(entry, self._state, self._watch.contract, mark, fact)

    def _registration(self, contract: Contract) -> Entry:
        source = Document(name=Prose("sample.yaml"), sha256=_GENESIS, size=1)
        body = ContractRegistered(terms=contract, source=source, calendar=self._calendar)
        return Entry(
            contract=contract.contract,
            stream=STREAM,
            key="sample",
            occurred_at=self._now,
            deemed_at=self._now,
            by=Doer(),
            body=body,
        )


def _fetched(act: str, file: Attachment) -> Event:
    if file is _PHOTO:
        return Unkept(act=act, attachment=file.id, problem="file_deleted")
    digest = hashlib.sha256(file.name.encode()).hexdigest()
    document = Document(name=file.name, sha256=digest, size=file.size)
    return Kept(act=act, attachment=file.id, document=document)
