"""A ledger that is behind: whatever else is under way waits for it, and goes on after."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from channels.message import Letter, NotSent
from desk.applying import NotAppliedYet
from desk.door import Desk
from ladders.entries import Doer
from tests import world
from tests.backups import back_up, put_back
from tests.commands.test_reconcile import (
    BOTH,
    alarm,
    goes_on,
    is_blocked,
    lines,
    two_milestones,
    typed,
)
from tests.stage import BRIEF, CONTRACT, MIRA, Stage, until


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_ladder_that_lost_nothing_does_not_go_on_from_the_old_end(
    stage: Stage, tmp_path: Path, *, restarted: bool
) -> None:
    """Else what another ladder lost could never stand again as it stood."""
    yesterday = tmp_path / "yesterday.sqlite"
    await stage.register(two_milestones(stage))
    await stage.move(stage.due)
    back_up(stage, yesterday)
    await stage.act("confirm", MIRA)
    stood, before = lines(stage), {stream: stage.entries(stream) for stream in BOTH}
    if restarted:
        await stage.stop_worker()
    put_back(stage, yesterday)
    if restarted:
        await stage.start_worker()
    await stage.virtual.jump(alarm(stage) + timedelta(minutes=2))
    await until(lambda: is_blocked(stage, "ppap/1"))
    assert len(lines(stage)) == len(stood) - 1
    assert (await typed(stage, CONTRACT, yes=True))[0] == 0
    assert lines(stage)[: len(stood)] == stood
    await goes_on(stage, before)


async def test_a_message_under_way_waits_for_the_ledger_and_is_not_parked(
    stage: Stage, tmp_path: Path
) -> None:
    """What it says stands in an entry that the ledger has lost; it goes out once that is back."""
    yesterday = tmp_path / "yesterday.sqlite"

    async def away(_letter: Letter) -> None:
        raise NotSent("away", timedelta(minutes=2))

    stage.mailbox.trouble = away
    await stage.register(stage.terms(ladder=BRIEF))
    back_up(stage, yesterday)
    await stage.virtual.jump(stage.due.replace(hour=9))
    await until(lambda: "delivery.asked" in stage.kinds())
    put_back(stage, yesterday)
    await stage.virtual.jump(stage.virtual.now + timedelta(minutes=5))
    stage.mailbox.trouble = None
    assert (await typed(stage, yes=True))[0] == 0
    await stage.virtual.jump(stage.virtual.now + timedelta(minutes=3))
    await until(lambda: not stage.state().outbox)
    assert [entry.body.kind for entry in stage.entries()][-1] == "message.posted"
    assert "message.parked" not in {entry.body.kind for entry in stage.entries()}
    assert len(stage.mailbox.letters) == 1


async def test_a_registration_that_the_ledger_lost_is_not_refused(
    stage: Stage, tmp_path: Path
) -> None:
    """Its request came back with the backup; it is answered once the ledger is mended."""
    yesterday = tmp_path / "yesterday.sqlite"
    await stage.stop_worker()
    office = stage.office
    desk = Desk(stage.client, office.casebook, office.inbox, office.clock, timedelta(seconds=1))
    terms = stage.terms(ladder=BRIEF)
    with pytest.raises(NotAppliedYet):
        await desk.register(terms, world.SOURCE, Doer(via="cli"))
    back_up(stage, yesterday)
    await stage.start_worker()
    await until(lambda: not office.inbox.unsettled())
    stood = lines(stage)
    put_back(stage, yesterday)
    assert await desk.drain() == 1
    assert (await typed(stage, yes=True))[0] == 0
    assert await desk.drain() == 0
    assert lines(stage) == stood
    await desk.register(terms, world.SOURCE, Doer(via="cli"))
