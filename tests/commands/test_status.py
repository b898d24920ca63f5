"""``holdfast status``: what it shows, on paper of any width and as JSON."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, time, timedelta
from pathlib import Path

from commands.status import status
from desk.choosing import Choice
from ladders.contract import Absence
from ladders.events import Parked, Posted
from tests.commands.books import Paper, Shelf
from tests.commands.mornings import (
    CONFIRMED,
    TENDERED,
    WARNED,
    WORDS,
    document,
    missed,
    page,
    request,
    shown,
    warned,
)
from tests.commands.shell import PROGRAM, Shell
from tests.ledger.chronicle import CONTRACT, START, note
from tests.world import CARLA, LAUNCH, Case, contract

LOADED = """
import sys
from cli import app
app(sys.argv[1:], standalone_mode=False)
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_without_a_contract_it_says_what_to_do(shelf: Shelf) -> None:
    """To a person in words, to a program in empty lists."""
    office = shelf.empty()
    assert "holdfast register FILE" in page(office, START)
    found = document(office, START)
    assert (found["ladders"], found["falls_due"], found["milestones"]) == ([], [], [])


def test_where_nothing_is_parked_it_says_so(shelf: Shelf) -> None:
    """And not that no ladder is open."""
    office = shelf.of(missed())
    assert page(office, CONFIRMED, parked=True).splitlines()[0] == "No message is parked"
    assert page(office, CONFIRMED).splitlines()[0] == "1 ladder open"


def test_somebody_whom_only_slack_knows_is_named_as_such(shelf: Shelf) -> None:
    """By the member id that Slack shows, in what they were refused."""
    office = shelf.of(missed())
    stranger = office.private.identify("slack:T0ARDENT:U0L3XYZ")
    request(office, "a", f"complete is not for {stranger} to do; ask", CONFIRMED)
    assert "complete is not for somebody in Slack (U0L3XYZ) to do" in page(office, CONFIRMED)


def test_a_milestone_ahead_waits_for_its_first_warning(shelf: Shelf) -> None:
    """Counted on the page, listed with --all, and named in the week in which its ladder begins."""
    office = shelf.registered()
    (milestone,) = document(office, START)["milestones"]
    assert (milestone["milestone"], milestone["status"]) == ("tooling", "waiting")
    assert milestone["starts"] == {
        "utc": "2026-09-21T07:00:00Z",
        "local": "2026-09-21T09:00:00+02:00",
    }
    assert "1 milestone without an open ladder, 1 of them waiting" in page(office, START)
    listed = page(office, START, everything=True)
    assert f"{CONTRACT}/tooling  due 2026-10-01  waiting  ladder begins 2026-09-21 09:00" in listed
    assert "ladder begins" not in page(office, START)
    assert "Mon 2026-09-21 09:00" in page(office, START + timedelta(days=14))


def test_a_ladder_shows_its_rung_its_owner_and_the_deadline(shelf: Shelf) -> None:
    """Before the miss and after it."""
    turn = "p-mira@ardent.example (owner)"
    midnight = "2026-09-24T00:00:00+02:00"
    assert shown(shelf.of(warned()), WARNED) == ("watching", "warn", turn, midnight)
    midnight = "2026-10-07T00:00:00+02:00"
    assert shown(shelf.of(missed()), CONFIRMED) == ("climbing", "plan", turn, midnight)


def test_a_tender_is_the_approvers_turn(shelf: Shelf) -> None:
    """Until when it is to be answered."""
    case = missed()
    case.act("tender", delivered=TENDERED)
    phase, _, turn, until = shown(shelf.of(case), case.now)
    assert (phase, turn) == ("climbing", "p-carla@ardent.example (approver)")
    assert until == "2026-10-10T00:00:00+02:00"


def test_a_closed_ladder_stays_as_long_as_it_owes_messages(shelf: Shelf) -> None:
    """Nobody's turn any more; then its milestone alone tells of it."""
    case = missed()
    case.act("withdraw", CARLA, note="never missed")
    office = shelf.of(case)
    assert "0 ladders open, 1 closed with messages owed" in page(office, case.now)
    (row,) = document(office, case.now, phase="closed")["ladders"]
    assert (row["phase"], row["person"], row["until"]) == ("closed", "-", None)
    assert row["owed"] == len(case.state.outbox)
    for message in case.state.outbox:
        case.feed(Posted(message=message.key, channel="slack", receipt="1", wording=WORDS))
    found = document(shelf.of(case), case.now)
    assert found["ladders"] == []
    assert [each["milestone"] for each in found["milestones"]] == ["tooling"]


