"""``holdfast status``."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from commands.status import standings, status
from desk.casebook import UnknownCase
from desk.office import Office
from tests.commands.books import Paper, Shelf
from tests.ledger.chronicle import CONTRACT
from tests.world import CARLA, Case

CONFIRMED = datetime(2026, 10, 1, 8, tzinfo=UTC)


def missed() -> Case:
    """A ladder on its first rung after the miss."""
    case = Case()
    case.move(CONFIRMED)
    case.act("confirm")
    case.pass_days(2)
    return case


def shown(office: Office, contract: str | None = None) -> tuple[str, str, str, str]:
    """Phase, rung, turn and until of the one milestone."""
    paper = Paper()
    assert status(office.casebook, contract, as_json=True, console=paper) == 0
    (row,) = json.loads(paper.said)
    return row["phase"], row["rung"], row["turn"], row["until"]


def test_without_a_contract_it_says_what_to_do(shelf: Shelf) -> None:
    """To a person in words, to a program as an empty list."""
    casebook = shelf.empty().casebook
    paper = Paper()
    assert status(casebook, None, as_json=False, console=paper) == 0
    assert "holdfast register FILE" in paper.said
    document = Paper()
    assert status(casebook, None, as_json=True, console=document) == 0
    assert json.loads(document.said) == []


def test_a_milestone_ahead_waits_for_its_first_warning(shelf: Shelf) -> None:
    """Local time, as the contract counts."""
    office = shelf.registered()
    assert shown(office) == ("waiting", "-", "-", "2026-09-21 09:00")


def test_a_ladder_shows_its_rung_its_owner_and_the_deadline(shelf: Shelf) -> None:
    """Before the miss and after it."""
    case = Case()
    case.catch_up()
    turn = "p-mira@ardent.example (owner)"
    assert shown(shelf.of(case)) == ("watching", "warn", turn, "2026-09-24 00:00")
    assert shown(shelf.of(missed())) == ("climbing", "plan", turn, "2026-10-07 00:00")


def test_a_tender_is_the_approvers_turn(shelf: Shelf) -> None:
    """Until when it is to be answered."""
    case = missed()
    case.act("tender", delivered=datetime(2026, 10, 2, tzinfo=UTC).date())
    phase, _, turn, until = shown(shelf.of(case))
    assert (phase, turn) == ("climbing", "p-carla@ardent.example (approver)")
    assert until == "2026-10-10 00:00"


def test_a_closed_ladder_shows_how_it_ended(shelf: Shelf) -> None:
    """And nobody's turn."""
    case = missed()
    case.act("withdraw", CARLA, note="never missed")
    assert shown(shelf.of(case)) == ("withdrawn", "-", "-", "-")


def test_a_table_has_one_plain_line_for_each_milestone(shelf: Shelf) -> None:
    """Under headings, its cells aligned, without colour in a pipe."""
    office = shelf.of(missed())
    paper = Paper()
    assert status(office.casebook, CONTRACT, as_json=False, console=paper) == 0
    heading, line = paper.said.splitlines()
    (row,) = standings(office.casebook, CONTRACT)
    for name, cell in zip(("milestone", "phase", "rung", "until"), (1, 3, 4, 6), strict=True):
        assert line[heading.index(name) :].startswith(str(row[cell]))
    assert "\x1b" not in paper.said


def test_an_unknown_contract_is_answered_with_those_there_are(shelf: Shelf) -> None:
    """So that a slip of the finger is seen."""
    office = shelf.registered()
    with pytest.raises(UnknownCase, match=CONTRACT):
        status(office.casebook, "KSS-2062-014", as_json=False, console=Paper())
