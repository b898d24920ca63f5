"""What registering contracts would lead to: what is sent today, to whom, and what begins when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table
from rich.text import Text

from channels.facts import gather
from channels.inert import one_line
from channels.rendering import render
from contracts.calendars import resolve
from ladders.alarms import next_alarm
from ladders.contract import Contract, Document
from ladders.decision import RULES, decide
from ladders.entries import ROOM, ContractRegistered, Doer, Entry, Message
from ladders.events import Tick
from ladders.folding import apply, begin
from ladders.outbox import superseded
from ladders.state import LadderState
from ladders.watch import (
    STREAM,
    begin_watch,
    next_start,
    open_ladder,
    start_ladder,
    watch,
)
from ladders.watched import ContractState

_MARGIN = timedelta(days=366)
"""How far beyond its dates a contract's calendar is looked up, to count deadlines in it."""


class Sending(NamedTuple):
    """A message that would be sent today. ``at`` is local to the contract's zone."""

    at: datetime
    to: str
    ladder: str
    subject: str


class Board(NamedTuple):
    """A ladder's board that would be posted today."""


class Prospect(NamedTuple):
    """What registering one contract now would lead to.

    ``begins`` is when its first ladder begins, for the milestone ``first``, local to its zone; None
    of a contract of which nothing is left to watch. ``boards`` are posted today in ``channel``, its
    Slack channel.
    """

    contract: str
    supplier: str
    milestones: int
    first: str | None
    begins: datetime | None
    sendings: tuple[Sending, ...]
    channel: str | None = None
    boards: int = 0


def prospect(contract: Contract, source: Document, now: datetime) -> Prospect:
    """Foresee what follows if ``contract`` is registered ``now``; needs no server, no ledger.

    Today ends at midnight in the contract's zone. People are still known by their addresses.
    """
    watched = _registered(contract, source, now)
    start, calendar = next_start(watched), watched.calendar
    told = list(_today(watched, now))
    return Prospect(
        contract=contract.contract,
        supplier=contract.supplier,
        milestones=len(contract.milestones),
        first=start and start.milestone,
        begins=start and calendar.local(max(start.at, now)),
        sendings=tuple(sorted(one for one in told if isinstance(one, Sending))),
        channel=contract.slack_channel,
        boards=sum(isinstance(one, Board) for one in told),
    )


def _registered(contract: Contract, source: Document, now: datetime) -> ContractState:
    days = [now.date(), *(milestone.due for milestone in contract.milestones)]
    calendar = resolve(contract.counting, min(days) - _MARGIN, max(days) + _MARGIN)
    body = ContractRegistered(terms=contract, source=source, calendar=calendar)
    entry = Entry(
        contract=contract.contract,
        stream=STREAM,
        key="preview",
        after=None,
        occurred_at=now,
        deemed_at=now,
        by=Doer(),
        body=body,
    )
    return begin_watch(entry)


def _today(watched: ContractState, now: datetime) -> Iterator[Sending | Board]:
    calendar = watched.calendar
    end = calendar.instant(calendar.local(now).date() + timedelta(days=1), time(0))
    while (start := next_start(watched)) and start.at < end:
        at = max(start.at, now)
        watched = watch(watched, start_ladder(watched, start.milestone, at))
        opening = open_ladder(watched, start.milestone, RULES, at)
        yield from (Board() for message in opening.body.tell if message.topic == "ladder")
        yield from _until(end, begin(opening), watched.contract, at)


def _until(
    end: datetime, state: LadderState, terms: Contract, now: datetime
) -> Iterator[Sending | Board]:
    """What a ladder sends to people before ``end`` if nobody does anything, and its board."""
    while (alarm := next_alarm(state)) and alarm.at < end:
        now = max(alarm.at, now)
        told: list[tuple[LadderState, Entry, Message]] = []
        while entries := decide(state, Tick(until=now), now):
            for entry in entries:
                state = apply(state, entry)
                told += [(state, entry, message) for message in entry.body.tell]
        for then, entry, message in told:
            if message.topic == "ladder":
                yield Board()
            elif message.to != ROOM and not superseded(state, message):
                yield _sending(then, entry, message, terms)


def _sending(state: LadderState, entry: Entry, message: Message, terms: Contract) -> Sending:
    facts = gather(state, entry, message, terms)
    return Sending(
        at=state.opened.calendar.local(entry.occurred_at),
        to=facts.address,
        ladder=facts.reference,
        subject=render(message.topic, facts).subject,
    )


def print_prospects(console: Console, prospects: Sequence[Prospect]) -> None:
    """Print what would be sent today, how much to whom, and when each first ladder begins."""
    sendings = sorted(one for prospect in prospects for one in prospect.sendings)
    boards = and_boards(prospects)
    if sendings:
        messages = counted(len(sendings), "message")
        console.print(Text(f"Today {messages}{boards} would be sent:"), soft_wrap=True)
        console.print(_messages(sendings))
        shares = Counter(one.to for one in sendings)
        console.print(Text(", ".join(f"{to}: {count}" for to, count in shares.most_common())))
    else:
        console.print(Text(f"Today nothing{boards} would be sent."), soft_wrap=True)
    console.print(_beginnings(prospects))


def and_boards(prospects: Sequence[Prospect]) -> str:
    """How many boards would be posted too, and where, to follow on something; else nothing."""
    channels: Counter[str] = Counter()
    for one in prospects:
        channels[one.channel or ""] += one.boards
    said = [f"{counted(n, 'board')} in {one_line(where)}" for where, n in channels.items() if n]
    return "".join(f" and {each}" for each in said)


def counted(number: int, thing: str) -> str:
    """``1 message``, ``2 messages``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _messages(sendings: Sequence[Sending]) -> Table:
    table = Table("when", "to", "ladder", "subject", box=None, header_style="bold")
    for one in sendings:
        table.add_row(*map(Text, (f"{one.at:%R}", one.to, one.ladder, one.subject)))
    return table


def _beginnings(prospects: Sequence[Prospect]) -> Table:
    table = Table(box=None, header_style="bold")
    for name in ("contract", "supplier", "milestones", "first ladder", "begins"):
        table.add_column(name, overflow="fold")
    for one in prospects:
        begins = f"{one.begins:%F %R}" if one.begins else "never: nothing is left to watch"
        row = (one.contract, one.supplier, f"{one.milestones}", one.first or "-", begins)
        table.add_row(*map(Text, row))
    return table


def as_data(prospect: Prospect) -> dict[str, Any]:
    """The prospect for programs."""
    begins = prospect.begins and prospect.begins.isoformat(timespec="minutes")
    sendings = [one._asdict() | {"at": one.at.isoformat(timespec="minutes")}
                for one in prospect.sendings]  # fmt: skip
    return {**prospect._asdict(), "begins": begins, "sendings": sendings}
