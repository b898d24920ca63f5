"""Whole ladders on a real server, in virtual time, each to one of its ends."""

from __future__ import annotations

from datetime import timedelta

from ladders import entries as kinds
from tests.stage import BRIEF, CARLA, CONTRACT, JONAS, MIRA, Stage, until
from tests.world import pick


async def _settled(stage: Stage) -> str:
    """How the contract has settled its milestone, once it has."""
    await stage.ladder().result()
    await until(lambda: stage.kinds("contract")[-1] == "milestone.settled")
    return pick(stage.entries("contract"), kinds.MilestoneSettled)[-1][1].outcome


async def test_a_ladder_nobody_answers_climbs_to_its_end_and_goes_on_asking(stage: Stage) -> None:
    """Ninety days of silence: every rung once, the climb ended, a weekly question after it."""
    await stage.register()
    await stage.move(stage.due + timedelta(days=100))
    found = stage.kinds()
    assert found.count("rung.opened") == 6
    assert found.count("climb.ended") == 1
    assert found.count("decision.asked") == 1
    assert stage.state().outbox == ()
    await until(stage.agrees)


async def test_a_cured_ladder_closes_and_settles_its_milestone(stage: Stage) -> None:
    """Tendered and accepted: the ladder's workflow ends, and its contract knows."""
    await stage.missed()
    await stage.move(stage.due + timedelta(days=5))
    await stage.act("tender", MIRA, delivered=(stage.due + timedelta(days=4)).date())
    await stage.act("accept", CARLA)
    assert await _settled(stage) == "cured"
    assert stage.mailbox.letters[-1].key.endswith(f">{stage.person(MIRA)}")
    assert stage.state().outbox == ()


async def test_a_delivery_accepted_before_the_due_date_averts_the_miss(stage: Stage) -> None:
    """Reported early, tendered and accepted: nothing was missed, and no rung ever opened."""
    await stage.register(stage.terms(ladder=BRIEF))
    assert await stage.desk.begin(CONTRACT, "tooling") == "tooling/1"
    await until(lambda: bool(stage.entries()))
    await stage.act("tender", MIRA, delivered=stage.started.date())
    await stage.act("accept", CARLA)
    assert await _settled(stage) == "averted"
    assert stage.kinds() == ["ladder.opened", "cure.tendered", "cure.accepted"]


async def test_a_ladder_opened_in_error_is_withdrawn(stage: Stage) -> None:
    """The authority withdraws: closed, and neither cured nor averted."""
    await stage.missed()
    await stage.act("withdraw", CARLA, note="the milestone was amended")
    assert await _settled(stage) == "withdrawn"
    assert stage.kinds()[-1] == "ladder.withdrawn"


async def test_silence_about_the_due_date_becomes_a_presumed_miss(stage: Stage) -> None:
    """Asked, reminded, unanswered: the miss is presumed, and counts from the due date."""
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.move(stage.due)
    state = stage.state()
    presumed_at = state.presumption(state.due_close)
    await stage.move(presumed_at - timedelta(minutes=1))
    assert "milestone.missed" not in stage.kinds()
    await stage.move(presumed_at)
    entry, missed = pick(stage.entries(), kinds.MilestoneMissed)[0]
    assert missed.because == "presumed"
    assert entry.deemed_at == state.due_close
    assert entry.occurred_at - presumed_at < timedelta(minutes=1)


async def test_a_tender_rejected_after_the_due_date_is_a_miss(stage: Stage) -> None:
    """Tendered on the due date, rejected the day after: missed, and the ladder climbs."""
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.move(stage.due)
    await stage.act("tender", MIRA, delivered=stage.due.date())
    await stage.move(stage.due + timedelta(days=1))
    assert "milestone.missed" not in stage.kinds()
    await stage.act("reject", CARLA, note="dimension 14 is out of tolerance")
    await stage.move(stage.due + timedelta(days=1, minutes=1))
    assert pick(stage.entries(), kinds.MilestoneMissed)[0][1].because == "rejected"
    assert stage.kinds()[-1] == "rung.opened"


async def test_escalating_opens_the_next_rung_at_once(stage: Stage) -> None:
    """The owner need not wait for day fourteen, and the rung's owner is told."""
    await stage.missed()
    await stage.act("escalate", MIRA, note="the supplier does not answer")
    await stage.move(stage.due + timedelta(days=1, minutes=1))
    entry, opened = pick(stage.entries(), kinds.RungOpened)[-1]
    assert (opened.rung, opened.owner) == ("audit", stage.person(JONAS))
    scheduled = stage.state().scheduled(1)
    assert scheduled is not None
    assert entry.occurred_at < scheduled - timedelta(days=10)
    assert stage.mailbox.letters[-1].address == JONAS
