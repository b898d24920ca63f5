"""Digests: who is told what, on which day and at which hour, and never twice on a day."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from channels.digest_facts import Digest, DigestFacts, PortfolioFacts
from channels.message import Letter
from desk.digests import Digests, UnknownReader
from desk.office import Office
from ladders.contract import Absence, Contract
from ladders.prose import PersonRef
from tests.commands.books import Shelf, shelf_in
from tests.commands.mornings import CONFIRMED, missed
from tests.desk.rounds import EVERY_DAY, asked, named, newsagent, write
from tests.stage import Mailbox
from tests.world import CARLA, DEPUTY, JONAS, MIRA, Case

MONDAY = datetime(2026, 10, 5, 6, 30, tzinfo=UTC)
"""Half past eight in Berlin, on the Monday after the miss."""

ZONES = (
    "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Kiritimati",
    "Pacific/Pago_Pago", "Pacific/Chatham", "America/St_Johns", "Australia/Lord_Howe", "UTC",
)  # fmt: skip
PEOPLE = (MIRA, JONAS, CARLA, DEPUTY)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """Ledgers of this test's own."""
    with shelf_in(tmp_path) as shelf:
        yield shelf


def due(office: Office, now: datetime) -> dict[str, Digest]:
    """What is due, by key."""
    return {digest.key: digest for digest in Digests(office).due(now)}


def of(office: Office, who: PersonRef, now: datetime) -> DigestFacts | None:
    """What somebody's digest of the day says."""
    found = Digests(office).of(f"{who}@ardent.example", now, weekly=False)
    assert not isinstance(found, PortfolioFacts)
    return found


def portfolio(office: Office, now: datetime) -> PortfolioFacts:
    """What Carla's portfolio says."""
    found = Digests(office).of(f"{CARLA}@ardent.example", now, weekly=True)
    assert isinstance(found, PortfolioFacts)
    return found


def away(who: PersonRef, first: date, last: date) -> Contract:
    """The contract, with somebody away."""
    terms = named()
    absences = {"absences": (Absence(first=first, last=last),)}
    people = (p.model_copy(update=absences) if p.id == who else p for p in terms.people)
    return terms.model_copy(update={"people": tuple(people)})


def test_the_owner_is_told_what_waits_and_the_approver_where_all_stands(shelf: Shelf) -> None:
    """On Monday at half past eight; nobody else, of whom nothing is asked."""
    found = due(write(shelf.empty(), missed()), MONDAY)
    assert set(found) == {f"digest/2026-10-05/{MIRA}", f"portfolio/2026-W41/{CARLA}"}
    digest = found[f"digest/2026-10-05/{MIRA}"]
    assert (digest.to.email, digest.to.name) == ("p-mira@ardent.example", "Mira Roth")
    assert isinstance(digest.facts, DigestFacts)
    (ask,) = digest.facts.asks
    assert (ask.what, ask.rung, ask.action, ask.overdue) == ("rung", "plan", "do plan", False)
    assert (ask.supplier, ask.holder) == ("Kitano Sealing Systems", None)
    assert ask.until is not None
    assert ask.until.local == "the end of Tuesday 6 October 2026"


@pytest.mark.parametrize(
    "now",
    [
        MONDAY - timedelta(minutes=1),
        MONDAY + timedelta(hours=2, minutes=30),
        datetime(2026, 10, 3, 7, tzinfo=UTC),  # a Saturday, and a holiday
        datetime(2026, 10, 4, 7, tzinfo=UTC),
    ],
)
def test_outside_the_hours_and_on_days_of_rest_nothing_is_due(shelf: Shelf, now: datetime) -> None:
    """Before half past eight, from eleven on, and on a day that is worked nowhere."""
    assert due(write(shelf.empty(), missed()), now) == {}


def test_who_has_a_zone_in_slack_is_told_on_that_clock(shelf: Shelf) -> None:
    """By the member of the workspace; an unknown zone counts for nothing."""
    office = write(shelf.empty(), missed())
    office.private.remember_slack("T1", "U1", MIRA, "America/New_York")
    assert f"digest/2026-10-05/{MIRA}" not in due(office, MONDAY)
    digest = due(office, MONDAY + timedelta(hours=6))[f"digest/2026-10-05/{MIRA}"]
    assert digest.to.slack == "U1"
    office.private.remember_slack("T1", "U1", MIRA, "Mars/Olympus")
    assert f"digest/2026-10-05/{MIRA}" in due(office, MONDAY)


def test_the_week_begins_with_its_first_worked_day(shelf: Shelf) -> None:
    """Not with a Monday that is a holiday; and on no later day again."""
    holiday = EVERY_DAY.model_copy(
        update={"weekend": None, "holidays": (date(2026, 10, 5),)}
    )  # fmt: skip
    office = write(shelf.empty(), missed(), calendar=holiday)
    days = [due(office, MONDAY + timedelta(days=ahead)) for ahead in range(4)]
    weekly = [[key for key in found if key.startswith("portfolio")] for found in days]
    assert weekly == [[], [f"portfolio/2026-W41/{CARLA}"], [], []]


def test_deputies_are_told_in_place_of_the_absent(shelf: Shelf) -> None:
    """With whom they stand in for; the absent are told nothing."""
    terms = away(MIRA, date(2026, 10, 5), date(2026, 10, 9))
    office = write(shelf.empty(), missed(), terms)
    daily = [key for key in due(office, MONDAY) if key.startswith("digest")]
    assert daily == [f"digest/2026-10-05/{DEPUTY}"]
    told = of(office, DEPUTY, MONDAY)
    assert told is not None
    assert (told.asks[0].holder, told.asks[0].role) == ("Mira Roth", "owner")
    with pytest.raises(UnknownReader) as refused:
        of(office, MIRA, MONDAY)
    assert "p-dep@ardent.example" in refused.value.remedy