def test_what_is_due_stands_first_under_its_day(shelf: Shelf) -> None:
    """Today, and within the six days after it; a day's midnight belongs to that day."""
    office = shelf.of(warned())
    said = page(office, WARNED).splitlines()
    assert said[0] == "1 ladder open"
    today, week, ladders = (said.index(each) for each in ("Today", "This week", "Open ladders"))
    assert said[today + 1 : week] == ["  nothing falls due", ""]
    assert "Wed 2026-09-23 24:00" in said[week + 1]
    assert "deadline of rung warn" in said[week + 1]
    assert week + 3 == ladders
    assert "nothing falls due" not in page(office, WARNED, phase="climbing")
    later = page(office, WARNED + timedelta(days=1)).splitlines()
    assert "Wed 2026-09-23 24:00" in later[later.index("Today") + 1]
    assert "This week" not in later


def test_a_deadline_that_passed_is_overdue_and_red(shelf: Shelf) -> None:
    """On a terminal; in a pipe the word says it."""
    case = warned()
    case.pass_days(4)
    office = shelf.of(case)
    piped = page(office, case.now)
    assert "2026-09-23 24:00 overdue" in piped
    assert "1 overdue" in piped.splitlines()[0]
    assert "\x1b" not in piped
    terminal = Paper(is_terminal=True)
    assert status(office, Choice(), now=case.now, as_json=False, console=terminal) == 0
    assert "\x1b[31moverdue" in terminal.said


def test_the_columns_are_aligned_and_carry_headings(shelf: Shelf) -> None:
    """How long it has been somebody's turn, and what is owed, among them."""
    case = missed()
    lines = page(shelf.of(case), case.now).splitlines()
    heading = next(line for line in lines if line.startswith("  ladder "))
    row = lines[lines.index(heading) + 1]
    cells = {
        "phase": "climbing",
        "rung": "plan 2/6",
        "day": "day 2",
        "whose turn": "p-mira@ardent.example (owner)",
        "for": "1 d",
        "until": "2026-10-06 24:00",
        "messages": "6 owed",
    }
    for name, cell in cells.items():
        assert row[heading.index(name) :].startswith(cell), (name, row)


def test_on_narrow_paper_a_row_takes_two_lines_and_loses_nothing(shelf: Shelf) -> None:
    """At 80 columns; a pipe never cuts a row."""
    case = missed()
    office = shelf.of(case)
    narrow = page(office, case.now, width=80)
    assert max(len(line) for line in narrow.splitlines()) <= 80
    one = f"  {CONTRACT}/tooling/1  climbing  plan 2/6  day 2"
    two = "    p-mira@ardent.example (owner)  for 1 d  until 2026-10-06 24:00  6 owed"
    assert f"{one}\n{two}\n" in narrow


def test_who_is_away_is_shown_with_who_stands_in(shelf: Shelf) -> None:
    """On the days of the absence."""
    case = warned()
    absence = Absence(first=date(2026, 9, 22), last=date(2026, 9, 23))
    terms = contract()
    mira, *others = terms.people
    away_then = mira.model_copy(update={"absences": (absence,)})
    office = shelf.of(case, terms.model_copy(update={"people": (away_then, *others)}))
    away = "p-mira@ardent.example (owner, away: p-dep@ardent.example)"
    assert away in page(office, WARNED)
    assert "away" not in page(office, WARNED + timedelta(days=3))
    for words in ("p-dep", "p-mira"):
        assert len(document(office, WARNED, person=words)["ladders"]) == 1


def test_messages_that_are_parked_are_counted(shelf: Shelf) -> None:
    """And can be asked for alone."""
    case = warned()
    office = shelf.of(case)
    assert document(office, WARNED, parked=True)["ladders"] == []
    case.feed(Parked(message=case.state.outbox[0].key, problem="no-such-user"))
    parked = shelf.of(case)
    (row,) = document(parked, WARNED, parked=True)["ladders"]
    assert (row["owed"], row["parked"], row["problems"]) == (1, 1, ["no-such-user"])
    assert "1 owed, 1 parked: no-such-user" in page(parked, WARNED)
    assert "1 with parked messages" in page(parked, WARNED).splitlines()[0]


