"""Whole ladders on a real server, in virtual time."""

from __future__ import annotations

from datetime import timedelta

from tests.stage import Stage

MIRA, CARLA = "p-mira@ardent.example", "p-carla@ardent.example"


async def test_a_ladder_nobody_answers_climbs_to_its_end_and_goes_on_asking(stage: Stage) -> None:
    """Ninety days of silence: every rung once, the climb ended, a weekly question after it."""
    await stage.register()
    await stage.move(stage.due + timedelta(days=100))
    kinds = stage.kinds()
    assert kinds.count("rung.opened") == 6
    assert kinds.count("climb.ended") == 1
    assert kinds.count("decision.asked") == 1
    assert stage.state().outbox == ()
    assert await stage.ladder().query("state", result_type=type(stage.state())) == stage.state()


async def test_a_cured_ladder_closes_and_settles_its_milestone(stage: Stage) -> None:
    """Tendered and accepted: the ladder's workflow ends, and its contract knows."""
    await stage.register()
    await stage.move(stage.due + timedelta(days=5))
    await stage.act("tender", MIRA, delivered=(stage.due + timedelta(days=4)).date())
    await stage.act("accept", CARLA)
    await stage.ladder().result()
    await stage.move(stage.due + timedelta(days=6))
    assert stage.kinds("contract")[-1] == "milestone.settled"
    assert [letter.subject for letter in stage.mailbox.letters][-1]
