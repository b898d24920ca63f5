"""A small world for tests: one supplier, three people, and a ladder from ten days before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from contracts.calendars import resolve
from ladders.administration import administer, terms_for
from ladders.alarms import next_alarm
from ladders.calendar import Calendar
from ladders.contract import Contract, Counting, Document, Milestone, Person
from ladders.decision import RULES, decide
from ladders.entries import Body, ContractRegistered, Doer, Entry
from ladders.events import Action, ActionName, Event, Tick
from ladders.folding import apply, begin
from ladders.instructions import Instruction, Request
from ladders.ladder import Ladder, Rung
from ladders.prose import PersonRef, Prose, replace_leaves
from ladders.state import LadderState
from ladders.values import Period
from ladders.watch import begin_watch, open_ladder, settle, start_ladder, watch
from ladders.watched import ContractState

B = TypeVar("B", bound=Body)

MIRA, JONAS, CARLA, DEPUTY = (PersonRef(name) for name in ("p-mira", "p-jonas", "p-carla", "p-dep"))
COUNTING = Counting(zone="Europe/Berlin", calendar="DE-BW")
SOURCE = Document(name=Prose("kss.yaml"), sha256="0" * 64, size=1)
DUE = date(2026, 10, 1)
REGISTERED = datetime(2026, 9, 1, 8, tzinfo=UTC)


def rung(
    name: str, day: int, owner: str = "owner", due: str = "2 business days", **more: object
) -> Rung:
    """A rung that asks for something."""
    return Rung.model_validate(
        {"id": name, "day": day, "owner": owner, "action": f"do {name}", "due": due, **more}
    )


LAUNCH = Ladder(
    id="launch",
    version=1,
    situation=Prose("a launch milestone"),
    rungs=(
        rung("warn", -10),
        rung("plan", 0),
        rung("audit", 14, "lead", "10 business days"),
        rung("hold", 35, "approver", "14 days"),
        rung("cover", 60, "lead", "20 days"),
        rung("decide", 85, "approver", "day 90"),
    ),
)


def pick(entries: list[Entry], kind: type[B]) -> list[tuple[Entry, B]]:
    """The entries of one kind, each with its body."""
    return [(entry, entry.body) for entry in entries if isinstance(entry.body, kind)]


def person(ref: PersonRef, *deputies: PersonRef) -> Person:
    """Somebody with an address."""
    return Person(id=ref, email=Prose(f"{ref}@ardent.example"), deputies=deputies)


def calendar(first: date = date(2026, 1, 1), last: date = date(2029, 12, 31)) -> Calendar:
    """The frozen calendar of Baden-Württemberg."""
    return resolve(COUNTING, first, last)


CALENDAR = calendar()


def contract(ladder: Ladder = LAUNCH, **milestone: Any) -> Contract:
    """A contract with one milestone, ``tooling``, due on 1 October 2026 unless told otherwise."""
    return Contract(
        contract="KSS-2026-014",
        supplier=Prose("Kitano Sealing Systems"),
        counting=COUNTING,
        people=(person(MIRA, DEPUTY), person(JONAS), person(CARLA, JONAS), person(DEPUTY)),
        roles={"owner": MIRA, "lead": JONAS, "approver": CARLA},
        ladders=(ladder,),
        milestones=(
            Milestone.model_validate(
                {"id": "tooling", "due": DUE, "ladder": ladder.id, "clause": "6.1", **milestone}
            ),
        ),
    )


def by_address(terms: Contract) -> Contract:
    """The same contract with e-mail addresses where the pseudonyms stand, as a file has it."""
    return replace_leaves(terms, PersonRef, lambda ref: f"{ref}@ardent.example")


def watched(terms: Contract, at: datetime = REGISTERED) -> ContractState:
    """A contract under watch."""
    entry = Entry(
        contract=terms.contract,
        stream="contract",
        key="register",
        after=None,
        occurred_at=at,
        deemed_at=at,
        by=Doer(actor=CARLA, authenticated_by="os-user", via="cli"),
        body=ContractRegistered(terms=terms, source=SOURCE, calendar=CALENDAR),
    )
    return begin_watch(entry)


class Case:
    """One ladder and its clock, driven by a test: move time, act, look at the entries."""

    def __init__(
        self, ladder: Ladder = LAUNCH, at: datetime | None = None, **milestone: Any
    ) -> None:
        """Open the ladder ``at`` an instant, by default on the day of its first warning."""
        state = watched(contract(ladder, **milestone), at or REGISTERED)
        self.now = at or datetime(2026, 9, 21, 7, tzinfo=UTC)
        self.watch = state = watch(state, start_ladder(state, "tooling", self.now))
        opening = open_ladder(state, "tooling", RULES, self.now)
        self.entries = [opening]
        self.state: LadderState = begin(opening)

    def feed(self, event: Event) -> list[Entry]:
        """Give one event to the decision and apply what it answers."""
        entries = decide(self.state, event, self.now)
        for entry in entries:
            self.state = apply(self.state, entry)
        self.entries += entries
        return entries

    def catch_up(self) -> list[Entry]:
        """Let everything happen that is due by now."""
        happened: list[Entry] = []
        while entries := self.feed(Tick(until=self.now)):
            happened += entries
        return happened

    def move(self, to: datetime) -> list[Entry]:
        """Move the clock, stopping wherever something falls due; return what happened."""
        happened = self.catch_up()
        while (alarm := next_alarm(self.state)) and alarm.at <= to:
            self.now = max(self.now, alarm.at)
            happened += self.catch_up()
        self.now = max(self.now, to)
        return happened

    def pass_days(self, days: float) -> list[Entry]:
        """Move the clock on by days."""
        return self.move(self.now + timedelta(days=days))

    def act(self, name: ActionName, who: PersonRef = MIRA, **more: object) -> list[Entry]:
        """Let somebody act now."""
        received_at = more.pop("received_at", self.now)
        key = more.pop("key", f"{name}-{len(self.entries)}")
        by = Doer(actor=who, authenticated_by="slack", via="slack")
        fields = {"key": key, "name": name, "by": by, "received_at": received_at, **more}
        if isinstance(fields.get("note"), str):
            fields["note"] = Prose(str(fields["note"]))
        return self.feed(Action.model_validate(fields))

    def instruct(
        self, request: Request, who: PersonRef = CARLA, received_at: datetime | None = None
    ) -> list[Entry]:
        """Let somebody instruct the contract now; return what the ladder makes of it."""
        self.catch_up()
        instruction = Instruction(
            key=f"{request.name}-{self.watch.version}",
            by=Doer(actor=who, authenticated_by="slack", via="slack"),
            received_at=received_at or self.now,
            request=request,
        )
        happened: list[Entry] = []
        for fact in administer(self.watch, instruction, CALENDAR, self.now):
            self.watch = watch(self.watch, fact)
            happened += self.feed(terms_for(self.watch, fact, "tooling"))
        self.report()
        return happened

    def report(self) -> None:
        """Let the contract hear of the close, as the ladder's workflow would."""
        closing = self.state.closing
        if closing is not None:
            entry = settle(self.watch, self.state.stream, closing.outcome, self.now)
            self.watch = self.watch if entry is None else watch(self.watch, entry)

    def kinds(self) -> list[str]:
        """The kinds of all entries so far, in order."""
        return [entry.body.kind for entry in self.entries]


TWO_DAYS = Period(count=2, unit="business days")
