"""What was received before a deadline counts in time, whenever Temporal gets to it (law 14)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import text

from channels.slack_directory import Member, SlackDirectory, Team
from desk.clickers import Clickers, NamedTray
from ladders import entries as kinds
from ladders.entries import Doer
from ledger.errors import UnreadableLine
from ledger.inbox import InboxRow
from ledger.private import slack_identity
from tests.stage import CARLA, JONAS, MIRA, Stage, leave_in_inbox, until
from tests.world import pick


def ends(stage: Stage) -> datetime:
    """The deadline of the first rung."""
    deadline = stage.state().rungs[0].deadline
    assert deadline is not None
    return deadline


async def test_a_click_left_in_the_inbox_is_applied_before_silence_is_recorded(
    stage: Stage,
) -> None:
    """Clicked a minute before the deadline, found three hours after it: done, and never silent."""
    await stage.missed()
    deadline = ends(stage)
    in_time = deadline - timedelta(minutes=1)
    await leave_in_inbox(stage, stage.action("complete", MIRA, note="done", received_at=in_time))
    await stage.virtual.jump(deadline + timedelta(hours=3))
    await until(lambda: "rung.completed" in stage.kinds())
    stage.look_after_inbox()
    [(done, _)] = pick(stage.entries(), kinds.RungCompleted)
    assert (done.deemed_at, done.occurred_at >= deadline) == (in_time, True)
    await until(lambda: not stage.office.inbox.unsettled())
    assert "rung.silent" not in stage.kinds()
    assert stage.kinds().count("rung.completed") == 1


async def test_a_click_received_after_the_deadline_comes_after_the_silence(stage: Stage) -> None:
    """A minute late is late, though it lay in the inbox when silence was recorded."""
    await stage.missed()
    deadline = ends(stage)
    late = deadline + timedelta(minutes=1)
    await leave_in_inbox(stage, stage.action("complete", MIRA, note="done", received_at=late))
    await stage.virtual.jump(deadline + timedelta(hours=3))
    stage.look_after_inbox()
    await until(lambda: "rung.completed" in stage.kinds())
    assert stage.kinds()[-2:] == ["rung.silent", "rung.completed"]


class Directory:
    """A workspace with one member, who stands on no roster."""

    def team(self) -> Team:
        """Whose it is."""
        return Team(id="T1", name="Ardent", url="https://ardent.example", bot="B1", scopes=None)

    def info(self, user: str) -> Member:
        """The member."""
        return Member(team="T1", id=user, name="m", email="somebody@else.example")


async def test_a_request_of_which_nobody_can_say_who_sent_it_ends_no_ladder(stage: Stage) -> None:
    """Somebody has changed a row that says who is on the roster; the ladder goes on, on time."""
    stage.clickers = Clickers(stage.office.casebook, cast("SlackDirectory", Directory()))
    await stage.missed()
    deadline = ends(stage)
    bare = stage.office.private.identify(slack_identity("T1", "U1"))
    request = stage.action("note", MIRA, note="hm", received_at=deadline - timedelta(minutes=1))
    by = Doer(actor=bare, authenticated_by="slack", via="slack")
    registered = stage.entries("contract")[-2:]
    [(_, terms)] = pick(registered, kinds.ContractRegistered)
    commitment = str(terms.terms.supplier).rpartition(":")[2]
    with stage.ledger.engine.begin() as connection:
        forge = text("UPDATE private_text SET text = 'forged' WHERE commitment = :c")
        assert connection.execute(forge, {"c": commitment}).rowcount == 1
    await leave_in_inbox(stage, request.model_copy(update={"by": by}))
    await stage.virtual.jump(deadline + timedelta(hours=3))
    await until(lambda: "rung.silent" in stage.kinds())


async def test_an_inbox_that_cannot_be_read_holds_a_ladder_up_and_ends_it_not(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says why it waits, and looks again every hour (law 3)."""

    def unreadable(_tray: NamedTray, _target: str | None = None) -> list[InboxRow]:
        raise UnreadableLine("KSS-2026-014", 1, "spoilt")

    await stage.missed()
    deadline = ends(stage)
    monkeypatch.setattr(NamedTray, "unsettled", unreadable)
    await stage.virtual.jump(deadline + timedelta(minutes=1))
    await until(stage.is_blocked)
    assert "rung.silent" not in stage.kinds()
    monkeypatch.undo()
    await stage.virtual.jump(deadline + timedelta(hours=2))
    await until(lambda: "rung.silent" in stage.kinds())


async def test_a_delivery_reported_in_time_is_no_presumed_miss(stage: Stage) -> None:
    """The report lay in the inbox while the window closed."""
    await stage.register()
    await stage.move(stage.due + timedelta(days=1))
    presumed_at = stage.state().presumed_at
    assert presumed_at is not None
    in_time = presumed_at - timedelta(minutes=1)
    delivered = stage.due.date()
    await leave_in_inbox(
        stage, stage.action("tender", MIRA, delivered=delivered, received_at=in_time)
    )
    await stage.virtual.jump(presumed_at + timedelta(hours=3))
    await until(lambda: "cure.tendered" in stage.kinds())
    assert "milestone.missed" not in stage.kinds()


async def test_a_click_in_time_by_somebody_else_does_not_hold_up_silence(stage: Stage) -> None:
    """It is refused, and the deadline has passed all the same, once."""
    await stage.missed()
    deadline = ends(stage)
    in_time = deadline - timedelta(minutes=1)
    stranger = stage.action("complete", JONAS, note="done", received_at=in_time)
    await leave_in_inbox(stage, stranger)
    await stage.virtual.jump(deadline + timedelta(hours=3))
    await until(lambda: "rung.silent" in stage.kinds())
    stage.look_after_inbox()
    await until(lambda: not stage.office.inbox.unsettled())
    row = stage.office.inbox.find(stranger.key)
    assert row is not None
    assert "for the rung owner to do" in str(row.answer)
    assert stage.kinds().count("rung.silent") == 1
    await stage.act("note", CARLA, note="who was that?")
