"""A channel that fails: no failure to send stops a clock, and no message is lost or sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from channels.message import ChannelError, Gone, Letter, Malformed, NotSent, Parked
from desk.retrying import try_again
from ladders.entries import MessageDropped, MessageParked, MessagePosted
from ladders.prose import Prose
from tests.stage import BRIEF, CARLA, CONTRACT, Stage, silent_course, until
from tests.world import pick
from workflows.painter import BOARDS_AT_ONCE

_DOWN = NotSent("slack-away", timedelta(days=2))
_PROMPTLY = timedelta(seconds=5)


def _raising(error: ChannelError) -> Callable[[Letter], Awaitable[None]]:
    async def trouble(_letter: Letter) -> None:
        raise error

    return trouble


async def _delivered(stage: Stage) -> None:
    """Mend the channel, and wait until nothing is owed any more."""
    stage.mailbox.trouble = None
    await stage.virtual.jump(stage.virtual.now + timedelta(days=2, minutes=1))
    await until(lambda: not stage.state().outbox)


async def test_a_channel_that_is_down_for_weeks_delays_nothing(stage: Stage) -> None:
    """Every entry at the instant it would have had, and in the end every message settled once."""
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.move(stage.due)
    before = stage.entries()
    stage.mailbox.trouble = _raising(_DOWN)
    end = stage.due + timedelta(days=24)
    await stage.virtual.jump(end)
    expected = silent_course(before, end)
    await until(lambda: len(stage.course()) - len(before) >= len(expected) - 1)
    found = [entry for entry in stage.course() if entry not in before]
    assert [entry.key for entry in found] == [entry.key for entry in expected]
    for entry, planned in zip(found, expected, strict=True):
        assert timedelta(0) <= entry.occurred_at - planned.occurred_at < _PROMPTLY
    await _delivered(stage)
    owed = [message.key for entry in stage.entries() for message in entry.body.tell]
    sent = [body.message for _, body in pick(stage.entries(), MessagePosted)]
    dropped = [body.message for _, body in pick(stage.entries(), MessageDropped)]
    assert sorted(owed) == sorted([*sent, *dropped])
    assert [letter.key.split("/", 1)[1] for letter in stage.mailbox.letters] == sent
    await until(stage.agrees)


@pytest.mark.parametrize("error", [Parked("not_in_channel"), Malformed("invalid_blocks")])
async def test_a_message_that_cannot_be_sent_is_parked_once_and_sent_once_mended(
    stage: Stage, error: ChannelError
) -> None:
    """Each is recorded as parked once, however often it is tried, and then as posted."""
    await stage.missed()
    stage.mailbox.trouble = _raising(error)
    await stage.act("escalate", "p-mira@ardent.example", note="no answer")
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=26))
    parked = [body for _, body in pick(stage.entries(), MessageParked)]
    assert {body.problem for body in parked} == {error.code}
    assert stage.state().parked == tuple(dict.fromkeys(body.message for body in parked))
    assert len(parked) == len(stage.state().parked)
    await until(stage.agrees)
    await _delivered(stage)
    posted = [body.message for _, body in pick(stage.entries(), MessagePosted)]
    assert posted.count(parked[0].message) == 1
    assert stage.state().parked == ()


async def test_a_parked_message_is_tried_at_once_when_told_that_all_is_mended(
    stage: Stage,
) -> None:
    """Without waiting for the hours that a parked message rests."""
    await _parked(stage)
    stage.mailbox.trouble = None
    before = stage.virtual.now
    assert await try_again(stage.client, stage.office) == 1
    await until(lambda: not stage.state().parked)
    assert stage.virtual.now - before < timedelta(hours=1)


async def test_a_board_that_is_lost_and_refused_blocks_nothing(stage: Stage) -> None:
    """A reply rests, then its board is gone, then the new one is refused: the ladder goes on."""
    refusals: list[ChannelError] = [Parked("not_in_channel"), Gone("thread_gone")]

    async def trouble(letter: Letter) -> None:
        if letter.to is None and letter.thread is None and not refusals:
            raise Parked("is_archived")
        if letter.to is None and letter.thread is not None:
            raise refusals.pop(0) if refusals else Parked("is_archived")

    terms = stage.terms(ladder=BRIEF).model_copy(update={"slack_channel": Prose("#room")})
    await stage.register(terms)
    await stage.move(stage.due - timedelta(hours=12))
    await stage.desk.begin(CONTRACT, "tooling")
    await until(lambda: stage.state().board is not None)
    stage.mailbox.trouble = trouble
    await stage.act("note", CARLA, note="one")
    await until(lambda: bool(stage.state().parked))
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=7))
    await until(lambda: stage.state().boards == 2 and len(stage.state().parked) == 2)
    await stage.act("note", CARLA, note="two")
    assert stage.kinds().count("note.added") == 2
    stage.mailbox.trouble = None
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=7))
    await until(lambda: not stage.state().outbox)


async def test_a_ladder_that_is_gone_is_told_nothing(stage: Stage) -> None:
    """Temporal has lost it: that is for others to mend."""
    await _parked(stage)
    await stage.ladder().terminate()
    assert await try_again(stage.client, stage.office) == 0


async def _parked(stage: Stage) -> None:
    """Let a message be parked."""
    await stage.missed()
    stage.mailbox.trouble = _raising(Parked("not_in_channel"))
    await stage.act("escalate", "p-mira@ardent.example", note="no answer")
    await until(lambda: bool(stage.state().parked))
    stage.office.standings.catch_up()


async def test_a_message_that_events_have_overtaken_is_dropped_on_record(stage: Stage) -> None:
    """The question of the due date is no longer put once the miss is known."""
    stage.mailbox.trouble = _raising(_DOWN)
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.virtual.jump(stage.due)
    await until(lambda: "delivery.asked" in stage.kinds())
    await stage.act("confirm", "p-mira@ardent.example")
    await stage.virtual.jump(stage.due + timedelta(days=1))
    await until(lambda: bool(pick(stage.entries(), MessageDropped)))
    [(_, dropped)] = pick(stage.entries(), MessageDropped)
    assert dropped.because == "superseded"
    assert "delivery.asked" in dropped.message


async def test_an_attempt_under_way_that_fails_when_overtaken_is_no_parked_message(
    stage: Stage,
) -> None:
    """Withdrawn while a message is being sent: that it failed too no longer matters."""
    await stage.missed()
    attempted, fail = asyncio.Event(), asyncio.Event()

    async def trouble(_letter: Letter) -> None:
        attempted.set()
        await fail.wait()
        raise _DOWN

    stage.mailbox.trouble = trouble
    await stage.act("escalate", "p-mira@ardent.example", note="no answer")
    await attempted.wait()
    await stage.act("withdraw", CARLA, note="entered twice")
    stage.mailbox.trouble = None
    fail.set()
    await stage.ladder().result()
    [(_, dropped)] = pick(stage.entries(), MessageDropped)
    assert (dropped.because, "rung/audit" in dropped.message) == ("superseded", True)
    assert not pick(stage.entries(), MessageParked)


async def test_what_is_mended_during_an_attempt_is_tried_again_after_it(stage: Stage) -> None:
    """Boards are lost one after another, so the next would be hours away; then that is mended."""
    attempted, fail = asyncio.Event(), asyncio.Event()

    async def trouble(letter: Letter) -> None:
        if letter.thread is None or fail.is_set():
            return
        if stage.state().boards > BOARDS_AT_ONCE:
            attempted.set()
            await fail.wait()
        raise Gone("thread_gone")

    stage.mailbox.surface, stage.mailbox.trouble = "slack", trouble
    room = {"slack_channel": Prose("#escalations"), "quiet_hours": "none"}
    await stage.register(stage.terms(ladder=BRIEF).model_copy(update=room))
    await stage.desk.begin(CONTRACT, "tooling")
    await stage.act("note", CARLA, note="somebody deletes every board")
    await attempted.wait()
    await stage.ladder().signal("mended")
    fail.set()
    await until(lambda: not stage.state().outbox)
    assert stage.state().boards == BOARDS_AT_ONCE + 1


@pytest.mark.parametrize("error", [_DOWN, Parked("account_inactive")])
async def test_the_last_word_is_given_up_a_week_after_the_close(
    stage: Stage, error: ChannelError
) -> None:
    """A ladder is not kept for ever by a channel that nobody mends."""
    await stage.missed()
    stage.mailbox.trouble = _raising(error)
    await stage.act("withdraw", CARLA, note="entered twice")
    await stage.virtual.jump(stage.due + timedelta(days=7))
    assert len(stage.state().outbox) == 1
    await stage.virtual.jump(stage.due + timedelta(days=9))
    await stage.ladder().result()
    entry, dropped = pick(stage.entries(), MessageDropped)[-1]
    assert (stage.entries()[-1], dropped.because) == (entry, "given up")
    closing = stage.state().closing
    assert closing is not None
    assert timedelta(days=7) <= entry.occurred_at - closing.at < timedelta(days=7, hours=7)
