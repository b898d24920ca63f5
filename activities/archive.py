"""The archive: everything that the ledger says of one message, and how its ladder stands now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from activities.notifying import Order
from channels.composing import Told
from channels.facts import Stopped
from channels.marking import brief
from channels.message import Mark, Offer
from channels.moments import Moment
from channels.naming import naming
from channels.offers import answers_now, changes, offers
from channels.telling import localised, tell_event
from ladders import entries as kinds
from ladders.contract import Contract
from ladders.entries import ROOM, Entry, Message
from ladders.folding import apply, begin
from ladders.outbox import board
from ladders.state import LadderState
from ladders.watch import STREAM, fold_watch
from ledger.errors import LedgerBehind
from ledger.lines import Line

T = TypeVar("T")


class Reader(Protocol):
    """A ledger that can be read, stream by stream."""

    def lines(self, contract: str, stream: str | None = None) -> Iterable[Line]:
        """The lines of a stream, oldest first."""


class Opens(Protocol):
    """Replaces commitments by the texts they stand for."""

    def open(self, value: T) -> T:
        """Open every text in ``value``."""

    def identity_of(self, ref: str) -> str | None:
        """Whom a pseudonym stands for, as far as that is still known."""


@dataclass(frozen=True)
class Asking:
    """A personal message that was posted with answers, and where it stands.

    ``answers`` are those that it should carry now; none where it asks nothing any more. Without a
    ``receipt`` it was dropped, though an attempt to post it may have arrived.
    """

    order: Order
    receipt: str | None
    answers: tuple[Offer, ...]

    @property
    def key(self) -> str:
        """The idempotency key of its letter."""
        return f"{self.order.contract}/{self.order.message.key}"


class Archive:
    """Reads the ledger for whoever words messages. Everything it returns is opened."""

    def __init__(self, reader: Reader, opens: Opens) -> None:
        """Read here, open there."""
        self._reader = reader
        self._opens = opens

    def told(self, order: Order) -> Told:
        """The message of ``order`` as the entry that owes it leaves things.

        Its answers are those of now; a ladder's board is told as things stand now altogether.
        Raises LedgerBehind where the entry is missing: a message is owed by what was recorded.
        """
        steps = list(self._steps(order.contract, order.stream))
        found = next((step for step in steps if _owes(step[1].entry, order.message.key)), None)
        if found is None:
            raise LedgerBehind(order.contract, order.stream, order.message.key)
        if order.message.topic == "ladder":
            return self._opened(steps, len(steps) - 1, order.message)
        told = self._opened(steps, steps.index(found), order.message)
        return told if order.message.to == ROOM else self._by_now(told, steps)

    def _by_now(self, told: Told, steps: list[tuple[LadderState, Line]]) -> Told:
        later = [(state, line.entry) for state, line in steps if line.seq >= told.mark.seq]
        latest = list(changes(later, told.message))[-1:]
        if not latest:
            return told
        by, answers = latest[0]
        return replace(told, answers=answers, since=self.in_words(told, by, answers))

    def board(self, contract: str, stream: str) -> Told | None:
        """The ladder's board as things stand now; None where none is posted."""
        steps = list(self._steps(contract, stream))
        if not steps or steps[-1][0].board is None:
            return None
        return self._opened(steps, len(steps) - 1, board(stream, steps[-1][0].boards))

    def asking(self, contract: str, stream: str, channel: str) -> Iterator[Asking]:
        """The personal messages posted with answers through ``channel``, as they should be now."""
        steps = list(self._steps(contract, stream))
        owed = {
            message.key: (index, message)
            for index, (_, line) in enumerate(steps)
            for message in line.entry.body.tell
            if message.to != ROOM
        }
        for _, line in steps:
            key, receipt = _outcome(line.entry, channel)
            index, message = owed.get(key, (0, None))
            if message and offers(steps[index][0], message):
                order = Order(contract=contract, stream=stream, message=message)
                states = [state for state, _ in steps[index:]]
                answers = answers_now(states, message) if receipt else ()
                yield Asking(order, receipt, answers)

    def in_words(self, told: Told, by: Entry, answers: tuple[Offer, ...]) -> str:
        """What changed the answers of a message, when, by whom and for whom."""
        entry, names = self._opens.open(by), naming(told.terms, self._opens.identity_of)
        fact = self._fact(told.terms.contract, entry)
        event = tell_event(told.state, entry, fact, names)
        who = f"{event.by}: " if event.by else ""
        words = brief(localised(event.words, event.moments))
        when = Moment.on(told.state.opened.calendar, entry.occurred_at)
        over = "" if answers else "Nothing is to be answered here any more. "
        return f"{over}{who}{words} ({when.starting})"

    def terms(self, contract: str) -> Contract:
        """The contract's terms in force."""
        watch = fold_watch(line.entry for line in self._reader.lines(contract, STREAM))
        if watch is None:
            raise LedgerBehind(contract, STREAM, "contract.registered")
        return self._opens.open(watch.contract)

    def _steps(self, contract: str, stream: str) -> Iterator[tuple[LadderState, Line]]:
        """The ladder's lines, each with the state after it."""
        state: LadderState | None = None
        for line in self._reader.lines(contract, stream):
            state = begin(line.entry) if state is None else apply(state, line.entry)
            yield state, line

    def _opened(self, steps: list[tuple[LadderState, Line]], index: int, message: Message) -> Told:
        state, line = steps[index]
        contract = state.contract
        entry = self._opens.open(line.entry)
        return Told(
            state=self._opens.open(state),
            entry=entry,
            message=message,
            terms=self.terms(contract),
            mark=Mark(
                reference=f"{contract}/{state.stream}",
                seq=line.seq, hash=line.hash, prev=line.prev,
            ),
            board=steps[-1][0].board,
            fact=self._fact(contract, entry),
            hurried=_is_hurried([step[1].entry for step in steps[:index]], entry),
            identity_of=self._opens.identity_of,
            stopped=self._stopped(state, line.seq) if state.stands_still else None,
        )  # fmt: skip

    def _fact(self, contract: str, entry: Entry) -> Entry | None:
        """The contract's entry that a ladder follows with ``entry``, if it follows one."""
        if not isinstance(entry.body, kinds.TermsFollowed):
            return None
        fact = entry.body.fact
        lines = self._reader.lines(contract, STREAM)
        found = next((line.entry for line in lines if line.entry.key == fact), None)
        return found and self._opens.open(found)

    def _stopped(self, state: LadderState, seq: int) -> Stopped | None:
        """What had stopped time for the ladder by entry ``seq``, the first of it.

        What stopped it for the milestone alone is none of it, unless that has no due date now.
        """
        milestone, own = state.opened.milestone.id, {toll.event for toll in state.tolls}
        running: dict[str, kinds.TimeTolled] = {}
        for line in self._reader.lines(state.contract, STREAM):
            if line.seq > seq:
                break
            match line.entry.body:
                case kinds.TimeTolled() as toll if milestone in toll.milestones:
                    if state.suspended or toll.event in own:
                        running[toll.event] = toll
                case kinds.TimeResumed(event=event):
                    running.pop(event, None)
        first = min(running.values(), key=lambda body: body.since, default=None)
        if first is None:
            return None
        first = self._opens.open(first)
        return Stopped(since=first.since, event=first.event, clause=first.clause)


def _owes(entry: Entry, key: str) -> bool:
    return any(message.key == key for message in entry.body.tell)


def _outcome(entry: Entry, channel: str) -> tuple[str, str | None]:
    """The message that was posted through ``channel``, and where; or that was dropped; or none."""
    match entry.body:
        case kinds.MessagePosted(channel=through) as posted if through == channel:
            return posted.message, posted.receipt
        case kinds.MessageDropped(message=key):
            return key, None
        case _:
            return "", None


def _is_hurried(before: list[Entry], entry: Entry) -> bool:
    """Whether a rung opened because somebody had escalated."""
    course = [each for each in before if not isinstance(each.body, kinds.MessagePosted)]
    opened = isinstance(entry.body, kinds.RungOpened)
    return opened and bool(course) and isinstance(course[-1].body, kinds.Escalated)
