"""What is foretold before a registration: it is what then happens."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from commands.preview import Prospect, print_prospects, prospect
from ladders.contract import Absence, Contract
from ladders.prose import Prose
from tests import world
from tests.stage import Stage, until

NOON = datetime(2026, 9, 1, 10, tzinfo=UTC)
MIRA, CARLA = "p-mira@ardent.example", "p-carla@ardent.example"


def terms(**milestone: Any) -> Contract:
    """A contract with one milestone, as a file has it."""
    return world.by_address(world.contract(**milestone))


def foreseen(at: datetime = NOON, **milestone: Any) -> Prospect:
    """What follows if it is registered then."""
    return prospect(terms(**milestone), world.SOURCE, at)


def shown(*prospects: Prospect) -> str:
    """What is printed of them in a pipe."""
    out = StringIO()
    print_prospects(Console(file=out, width=200), prospects)
    return out.getvalue()


def test_a_date_ahead_sends_nothing_today() -> None:
    """The first ladder begins with its early warning, on a local morning."""
    found = foreseen()
    assert found.sendings == ()
    assert (found.first, found.begins) == ("tooling", datetime(2026, 9, 21, 9))  # noqa: DTZ001
    said = shown(found)
    assert "Today nothing would be sent." in said
    assert "2026-09-21 09:00" in said


@pytest.mark.parametrize(
    ("hour", "due", "begins", "at"),
    [
        (10, date(2026, 9, 5), "2026-09-01 12:00", ["12:00"]),
        (5, date(2026, 9, 11), "2026-09-01 09:00", ["09:00"]),
        (5, date(2026, 9, 12), "2026-09-02 09:00", []),
        (10, date(2026, 9, 1), "2026-09-01 12:00", ["12:00"]),
        (23, date(2026, 9, 1), "2026-09-02 01:00", ["01:00"]),
    ],
)
def test_today_lasts_until_midnight_where_the_contract_is(
    hour: int, due: date, begins: str, at: list[str]
) -> None:
    """What falls due later today counts as well as what is sent at once."""
    past = {} if due >= date(2026, 9, 1) and hour != 23 else {"past_due": "open"}
    found = foreseen(NOON.replace(hour=hour), due=due, **past)
    assert f"{found.begins:%F %R}" == begins
    assert sorted({f"{one.at:%R}" for one in found.sendings})[: len(at)] == at
    assert bool(found.sendings) == bool(at)


def test_an_open_backlog_is_one_message_for_the_authority_and_one_for_the_first_rung() -> None:
    """However long it has been overdue: no ladder begins in the middle, or with a burst."""
    for overdue in (1, 40, 400):
        found = foreseen(due=NOON.date() - timedelta(days=overdue), past_due="open")
        assert [one.to for one in found.sendings] == [CARLA, MIRA]
        missed, plan = (one.subject for one in found.sendings)
        assert "missed" in missed
        assert "rung 2 of 6" in plan


def test_what_was_delivered_is_watched_no_longer() -> None:
    """Nothing begins, and nobody hears of it."""
    found = foreseen(due=date(2026, 8, 1), past_due="delivered")
    assert (found.first, found.begins, found.sendings) == (None, None, ())
    assert "nothing is left to watch" in shown(found)


def test_messages_are_counted_by_address() -> None:
    """Somebody who is to get forty today is seen before it happens."""
    backlog = foreseen(due=date(2026, 8, 1), past_due="open")
    said = shown(*[backlog] * 3)
    assert "Today 6 messages would be sent" in said
    assert f"{CARLA}: 3, {MIRA}: 3" in said


def test_boards_are_counted_by_channel() -> None:
    """One for each ladder that begins today, where the contract names a channel; else none."""
    backlog: dict[str, Any] = {"due": date(2026, 8, 1), "past_due": "open"}
    room = {"slack_channel": Prose("#supplier-escalations")}
    found = prospect(terms(**backlog).model_copy(update=room), world.SOURCE, NOON)
    assert (found.channel, found.boards, len(found.sendings)) == ("#supplier-escalations", 1, 2)
    quiet = foreseen(**backlog)
    assert quiet.boards == 0
    said = shown(found, found, quiet)
    assert "Today 6 messages and 2 boards in #supplier-escalations would be sent:" in said
    assert "Today 2 messages would be sent:" in shown(quiet)


def test_brackets_in_a_name_are_no_markup() -> None:
    """A supplier is printed as written."""
    contract = terms().model_copy(update={"supplier": Prose("Seals [red]")})
    assert "Seals [red]" in shown(prospect(contract, world.SOURCE, NOON))


@pytest.mark.parametrize(
    ("due_in", "away"), [(-40, False), (-1, True), (0, False), (4, True), (9, False), (60, False)]
)
async def test_what_is_foretold_is_what_is_sent(stage: Stage, due_in: int, *, away: bool) -> None:
    """The same letters, to the same people, from the real workflows, by the end of the day."""
    today = world.CALENDAR.local(stage.started).date()
    past = {"past_due": "open"} if due_in < 0 else {}
    contract = stage.terms(due=today + timedelta(days=due_in), **past)
    absent = tuple(
        person.model_copy(update={"absences": (Absence(first=today, last=today),)})
        for person in contract.people
    )
    contract = contract.model_copy(update={"people": absent}) if away else contract
    expected = prospect(contract, world.SOURCE, stage.started)
    await stage.register(contract)
    midnight = world.CALENDAR.instant(today + timedelta(days=1), datetime.min.time())
    await stage.move(midnight - timedelta(minutes=1))
    told = sorted((one.to, one.subject) for one in expected.sendings)
    await until(lambda: len(stage.mailbox.letters) >= len(told))
    assert sorted((one.address, one.subject) for one in stage.mailbox.letters) == told