def test_what_falls_due_within_a_week_is_told_and_not_what_waits_already(shelf: Shelf) -> None:
    """A deadline stands with its ask; the next rung with the date on which it opens."""
    office = write(shelf.empty(), missed())
    (now,) = [MONDAY + timedelta(days=7)]
    jonas = of(office, JONAS, now)
    assert jonas is not None
    assert jonas.asks == ()
    assert [each.what for each in jonas.coming] == ["rung audit opens"]
    mira = of(office, MIRA, now)
    assert mira is not None
    assert (len(mira.asks), mira.overdue, mira.coming) == (1, 1, ())
    assert of(office, JONAS, MONDAY) is None


def test_a_portfolio_counts_what_is_late_tendered_and_waiting(shelf: Shelf) -> None:
    """With whose turn it is, and the decision that waits for its reader."""
    case = missed()
    case.act("tender", delivered=date(2026, 10, 2))
    told = portfolio(write(shelf.empty(), case), MONDAY)
    assert (told.open, told.late, told.tendered, told.parked) == (1, 0, 1, 0)
    assert [ask.what for ask in told.asks] == ["answer"]
    ((ladder,),) = [each.ladders for each in told.contracts]
    assert (ladder.phase, ladder.day, ladder.person) == ("climbing", 4, "Carla Brandt")
    later = portfolio(write(shelf.empty(), missed()), MONDAY + timedelta(days=7))
    assert (later.open, later.late) == (1, 1)
    assert later.contracts[0].ladders[0].late


def test_a_portfolio_names_what_is_due_soon_and_is_empty_once_all_is_closed(shelf: Shelf) -> None:
    """A milestone before its due date; after the close there is nothing to look after."""
    case = Case()
    case.catch_up()
    told = portfolio(write(shelf.empty(), case), case.now)
    assert [(each.milestone, each.due) for each in told.contracts[0].due] == [
        ("tooling", date(2026, 10, 1))
    ]
    closed = missed()
    closed.act("withdraw", CARLA, note="never missed")
    office = write(shelf.empty(), closed)
    assert Digests(office).of(f"{CARLA}@ardent.example", MONDAY, weekly=True) is None
    (found,) = office.standings.closed_ladders(closed.now - timedelta(days=1))
    assert (found.outcome, found.closed_at) == ("withdrawn", closed.now)
    assert office.standings.closed_ladders(closed.now + timedelta(seconds=1)) == []


def test_the_most_urgent_stands_first_and_the_rest_is_counted(shelf: Shelf) -> None:
    """Overdue before what still has time."""
    case = Case()
    case.move(CONFIRMED)
    case.act("confirm")
    case.pass_days(16)
    case.act("escalate", CARLA, note="no time to lose")
    case.catch_up()
    told = of(write(shelf.empty(), case), CARLA, case.now)
    mira = of(write(shelf.empty(), case), MIRA, case.now)
    assert told is not None
    assert mira is not None
    assert [ask.rung for ask in told.asks] == ["hold"]
    assert [ask.overdue for ask in mira.asks] == [True]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A ledger on which Mira is asked something every day, and every day is worked."""
    with shelf_in(tmp_path_factory.mktemp("digests")) as shelf:
        yield write(shelf.empty(), asked(CONFIRMED), calendar=EVERY_DAY)


@settings(max_examples=5)
@given(
    st.lists(st.sampled_from(ZONES), min_size=len(PEOPLE), max_size=len(PEOPLE)),
    st.integers(min_value=0, max_value=60 * 24),
    st.sets(st.integers(min_value=0, max_value=95)),
)
def test_each_is_told_once_a_day_wherever_they_are(
    standing: Office, zones: list[str], minutes: int, missing: set[int]
) -> None:
    """At most once whatever rounds are missing; exactly once where one came in their morning."""
    for number, (ref, named_zone) in enumerate(zip(PEOPLE, zones, strict=True)):
        standing.private.remember_slack("T1", f"U{number}", ref, named_zone)
    with standing.ledger.engine.begin() as connection:
        connection.execute(text("DELETE FROM posting"))
    # Over the night in which Europe's clocks go back.
    start = datetime(2026, 10, 24, tzinfo=UTC) + timedelta(minutes=minutes)
    rounds = [
        start + timedelta(minutes=30 * n) for n in range(96) if n not in missing
    ]  # fmt: skip
    sent = Counter(letter.key for letter in asyncio.run(walk(standing, rounds)))
    assert set(sent.values()) <= {1}
    zone = ZoneInfo(zones[0])
    mornings = {
        local.date()
        for local in (at.astimezone(zone) for at in rounds)
        if (8, 30) <= (local.hour, local.minute) < (11, 0)
    }
    assert {key for key in sent if key.startswith("digest") and key.endswith(MIRA)} == {
        f"digest/{day}/{MIRA}" for day in mornings
    }


async def walk(office: Office, rounds: list[datetime]) -> list[Letter]:
    """Let the newsagent make these rounds; return the letters."""
    mailbox = Mailbox()
    agent = newsagent(office, mailbox)
    for at in rounds:
        await agent.send(at)
    return [*mailbox.letters]
