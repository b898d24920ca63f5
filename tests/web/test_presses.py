"""Buttons: each press is safe before Slack is answered, counts once, and is always answered."""

from __future__ import annotations

import asyncio

from ladders import entries as kinds
from tests.web.people import Floor, words
from tests.world import pick


async def test_a_press_that_needs_no_form_is_recorded_and_answered(floor: Floor) -> None:
    """Slack is answered at once with nothing, the person beside the button with the entry."""
    await floor.stage.missed()
    answer = await floor.press(floor.mira, "acknowledge")
    assert (answer.status, answer.text) == (200, "")
    told = await floor.told()
    [(entry, _)] = pick(floor.stage.entries(), kinds.RungAcknowledged)
    assert (entry.by.authenticated_by, entry.by.via) == ("slack", "slack")
    assert entry.by.actor == floor.stage.person(floor.mira.email)
    assert "Recorded as entry" in words(told.blocks)
    assert "Asked now: the owner" in words(told.blocks)
    assert told.user == floor.mira.id
    assert answer.seconds < 3


async def test_the_same_body_again_is_the_same_click(floor: Floor) -> None:
    """Replayed one after the other and all at once: one entry, and each sender hears of it."""
    await floor.stage.missed()
    await floor.press(floor.mira, "acknowledge")
    for _ in range(2):
        again = [asyncio.to_thread(floor.clicks.replay) for _ in range(3)]
        assert {each.status for each in await asyncio.gather(*again)} == {200}
    await floor.told(7)
    assert len(pick(floor.stage.entries(), kinds.RungAcknowledged)) == 1
    assert all("Recorded as entry" in words(each.blocks) for each in floor.slack.ephemerals)
