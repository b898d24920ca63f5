"""A ladder in its contract's channel: one board that is always current, and a thread below it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ladders.entries import MessageDropped, MessageParked, MessagePosted
from tests import world
from tests.stage import CARLA, CONTRACT, MIRA, Mailbox, until
from tests.workflows.scene import Scene, answers
from tests.world import pick


async def test_one_board_below_which_every_fact_stands_in_order(scene: Scene) -> None:
    """Nobody is pinged there; whoever is asked is told in person, with a link to the board."""
    await scene.missed()
    (board,) = scene.boards()
    assert {reply.thread_ts for reply in scene.replies()} == {board.ts}
    assert [reply.key for reply in scene.replies()] == scene.facts()
    assert "<@" not in str([each.blocks for each in scene.slack.messages(scene.room)])
    assert all(f"/archives/{scene.room.id}/" in str(each.blocks) for each in scene.told(scene.mira))


async def test_the_board_is_always_current(scene: Scene) -> None:
    """It asks what is asked now, of whom; once the ladder is closed it asks nothing."""
    stage = scene.stage
    await scene.missed()
    await until(lambda: "rung 1 of 2" in scene.boards()[0].text)
    assert answers(scene.boards()[0])[0] == "Action done…"
    await stage.act("tender", MIRA, delivered=stage.due.date())
    await until(lambda: answers(scene.boards()[0])[:2] == ["Accept…", "Reject…"])
    await stage.act("accept", CARLA)
    await until(lambda: "closed as withdrawn" in scene.boards()[0].text)
    assert answers(scene.boards()[0]) == []


async def test_answers_that_were_given_elsewhere_are_taken_away(scene: Scene) -> None:
    """The message that asked says who answered, and offers nothing any more."""
    stage = scene.stage
    await scene.missed()
    asked = scene.told(scene.mira)[-1]
    assert "Action done…" in answers(asked)
    await stage.act("complete", MIRA, note="recovery plan demanded")

    def is_over() -> bool:
        shown = next(each for each in scene.told(scene.mira) if each.ts == asked.ts)
        return answers(shown) == [] and "recovery plan demanded" in str(shown.blocks)

    await until(is_over)


async def test_what_was_acknowledged_is_not_offered_again(scene: Scene) -> None:
    """Neither on the board nor in the message that asked, which says by whom and how long."""
    await scene.missed()
    asked = scene.told(scene.mira)[-1]
    assert "Acknowledge" in answers(asked)
    await scene.stage.act("acknowledge", MIRA)

    def is_seen() -> bool:
        shown = next(each for each in scene.told(scene.mira) if each.ts == asked.ts)
        return "Acknowledge" not in answers(shown) and "no reminder before" in shown.text

    await until(is_seen)
    assert [each for each in answers(asked) if each != "Acknowledge"] == answers(
        next(each for each in scene.told(scene.mira) if each.ts == asked.ts)
    )
    assert "Acknowledge" not in answers(scene.boards()[0])


async def test_a_board_that_somebody_deletes_is_posted_anew(scene: Scene) -> None:
    """The loss is on record; what follows hangs on the new one, and nothing is said twice."""
    stage = scene.stage
    await scene.missed()
    scene.slack.delete(scene.room, scene.boards()[0].ts)
    await stage.act("note", CARLA, note="both managements meet on Monday")
    await until(lambda: len(scene.boards()) == 1 and not stage.state().outbox)
    kinds = [entry.body.kind for entry in stage.entries()]
    assert kinds.count("message.lost") == 1
    (board,) = scene.boards()
    last = scene.replies()[-1]
    assert (last.thread_ts, "both managements meet" in last.text) == (board.ts, True)
    keys = scene.slack.posted_keys()
    assert len(keys) == len(set(keys))


async def test_boards_that_can_never_be_changed_do_not_pile_up(scene: Scene) -> None:
    """After the second one a ladder waits for hours before it posts another."""
    stage = scene.stage
    scene.slack.fail("chat.update", "edit_window_closed", times=1000)
    await stage.register(scene.terms())
    await stage.desk.begin(CONTRACT, "tooling")
    await stage.act("note", CARLA, note="before the second board")
    await until(lambda: stage.state().boards == 2 and not stage.state().outbox)
    await stage.act("note", CARLA, note="before the third")
    await until(lambda: stage.state().boards == 3 and not stage.state().outbox)
    await stage.act("note", CARLA, note="and no other")
    await until(lambda: not stage.state().outbox)
    await asyncio.sleep(2)
    assert stage.state().boards == 3
    assert [reply.key for reply in scene.replies()] == scene.facts()
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=7))
    await until(lambda: stage.state().boards == 4)


async def test_nothing_is_written_where_outsiders_read_by_now(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """A channel that is shared later: its board stays as it was, and people are told in person.

    What they are offered goes on being what can be answered, while the board is left alone.
    """
    stage = scene.stage
    await scene.missed()
    await until(lambda: "rung 1 of 2" in scene.boards()[0].text)
    before = scene.slack.messages(scene.room)
    scene.slack.share(scene.room)
    await scene.restart(scene.channel())
    await stage.act("tender", MIRA, delivered=stage.due.date())
    await until(lambda: len(scene.told(scene.carla)) == 2)
    await until(lambda: bool(stage.state().parked))
    await until(lambda: "show of ladder" in caplog.text)
    assert scene.slack.messages(scene.room) == before
    await stage.act("accept", CARLA)
    await until(lambda: not any(map(answers, scene.told(scene.carla))))
    assert scene.slack.messages(scene.room) == before


@pytest.mark.parametrize("room", ["refuses", None])
async def test_without_a_board_people_are_offered_what_can_be_answered_all_the_same(
    scene: Scene, room: str | None
) -> None:
    """Where nobody has let us in, and where the contract names no channel at all."""
    stage, terms = scene.stage, scene.terms()
    if room is None:
        terms = terms.model_copy(update={"slack_channel": None})
    scene.slack.remove_bot(scene.room)
    await stage.register(terms)
    await stage.virtual.jump(stage.due)
    await until(lambda: len(scene.told(scene.mira)) == 1)
    assert "Delivered…" in answers(scene.told(scene.mira)[0])
    await stage.act("withdraw", CARLA, note="entered by mistake")
    await until(lambda: answers(scene.told(scene.mira)[0]) == [])
    assert "entered by mistake" in str(scene.told(scene.mira)[0].blocks)


async def test_a_room_that_refuses_keeps_nobody_from_being_told(scene: Scene) -> None:
    """What is said there waits, in order, until somebody lets us in; people are told meanwhile."""
    stage = scene.stage
    scene.slack.remove_bot(scene.room)
    await stage.register(scene.terms())
    await stage.virtual.jump(stage.due)
    await until(lambda: len(scene.told(scene.mira)) == 1)
    await until(lambda: bool(stage.state().parked))
    assert scene.slack.messages(scene.room) == []
    scene.slack.invite_bot(scene.room)
    await scene.restart(scene.channel())
    await stage.virtual.jump(stage.due + timedelta(hours=13))
    await until(lambda: not stage.state().outbox)
    assert [reply.key for reply in scene.replies()] == scene.facts()


async def test_slack_down_for_long_loses_nothing_and_stops_no_clock(scene: Scene) -> None:
    """Deadlines fall where they were; what waits is parked after an hour; then all is said once."""
    stage = scene.stage
    await scene.missed()
    deadline = stage.state().rungs[0].deadline
    assert deadline is not None
    await stage.move(deadline - timedelta(hours=5))
    scene.slack.pause()
    await stage.act("note", CARLA, note="nobody hears this yet")
    await stage.virtual.jump(deadline + timedelta(minutes=1))
    await until(lambda: "rung.silent" in stage.kinds())
    silent = next(e for e in stage.course() if e.body.kind == "rung.silent")
    assert silent.occurred_at - silent.deemed_at < timedelta(minutes=1)
    await until(lambda: bool(stage.state().parked))
    assert {body.problem for _, body in pick(stage.entries(), MessageParked)} == {"unreachable"}
    scene.slack.resume()
    await stage.virtual.jump(deadline + timedelta(hours=9))
    await until(lambda: not stage.state().outbox)
    keys = scene.slack.posted_keys()
    assert len(keys) == len(set(keys))
    recorded = [f"{CONTRACT}/{body.message}" for _, body in pick(stage.entries(), MessagePosted)]
    assert sorted(recorded) == sorted(keys)
    assert [reply.key for reply in scene.replies()] == scene.facts()


async def test_while_slack_is_away_people_are_told_by_mail(scene: Scene) -> None:
    """After an hour, once, and not again when Slack is back; the room is told then."""
    stage = scene.stage
    stage.fallback = post = Mailbox(surface="email")
    await stage.stop_worker()
    await stage.start_worker()
    await stage.register(scene.terms())
    scene.slack.pause()
    await stage.virtual.jump(stage.due)
    await stage.virtual.jump(stage.due + timedelta(hours=2))
    await until(lambda: [letter.address for letter in post.letters] == [MIRA])
    scene.slack.resume()
    await stage.virtual.jump(stage.due + timedelta(hours=9))
    await until(lambda: not stage.state().outbox)
    assert scene.told(scene.mira) == []
    assert [reply.key for reply in scene.replies()] == scene.facts()
    posted = {body.topic: body for _, body in pick(stage.entries(), MessagePosted)}
    assert (posted["question"].channel, posted["question"].instead) == ("mailbox", "unreachable")
    assert posted["ladder"].channel == "slack"


async def asked_at_midnight(scene: Scene) -> datetime:
    """The question of the due date is asked at nine in Berlin, when it is midnight for Mira.

    Returns when that is; the room has heard of it by then, and nobody was pinged.
    """
    stage, private = scene.stage, scene.stage.office.private
    private.remember_slack(
        scene.slack.team, scene.mira.id, private.identify(MIRA), "America/Los_Angeles"
    )
    due = stage.due.date()
    while not world.CALENDAR.is_business_day(due):
        # Whatever day it is today: on a day that is not worked nobody is pinged at all.
        due += timedelta(days=1)
    await stage.register(scene.terms(quiet_hours="20:00-07:00", due=due))
    asks = world.CALENDAR.opening(due)
    await stage.virtual.jump(asks + timedelta(minutes=1))
    await until(lambda: len(scene.replies()) == 1)
    assert scene.told(scene.mira) == []
    return asks.astimezone(UTC)


async def test_nobody_is_pinged_in_quiet_hours_but_the_room_is_told(scene: Scene) -> None:
    """The ping waits for the morning, the deadline does not."""
    opening = await asked_at_midnight(scene) + timedelta(hours=7)
    await scene.stage.virtual.jump(opening + timedelta(minutes=5))
    await until(lambda: len(scene.told(scene.mira)) == 1)
    assert "due today" in scene.told(scene.mira)[0].text


async def test_a_question_answered_in_quiet_hours_is_not_asked_any_more(scene: Scene) -> None:
    """It is dropped; the room has heard the answer, and nobody is pinged for it in the morning."""
    stage = scene.stage
    await asked_at_midnight(scene)
    await stage.act("confirm", CARLA)
    await until(lambda: not stage.state().outbox)
    assert scene.told(scene.mira) == []
    dropped = [body.topic for _, body in pick(stage.entries(), MessageDropped)]
    assert dropped == ["question"]


async def test_whom_slack_cannot_reach_is_told_by_mail_and_the_ledger_says_why(
    scene: Scene,
) -> None:
    """The owner has no account; what is asked of them goes out the other way, once."""
    stage = scene.stage

    stage.fallback = post = Mailbox(surface="email")
    await stage.stop_worker()
    await stage.start_worker()
    terms = scene.terms()
    people = tuple(p.model_copy(update={"slack": None}) for p in terms.people)
    await stage.register(terms.model_copy(update={"people": people}))
    await stage.move(stage.due)
    assert [letter.address for letter in post.letters] == [MIRA]
    assert "holdfast act" not in post.letters[0].text
    (posted,) = (
        body for _, body in pick(stage.entries(), MessagePosted) if body.topic == "question"
    )
    assert (posted.channel, posted.instead) == ("mailbox", "no_slack_identity")
