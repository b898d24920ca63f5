"""``holdfast act`` and ``holdfast report``."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from commands.act import NotAnAction, Typed, act, exhibit, find_ladder, operator, report
from desk.casebook import UnknownCase
from desk.door import Desk
from ladders.entries import CureTendered, RungAcknowledged
from tests.commands.books import Paper, Shelf
from tests.ledger.chronicle import CONTRACT
from tests.stage import Stage, until
from tests.world import Case, pick

MIRA, CARLA = "p-mira@ardent.example", "p-carla@ardent.example"
LADDER = f"{CONTRACT}/tooling/1"


@pytest.fixture
async def missed(stage: Stage) -> Stage:
    """A stage on which the milestone was overdue at registration."""
    overdue = (stage.started - timedelta(days=9)).date()
    await stage.register(stage.terms(due=overdue, past_due="open"))
    await until(lambda: "milestone.missed" in stage.kinds())
    return stage


async def typed(stage: Stage, action: str, what: Typed) -> str:
    """Type an action on the ladder; what is printed if it succeeds."""
    paper = Paper()
    code = await act(stage.desk, stage.office, LADDER, action, what, console=paper)
    assert code == 0
    return paper.said


async def test_what_was_typed_stands_in_the_entry(missed: Stage, tmp_path: Path) -> None:
    """Who typed it, in whose right, the words, the day, and the evidence by its hash."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"a tool")
    day = missed.started.date() - timedelta(days=1)
    what = Typed(person=MIRA.upper(), note="on site", delivered=day, evidence=[photo])
    said = await typed(missed, "tender", what)
    ((entry, tender),) = pick(missed.office.private.open(missed.entries()), CureTendered)
    assert (tender.note, tender.delivered) == ("on site", day)
    (shown,) = tender.evidence
    assert (shown.name, shown.size) == ("photo.jpg", 6)
    assert shown.sha256 == hashlib.sha256(b"a tool").hexdigest()
    with missed.office.evidence.open(shown.sha256) as copy:
        assert copy.read() == b"a tool"
    assert photo.read_bytes() == b"a tool"
    assert (entry.by.authenticated_by, entry.by.via) == ("os-user", "cli")
    assert entry.by.actor == operator(missed.office.private).actor
    assert entry.by.on_behalf_of == missed.person(MIRA)
    line = missed.ledger.find(CONTRACT, entry.key)
    assert line is not None
    assert f"entry {line.seq} of {CONTRACT}" in said


async def test_an_acknowledgement_pauses_for_as_long_as_was_typed(stage: Stage) -> None:
    """Two days here, counted from the click."""
    await stage.register()
    await stage.move(stage.due)
    await typed(stage, "acknowledge", Typed(person=MIRA, pause="48 hours"))
    ((entry, acknowledged),) = pick(stage.entries(), RungAcknowledged)
    assert acknowledged.quiet_until - entry.occurred_at == timedelta(hours=48)


async def test_a_report_is_a_confirmation_or_a_tender(stage: Stage) -> None:
    """On the due date: not delivered; a day later: delivered."""
    await stage.register()
    await stage.move(stage.due)
    for delivered in (None, stage.due.date()):
        paper = Paper()
        code = await report(
            stage.desk,
            stage.office,
            CONTRACT,
            "tooling",
            Typed(person=MIRA, delivered=delivered),
            console=paper,
        )
        assert code == 0
        assert "tooling/1" in paper.said
        await stage.move(stage.due + timedelta(days=1))
    kinds = stage.kinds()
    assert kinds.index("miss.confirmed") < kinds.index("milestone.missed")
    assert kinds.index("milestone.missed") < kinds.index("cure.tendered")


@pytest.mark.parametrize(
    ("action", "what"),
    [
        ("dance", Typed(person=MIRA)),
        ("note", Typed(person=MIRA, note="")),
        ("note", Typed(person=MIRA, note="n" * 2001)),
        ("acknowledge", Typed(person=MIRA, pause="a while")),
        ("complete", Typed(person=MIRA, evidence=[Path("/nowhere/photo.jpg")])),
        ("acknowledge", Typed(person=MIRA, evidence=[Path(__file__)])),
    ],
    ids=str,
)
async def test_what_is_no_action_reaches_nobody(shelf: Shelf, action: str, what: Typed) -> None:
    """It is refused where it was typed, before anything is stored."""
    office = shelf.of(Case())
    client = await Client.connect("127.0.0.1:1", lazy=True)
    desk = Desk(client, office.casebook, office.inbox, office.clock)
    with pytest.raises(NotAnAction):
        await act(desk, office, LADDER, action, what, console=Paper())
    assert office.inbox.unsettled() == []
    assert not office.evidence.folder.exists()


def test_a_ladder_is_found_by_its_milestone(shelf: Shelf) -> None:
    """With its number or without; what is not there is answered with what is."""
    casebook = shelf.of(Case()).casebook
    assert find_ladder(casebook, LADDER) == (CONTRACT, "tooling/1")
    assert find_ladder(casebook, f"{CONTRACT}/tooling") == (CONTRACT, "tooling/1")
    for unknown in (f"{CONTRACT}/tooling/2", f"{CONTRACT}/ppap", CONTRACT):
        with pytest.raises(UnknownCase, match=LADDER):
            find_ladder(casebook, unknown)


def test_evidence_is_told_by_its_name_and_hash_alone(tmp_path: Path) -> None:
    """Not by the folder it lies in."""
    (tmp_path / "plan.pdf").write_bytes(b"")
    shown = exhibit(tmp_path / "plan.pdf")
    assert (shown.name, shown.size) == ("plan.pdf", 0)
    assert shown.sha256 == hashlib.sha256(b"").hexdigest()
