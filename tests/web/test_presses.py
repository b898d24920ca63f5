"""Buttons: each press is safe before Slack is answered, counts once, and is always answered."""

from __future__ import annotations

import asyncio

from desk.settled import Settled
from ladders import entries as kinds
from tests.slack.shapes import live_text
from tests.stage import CARLA, JONAS, MIRA, until
from tests.web.people import CONTRACT, Floor, words
from tests.world import pick


def refusals(floor: Floor) -> list[str]:
    """What the inbox keeps as refused, in the order of receipt."""
    rows = floor.stage.office.inbox.recent(floor.stage.started)
    settled = [Settled.model_validate_json(row.answer) for row in rows if row.answer]
    return [each.refused for each in settled if each.refused is not None]


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


async def test_the_same_body_again_is_the_same_click(floor: Floor) -> None:
    """Replayed one after the other and all at once: one entry, and each sender hears of it."""
    await floor.stage.missed()
    await floor.press(floor.mira, "acknowledge")
    assert (await asyncio.to_thread(floor.clicks.replay)).status == 200
    again = [asyncio.to_thread(floor.clicks.replay) for _ in range(3)]
    assert {each.status for each in await asyncio.gather(*again)} == {200}
    await floor.told(5)
    assert len(pick(floor.stage.entries(), kinds.RungAcknowledged)) == 1
    assert all("Recorded as entry" in words(each.blocks) for each in floor.slack.ephemerals)


async def test_a_double_click_is_one_click(floor: Floor) -> None:
    """Pressed twice in a moment: one entry; pressed again later: another."""
    await floor.stage.missed()
    board = await floor.board()
    await asyncio.gather(*(floor.press(floor.mira, "acknowledge", board) for _ in range(2)))
    await floor.told(2)
    assert len(pick(floor.stage.entries(), kinds.RungAcknowledged)) == 1
    floor.slack.later(60)
    await floor.press(floor.mira, "acknowledge", board)
    await floor.told(3)
    assert len(pick(floor.stage.entries(), kinds.RungAcknowledged)) == 2


async def test_a_stale_button_says_what_happened_and_what_is_asked_now(floor: Floor) -> None:
    """Who did what, when, in the contract's own time; nothing is changed."""
    await floor.stage.missed()
    old = await floor.board()
    await floor.stage.act("escalate", MIRA, note="it cannot wait")
    await until(lambda: floor.stage.kinds()[-1] == "rung.opened")
    before = floor.stage.kinds()
    await floor.press(floor.mira, "escalate", old)
    told = words((await floor.told()).blocks)
    assert "Not recorded: the opening of rung audit is not what is asked" in told
    assert f"Last on {CONTRACT}/tooling/1: {MIRA}" in told
    assert "it cannot wait" in told
    assert "(Europe/Berlin)" in told
    assert "UTC" not in told
    assert f"Asked now: the lead {JONAS}, until" in told
    assert floor.stage.kinds() == before
    assert len(refusals(floor)) == 1
    assert floor.slack.views == []


async def test_a_button_of_a_closed_ladder_says_who_closed_it(floor: Floor) -> None:
    """The workflow has ended; the ledger answers (law 15)."""
    await floor.stage.missed()
    old = await floor.board()
    await floor.stage.act("withdraw", CARLA, note="never missed")
    await floor.stage.ladder().result()
    await floor.press(floor.mira, "acknowledge", old)
    told = words((await floor.told()).blocks)
    assert "was closed as withdrawn at" in told
    assert CARLA in told
    assert "is closed as withdrawn. Nothing is asked." in told


async def test_somebody_of_the_roster_whose_turn_it_is_not_is_refused(floor: Floor) -> None:
    """By name; in the inbox it is kept by pseudonym, and nothing else is changed."""
    await floor.stage.missed()
    before = floor.stage.kinds()
    for action in ("acknowledge", "complete"):
        await floor.press(floor.jonas, action)
    told = words((await floor.told(2)).blocks)
    assert f"is not for {JONAS} to do on tooling/1" in told
    assert f"It is for the rung owner to do: {MIRA}" in told
    await until(lambda: len(refusals(floor)) == 2)
    assert all(floor.stage.person(JONAS) in each for each in refusals(floor))
    assert floor.stage.kinds() == before


async def test_strangers_are_refused_recorded_and_told_whom_to_ask(floor: Floor) -> None:
    """Of no roster, a guest, of another workspace: a button at once, and one with a form."""
    await floor.stage.missed()
    slack, before = floor.slack, floor.stage.kinds()
    strangers = [
        slack.add_user("nobody@ardent.example"),
        slack.add_user(CARLA, guest=True, name="Guest"),
        slack.add_user(MIRA, stranger=True, name="Other"),
    ]
    for user in strangers:
        slack.workspace.channels[floor.room.id].members.append(user.id)
    for count, user in enumerate(strangers):
        await floor.press(user, "acknowledge")
        await floor.told(2 * count + 1)
        await floor.press(user, "complete")
        told = words((await floor.told(2 * count + 2)).blocks)
        assert f"you are not on the roster of {CONTRACT}" in told
        assert f"owner {MIRA}" in told
        assert slack.views == []
    assert len(refusals(floor)) == 6
    assert floor.stage.kinds() == before
    identities = [f"slack:{user.team}:{user.id}".lower() for user in strangers]
    private = floor.stage.office.private
    kept = {private.identity_of(ref) for ref in map(private.identify, identities)}
    assert kept == set(identities)


