"""Reading the overview: the standings, with names opened and instants on local clocks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

from desk.office import Office
from desk.overview import (
    Asked,
    Closed,
    Falls,
    Milestone,
    Moment,
    OpenLadder,
    Overview,
    Request,
)
from desk.roster import Roster
from desk.settled import Settled, named
from ladders.asking import Ask
from ladders.entries import Doer
from ladders.standings import Coming, ContractStanding, LadderStanding, MilestoneStanding
from ledger.inbox import InboxRow

REFUSALS_SHOWN = timedelta(days=7)
"""How long a refused request goes on being shown."""

_WORDS = {
    "ask": "due date: delivered, or not?",
    "unconfirmed": "due date ends, answer owed",
    "presume": "answer owed, else a miss is presumed",
    "miss": "the milestone is missed",
    "rung": "rung {rung} opens",
    "silence": "deadline of rung {rung}",
    "respond": "answer to a tender owed",
    "climb-end": "the climb ends",
    "decision": "decision owed",
}


class Overlooking:
    """Reads an overview of one office at one instant."""

    def __init__(self, office: Office, now: datetime) -> None:
        """Bring the standings up to date and read them, as of ``now``."""
        self._now = now
        self._office = office
        self._unreadable = office.standings.catch_up()
        self._contracts = {each.contract: each for each in office.standings.contracts()}
        self._ladders = [
            each for each in office.standings.open_ladders() if each.contract in self._contracts
        ]
        self._inbox = office.inbox.recent(now - REFUSALS_SHOWN)
        self._roster = Roster(office.private, self._contracts, self._ladders)

    def read(self, horizon: datetime) -> Overview:
        """Ladders by reference, and what falls due before the ``horizon``, by instant."""
        falls = [*self._on_ladders(horizon), *self._beginning(horizon)]
        return Overview(
            ladders=tuple(self._ladder(each) for each in self._ladders),
            falls=tuple(sorted(falls, key=lambda each: (each.at.utc, each.ladder))),
            milestones=tuple(self._milestones()),
            requests=tuple(self._requests()),
            unreadable={str(stream): error for stream, error in self._unreadable.items()},
            today={ref: self._today(ref) for ref in self._contracts},
            everyone=self._roster.everyone,
        )

    def asked(self) -> tuple[Asked, ...]:
        """All that waits for somebody on a ladder; ladders by reference."""
        found = [(ladder, ask) for ladder in self._ladders for ask in ladder.asks]
        sealed = {ask.action for _, ask in found if ask.action is not None}
        actions = dict(zip(sealed, self._office.private.open(tuple(sealed)), strict=True))
        return tuple(
            self._asked(ladder, ask, ask.action and actions[ask.action]) for ladder, ask in found
        )

    def _asked(self, ladder: LadderStanding, ask: Ask, action: str | None) -> Asked:
        contract, roster = ladder.contract, self._roster
        return Asked(
            ladder=f"{contract}/{ladder.stream}",
            contract=contract,
            supplier=roster.supplier(contract),
            milestone=ladder.milestone,
            what=ask.what,
            rung=ask.rung,
            action=action,
            role=ask.role,
            person=roster.name(contract, ask.person),
            address=roster.address(contract, ask.person),
            until=self._moment_if(contract, ask.until),
            overdue=ask.until is not None and ask.until < self._now,
            board=ladder.board,
        )

    def closed(self, since: datetime) -> tuple[Closed, ...]:
        """The ladders that were closed at ``since`` or later, by reference."""
        return tuple(
            Closed(
                ladder=f"{each.contract}/{each.stream}",
                contract=each.contract,
                supplier=self._roster.supplier(each.contract),
                outcome=each.outcome or each.phase,
                at=self._moment(each.contract, each.closed_at or since),
            )
            for each in self._office.standings.closed_ladders(since)
            if each.contract in self._contracts
        )

    def _today(self, contract: str) -> date:
        return self._contracts[contract].calendar.local(self._now).date()

    def _moment(self, contract: str, instant: datetime) -> Moment:
        return Moment.on(self._contracts[contract].calendar, instant)

    def _moment_if(self, contract: str, instant: datetime | None) -> Moment | None:
        return None if instant is None else self._moment(contract, instant)

    def _ladder(self, found: LadderStanding) -> OpenLadder:
        today, roster = self._today(found.contract), self._roster
        return OpenLadder(
            ladder=f"{found.contract}/{found.stream}",
            contract=found.contract,
            supplier=roster.supplier(found.contract),
            milestone=found.milestone,
            due=found.due,
            phase=found.phase,
            day=found.day(today),
            rung=found.rung,
            step=found.step,
            steps=found.steps,
            role=found.role,
            person=roster.name(found.contract, found.person),
            address=roster.address(found.contract, found.person),
            deputies=roster.stand_ins(found.contract, found.person, today),
            opened=self._moment(found.contract, found.opened_at),
            missed=self._moment_if(found.contract, found.missed_at),
            since=self._moment(found.contract, found.since),
            until=self._moment_if(found.contract, found.until),
            stands_still=found.stands_still,
            overdue=found.until is not None and found.until < self._now,
            owed=found.owed,
            parked=found.parked,
            problems=found.problems,
            awaits=_awaits(found),
        )

    def _on_ladders(self, horizon: datetime) -> Iterator[Falls]:
        for ladder in self._ladders:
            for coming in ladder.coming:
                if coming.at < horizon:
                    yield self._falls(ladder, coming)

    def _falls(self, ladder: LadderStanding, coming: Coming) -> Falls:
        return Falls(
            at=self._moment(ladder.contract, coming.at),
            ladder=f"{ladder.contract}/{ladder.stream}",
            contract=ladder.contract,
            cause=coming.cause,
            what=_words(coming),
            role=coming.role,
            person=self._roster.name(ladder.contract, coming.person),
            address=self._roster.address(ladder.contract, coming.person),
        )

    def _beginning(self, horizon: datetime) -> Iterator[Falls]:
        for contract in self._contracts.values():
            for milestone in contract.milestones:
                starts_at = milestone.starts_at
                if starts_at is not None and starts_at < horizon:
                    yield self._begins(contract, milestone, starts_at)

    def _begins(
        self, contract: ContractStanding, milestone: MilestoneStanding, at: datetime
    ) -> Falls:
        return Falls(
            at=self._moment(contract.contract, at),
            ladder=f"{contract.contract}/{milestone.id}",
            contract=contract.contract,
            cause="start",
            what=f"ladder begins, milestone due {milestone.due}",
            role="owner",
            person=self._roster.name(contract.contract, milestone.owner),
            address=self._roster.address(contract.contract, milestone.owner),
        )

    def _milestones(self) -> Iterator[Milestone]:
        on_ladders = {(each.contract, each.milestone) for each in self._ladders}
        for contract in self._contracts.values():
            for each in contract.milestones:
                if (contract.contract, each.id) in on_ladders:
                    continue
                yield Milestone(
                    contract=contract.contract,
                    supplier=self._roster.supplier(contract.contract),
                    milestone=each.id,
                    due=each.due,
                    status=each.status,
                    outcome=each.outcome,
                    stands_still=each.stands_still,
                    starts=self._moment_if(contract.contract, each.starts_at),
                )

    def _requests(self) -> Iterator[Request]:
        for row in self._inbox:
            refused = None
            if row.answer is not None:
                refused = Settled.model_validate_json(row.answer).refused
                if refused is None:
                    continue
            yield self._request(row, refused)

    def _request(self, row: InboxRow, refused: str | None) -> Request:
        contract = self._contracts.get(row.contract)
        calendar = None if contract is None else contract.calendar
        _, _, target = row.target.partition(":")
        document = json.loads(row.request)
        by = Doer.model_validate(document["by"]).person
        return Request(
            contract=row.contract,
            target=target.replace(":", "/"),
            name=document.get("request", document).get("name", "register"),
            person=self._roster.name(row.contract, by),
            address=self._roster.address(row.contract, by),
            received=Moment.on(calendar, row.received_at),
            refused=refused and named(refused, partial(self._roster.name, row.contract)),
        )


def _awaits(found: LadderStanding) -> str | None:
    """The cause of what comes next on an open ladder of which nothing is asked."""
    if found.closed_at is not None or found.asks or not found.coming:
        return None
    return found.coming[0].cause


def _words(coming: Coming) -> str:
    """What a cause means to whom it concerns; a cause without words of its own names itself."""
    words = _WORDS.get(coming.cause, coming.cause.replace("-", " "))
    return words.format(rung=coming.rung)