def test_a_registration_that_waits_is_shown(shelf: Shelf) -> None:
    """Before anything is registered; by whom and since when, in UTC."""
    office = shelf.empty()
    by = office.private.identify("os:mira")
    asked = f'{{"by": {{"actor": "{by}"}}}}'
    office.inbox.receive("register:1", "KSS-9", "contract:KSS-9", asked, START)
    said = page(office, START).splitlines()
    assert "holdfast register FILE" in said[0]
    assert said[-1] == "  not applied yet  KSS-9: register  os:mira, received 2026-09-01 08:00"


def test_requests_that_wait_or_were_refused_are_shown(shelf: Shelf) -> None:
    """With names for pseudonyms; a refusal for a week, then it is history."""
    office = shelf.of(missed())
    known = office.private.identify("eva@ardent.example")
    request(office, "waits", None, CONFIRMED)
    request(office, "refused", f"{known} did it; nothing is left", CONFIRMED)
    request(office, "old", "long ago; never mind", CONFIRMED - timedelta(days=9))
    said = page(office, CONFIRMED + timedelta(hours=1))
    assert "1 request not applied yet, 1 request refused" in said
    assert f"not applied yet  {CONTRACT}/tooling/1: complete" in said
    assert "p-jonas@ardent.example, received 2026-10-01 10:00" in said
    assert "eva@ardent.example did it; nothing is left" in said
    assert "long ago" not in said
    assert "refused" not in page(office, CONFIRMED + timedelta(days=8))


def test_a_stream_that_cannot_be_read_is_named_and_hides_nothing(shelf: Shelf) -> None:
    """And the exit code tells of it."""
    office = shelf.of(missed())
    office.ledger.append(note(1, stream="ppap/1"))
    found = document(office, CONFIRMED)
    assert len(found["ladders"]) == 1
    assert f"{CONTRACT}/ppap/1" in found["unreadable"]
    paper = Paper()
    assert status(office, Choice(), now=CONFIRMED, as_json=False, console=paper) == 1
    assert "Cannot be read" in paper.said


def test_it_loads_neither_temporal_nor_the_migrations(tmp_path: Path) -> None:
    """Either would take longer to load than a thousand ladders take to be shown."""
    environment = {**os.environ, "HOLDFAST_DATA": str(tmp_path), "PYTHONPATH": str(PROGRAM.parent)}
    for _ in range(2):
        # The first run makes the tables.
        done = subprocess.run(
            [sys.executable, "-c", LOADED, "status"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {"sqlmodel", "commands", "desk"} <= loaded
    assert not loaded & {"temporalio", "alembic", "holidays", "jinja2", "ruamel", "slack_sdk"}


def test_what_is_typed_reaches_it(tmp_path: Path) -> None:
    """Every option, as a person types it; what means nothing is refused in words."""
    shell = Shell(tmp_path)
    assert "holdfast register FILE" in shell.type("status").said
    options = ("--reverse", "--sort", "age", "--all", "--parked", "--due", "week", "--json")
    found = shell.type("status", *options, "--phase", "climbing")
    assert (found.code, found.document["ladders"]) == (0, [])
    refused = shell.type("status", "KSS-1", "KSS-2", "--due", "soon", "--sort", "name")
    assert refused.code == 1
    for words in ("'KSS-1'", "'KSS-2'", "'soon'", "'name'", "YYYY-MM-DD"):
        assert words in refused.said


def test_where_nothing_is_asked_it_is_nobodys_turn(shelf: Shelf) -> None:
    """What comes next stands in its place, and when."""
    case = missed()
    case.act("complete", rung="plan")
    row = next(line for line in page(shelf.of(case), case.now).splitlines() if "climbing" in line)
    assert row.split()[1:-2] == ["climbing", "-", "day", "2", "-", "opens", "2026-10-15", "09:00"]
    assert document(shelf.of(case), case.now)["ladders"][0]["awaits"] == "rung"


def test_what_begins_at_midnight_belongs_to_the_day_that_begins(shelf: Shelf) -> None:
    """A question of the due date falls on it, and a deadline on the day it ends."""
    case = Case(LAUNCH)
    midnight = case.state.opened.calendar.model_copy(update={"opens": time(0)})
    opened = case.state.opened.model_copy(update={"calendar": midnight})
    case.entries[0] = case.entries[0].model_copy(update={"body": opened})
    shown = page(shelf.of(case), START.replace(day=30))
    assert "Thu 2026-10-01 00:00  KSS-2026-014/tooling/1  due date: delivered, or not?" in shown