async def test_the_same_id_in_another_workspace_is_somebody_else(floor: Floor) -> None:
    """Known here as Mira; a payload that names another workspace is a stranger's."""
    await floor.stage.missed()
    board = await floor.board()
    payload = floor.clicks.press_payload(floor.mira, floor.room, board.ts, "holdfast.acknowledge")
    await floor.press(floor.mira, "acknowledge", board)
    await floor.told()
    payload["user"]["team_id"] = "T0OTHER"
    await asyncio.to_thread(floor.clicks.deliver, payload)
    assert "you are not on the roster" in words((await floor.told(2)).blocks)
    assert len(pick(floor.stage.entries(), kinds.RungAcknowledged)) == 1


async def test_somebody_is_asked_about_once_and_then_remembered(floor: Floor) -> None:
    """The directory is asked at the first click alone."""
    await floor.stage.missed()
    board = await floor.board()
    for count in (1, 2):
        floor.slack.later(60)
        await floor.press(floor.mira, "acknowledge", board)
        await floor.told(count)
    assert len(floor.slack.called("users.info")) == 1
    known = floor.stage.office.private.slack_of(floor.stage.person(MIRA))
    assert known == (floor.slack.team, floor.mira.id, "Europe/Berlin")


async def test_a_form_that_slack_opens_no_more_is_explained(floor: Floor) -> None:
    """The trigger was too old: nothing is recorded, and the person is told to press again."""
    await floor.stage.missed()
    board = await floor.board()
    payload = floor.clicks.press_payload(floor.mira, floor.room, board.ts, "holdfast.complete")
    floor.slack.later(4)
    answer = await asyncio.to_thread(floor.clicks.deliver, payload)
    assert answer.status == 200
    told = words((await floor.told()).blocks)
    assert "Slack did not open the form: expired_trigger_id" in told
    assert floor.slack.views == []
    assert floor.stage.office.inbox.unsettled() == []


async def test_a_ladder_that_the_ledger_does_not_have_is_named(floor: Floor) -> None:
    """Such as of a button that is older than a restored backup."""
    await floor.stage.missed()
    board = await floor.board()
    payload = floor.clicks.press_payload(floor.mira, floor.room, board.ts, "holdfast.acknowledge")
    gone = {
        '{"contract":"KSS-2026-014","stream":"ppap/1"}': "has no ladder",
        '{"contract":"NOPE-1","stream":"ppap/1"}': "is not registered",
    }
    for count, (value, told) in enumerate(gone.items(), 1):
        payload["actions"][0]["value"] = value
        answer = await asyncio.to_thread(floor.clicks.deliver, payload)
        assert answer.status == 200
        assert told in words((await floor.told(count)).blocks)


async def test_an_answer_whose_place_is_gone_comes_as_a_message(floor: Floor) -> None:
    """Where the address to answer at is used up, or is none of Slack's, the bot writes."""
    await floor.stage.missed()
    board = await floor.board()
    payload = floor.clicks.press_payload(floor.mira, floor.room, board.ts, "holdfast.acknowledge")
    payload["response_url"] = "https://elsewhere.example/hook"
    await asyncio.to_thread(floor.clicks.deliver, payload)
    await until(lambda: len(floor.slack.messages(floor.slack.dm(floor.mira))) == 1)
    assert floor.slack.ephemerals == []


async def test_what_people_and_contracts_say_stays_inert_in_answers(floor: Floor) -> None:
    """Mentions, links and marks in a note fire in no answer that shows it."""
    await floor.stage.missed()
    old = await floor.board()
    nasty = "<!channel> <@U123> <https://evil.example|here> *bold* \u202e & `code`"
    await floor.stage.act("escalate", MIRA, note=nasty)
    await floor.press(floor.mira, "escalate", old)
    told = await floor.told()
    shown = live_text({"text": told.text, "blocks": told.blocks})
    assert not [text for text in shown if "<!" in text or "<@" in text or "<http" in text]
    assert "\u202e" not in words(told.blocks)


async def test_the_same_clicks_come_in_over_a_socket(socket_floor: Floor) -> None:
    """Acknowledged once it is safe, with no answer of its own; then told the outcome."""
    floor = socket_floor
    await floor.stage.missed()
    answer = await floor.press(floor.mira, "acknowledge")
    assert answer.text == ""
    assert "Recorded as entry" in words((await floor.told()).blocks)
    said = await floor.fill(floor.mira, "complete", note="done")
    assert "Recorded as entry" in said
    floor.slack.sockets.disconnect()
    await until(lambda: len(floor.slack.called("apps.connections.open")) > 1)
    # The SDK hears of it in two ways, and may connect once for each.
    await asyncio.sleep(1)
    await until(lambda: floor.slack.sockets.connections == 1)
    assert "Recorded" in await floor.fill(floor.mira, "tender", note="here it is")
