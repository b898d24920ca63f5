"""``holdfast digest``: what a digest would say now, or that there would be none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from commands.digest import digest
from desk.digests import UnknownReader
from desk.office import Office
from tests.commands.books import Paper, Shelf
from tests.commands.mornings import missed
from tests.commands.shell import Shell
from tests.desk.rounds import write


def said(office: Office, person: str, *, weekly: bool = False, as_json: bool = False) -> str:
    """What it prints of somebody."""
    paper, now = Paper(), missed().now
    code = digest(office, person, now=now, weekly=weekly, as_json=as_json, console=paper)
    assert code == 0
    return paper.said


def test_it_prints_the_digest_on_any_day_and_sends_nothing(shelf: Shelf) -> None:
    """Here a Saturday; of the owner the day's, of the approver the week's."""
    office = write(shelf.empty(), missed())
    assert "do plan (rung plan)" in said(office, "P-Mira@ardent.example")
    weekly = said(office, "p-carla@ardent.example", weekly=True)
    assert weekly.startswith("This week: 1 ladder open\n")
    assert "Mira Roth (owner) until the end of Tuesday 6 October 2026" in weekly
    document = json.loads(said(office, "p-mira@ardent.example", as_json=True))
    assert document["digest"]["subject"] == "Today: 1 thing waits for you"


def test_it_says_when_there_would_be_none(shelf: Shelf) -> None:
    """To a person in words, to a program as null."""
    office = write(shelf.empty(), missed())
    assert said(office, "p-carla@ardent.example") == "Nothing waits: no digest would be sent.\n"
    assert json.loads(said(office, "p-carla@ardent.example", as_json=True)) == {"digest": None}


def test_it_names_the_readers_when_somebody_is_none(shelf: Shelf) -> None:
    """With what to do."""
    with pytest.raises(UnknownReader, match="eva@"):
        said(write(shelf.empty(), missed()), "eva@ardent.example")


def test_what_is_typed_reaches_it(tmp_path: Path) -> None:
    """As a person types it; on an empty ledger nobody reads digests yet."""
    refused = Shell(tmp_path).type("digest", "--person", "eva@ardent.example", "--weekly")
    assert refused.code == 1
    assert "nobody yet" in refused.said
