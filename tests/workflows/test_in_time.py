"""What was received before a deadline counts in time, whenever Temporal gets to it (law 14)."""

from __future__ import annotations

from datetime import datetime, timedelta

from ladders import entries as kinds
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
    await until(lambda: "rung.completed" in stage.kinds())
    assert stage.kinds()[-2:] == ["rung.silent", "rung.completed"]


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
    await until(lambda: not stage.office.inbox.unsettled())
    row = stage.office.inbox.find(stranger.key)
    assert row is not None
    assert "for the rung owner to do" in str(row.answer)
    assert stage.kinds().count("rung.silent") == 1
    await stage.act("note", CARLA, note="who was that?")
