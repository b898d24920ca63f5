"""Slack and mail in trouble: one message that cannot be sent or changed holds up no other."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from channels import message as channel_message
from channels.message import ChannelError, Letter, NotSent, Parked, PerhapsSent
from channels.pacing import Pacing
from channels.slack import SlackChannel, slack_client
from ladders.entries import MessageParked, MessagePosted
from ladders.events import ActionName
from ledger.postings import Postings
from tests.slack.world import Posted
from tests.stage import CARLA, CONTRACT, MIRA, Mailbox, until
from tests.workflows.scene import NO_TIME, Scene, answers
from tests.world import pick


class Halting(SlackChannel):
    """The real channel, which a test may halt: at a board, at a reply, or at one message."""

    def __init__(self, scene: Scene) -> None:
        """Post to the scene's Slack."""
        memory = Postings(scene.stage.ledger.engine, lambda: datetime.now(UTC))
        client = slack_client(scene.slack.token, scene.slack.base_url)
        super().__init__(client, memory, Pacing(NO_TIME), look_again=NO_TIME)
        self.board = asyncio.Event()
        self.board.set()
        self.reply = asyncio.Event()
        self.reply.set()
        self.is_showing = asyncio.Event()
        self.is_replying = asyncio.Event()
        self.busy: timedelta | None = None
        self.slack = scene.slack
        self.losing: str | None = None
        self.has_lost = asyncio.Event()
        self.late = asyncio.Event()
        self.stuck: str | None = None
        self.failure: ChannelError = PerhapsSent("internal_error")

    async def show(self, letter: Letter, receipt: str) -> bool:
        """Change a message, unless it is halted or stuck."""
        if letter.to is None:
            self.is_showing.set()
            await self.board.wait()
        if receipt == self.stuck:
            raise self.failure
        return await super().show(letter, receipt)

    async def post(self, letter: Letter) -> channel_message.Posted:
        """Post, unless replies are halted, or the room is busy; or lose Slack's answer once."""
        if self.losing is not None and self.losing in letter.key:
            self.losing = None
            self.slack.fail("chat.postMessage", "lost")
            with pytest.raises(PerhapsSent) as lost:
                await super().post(letter)
            self.has_lost.set()
            await self.late.wait()
            raise lost.value
        if letter.thread is not None:
            self.is_replying.set()
            await self.reply.wait()
            if self.busy is not None:
                pause, self.busy = self.busy, None
                raise NotSent("ratelimited", pause)
        return await super().post(letter)


async def halting(scene: Scene) -> Halting:
    """A ladder past its miss, all told and shown, on a channel that can be halted."""
    channel = Halting(scene)
    await scene.restart(channel)
    await scene.missed()
    await until(lambda: "rung 1 of 2" in scene.boards()[0].text)
    return channel


async def lost_while_replying(
    scene: Scene, channel: Halting, busy: timedelta | None = None
) -> None:
    """Somebody deletes the board while its change is under way, and a reply to it.

    The reply has to wait for its turn, or finds the room ``busy`` and has to come again.
    """
    stage = scene.stage
    channel.board.clear()
    channel.is_showing.clear()
    await stage.act("acknowledge", MIRA)
    await until(lambda: not stage.state().outbox)
    await channel.is_showing.wait()
    scene.slack.delete(scene.room, scene.boards()[0].ts)
    channel.is_replying.clear()
    channel.busy = busy
    if busy is None:
        channel.reply.clear()
    await stage.act("note", CARLA, note="this belongs into the thread")
    await channel.is_replying.wait()
    channel.board.set()
    await until(lambda: stage.state().boards == 2)
    channel.reply.set()


async def all_said_in_one_thread(scene: Scene) -> None:
    """One board, and below it what had not been said before."""
    await until(lambda: not scene.stage.state().outbox)
    (board,) = scene.boards()
    last = scene.replies()[-1]
    assert (last.thread_ts, "this belongs into the thread" in last.text) == (board.ts, True)
    assert scene.stage.state().parked == ()


async def test_a_reply_to_a_board_that_is_lost_meanwhile_waits_for_the_new_one(
    scene: Scene,
) -> None:
    """It had its turn in a busy room; it stands in the thread, and is not parked."""
    await lost_while_replying(scene, await halting(scene))
    await all_said_in_one_thread(scene)


async def test_a_reply_tried_again_after_its_board_was_lost_is_not_posted_beside_it(
    scene: Scene,
) -> None:
    """Slack was busy; by the second attempt there is no board to hang it on."""
    await lost_while_replying(scene, await halting(scene), busy=timedelta(seconds=3))
    await all_said_in_one_thread(scene)


@pytest.mark.parametrize(
    ("deed", "left"),
    [("acknowledge", ["Action done…", "Delivered…", "Escalate now…", "More…"]), ("complete", [])],
)
async def test_who_answers_before_slack_does_is_not_asked_again(
    scene: Scene, deed: ActionName, left: list[str]
) -> None:
    """The message stands, Slack's answer to that is lost, and its reader does what it asks."""
    stage, channel = scene.stage, Halting(scene)
    await scene.restart(channel)
    await stage.register(scene.terms())
    await stage.move(stage.due)
    await stage.act("confirm", MIRA)
    channel.losing = "/rung/plan>p-"
    jumping = asyncio.create_task(stage.virtual.jump(stage.due + timedelta(days=1)))
    await channel.has_lost.wait()
    await stage.act(deed, MIRA, note="as it says")
    channel.late.set()
    await jumping
    await until(lambda: not stage.state().outbox)

    def asking() -> Posted:
        return next(each for each in scene.told(scene.mira) if "/rung/plan>p-" in (each.key or ""))

    await until(lambda: answers(asking()) == left)
    assert "as it says" in asking().text
    keys = scene.slack.posted_keys()
    assert len(keys) == len(set(keys))


async def test_one_message_that_cannot_be_changed_keeps_no_other_as_it_is(scene: Scene) -> None:
    """Slack fails for the first; the second and everybody else's show that all is closed."""
    stage, channel = scene.stage, await halting(scene)
    await stage.act("tender", MIRA, delivered=stage.due.date())
    await until(lambda: len(scene.told(scene.carla)) == 2 and not stage.state().outbox)
    first, _ = scene.told(scene.carla)
    channel.stuck = f"{scene.slack.dm(scene.carla).id}/{first.ts}"
    await stage.act("accept", CARLA)
    await until(lambda: not any(map(answers, scene.told(scene.mira))))
    await until(lambda: answers(scene.told(scene.carla)[1]) == [])
    assert answers(scene.told(scene.carla)[0]) != []
    channel.stuck = None
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=1))
    await until(lambda: not any(map(answers, scene.told(scene.carla))))
    await stage.ladder().result()


async def test_a_ladder_ends_though_a_message_can_never_be_changed(scene: Scene) -> None:
    """After a week it is given up, as the last word is."""
    stage, channel = scene.stage, await halting(scene)
    told = scene.told(scene.mira)[-1]
    channel.stuck = f"{scene.slack.dm(scene.mira).id}/{told.ts}"
    channel.failure = Parked("restricted_action")
    await stage.act("withdraw", CARLA, note="entered by mistake")
    await until(lambda: not stage.state().outbox)
    for day in range(1, 9):
        await stage.virtual.jump(stage.due + timedelta(days=1 + day))
    await stage.ladder().result()


async def test_answers_are_taken_away_once_a_revoked_token_is_renewed(scene: Scene) -> None:
    """What could not be changed meanwhile is not taken for changed."""
    stage = scene.stage
    await scene.missed()
    asked = scene.told(scene.mira)[-1]
    for method in ("chat.update", "chat.postMessage"):
        scene.slack.fail(method, "token_revoked", times=1000)
    await stage.act("complete", MIRA, note="recovery plan demanded")
    await until(lambda: bool(stage.state().parked))
    scene.slack.recover()
    await stage.ladder().signal("mended")
    await until(lambda: not stage.state().outbox)

    def is_over() -> bool:
        shown = next(each for each in scene.told(scene.mira) if each.ts == asked.ts)
        return answers(shown) == []

    await until(is_over)


async def test_boards_that_cannot_be_changed_do_not_multiply_by_themselves(scene: Scene) -> None:
    """Where nothing has happened there is nothing to show."""
    stage = scene.stage
    scene.slack.fail("chat.update", "edit_window_closed", times=1000)
    await stage.register(scene.terms())
    await stage.desk.begin(CONTRACT, "tooling")
    await stage.act("note", CARLA, note="one")
    await until(lambda: stage.state().boards == 2 and not stage.state().outbox)
    for _ in range(3):
        await stage.virtual.jump(stage.virtual.now + timedelta(hours=7))
        await until(lambda: not stage.state().outbox)
    assert stage.state().boards == 2


async def test_what_hangs_on_a_board_posted_anew_rests_no_longer(scene: Scene) -> None:
    """The third one is lost, and doctor has all tried at once."""
    stage = scene.stage
    await scene.missed()
    for number in (1, 2):
        scene.slack.delete(scene.room, scene.boards()[0].ts)
        await stage.act("note", CARLA, note=f"note {number}")
        await until(lambda: not stage.state().outbox)
        assert stage.state().boards == number + 1
    scene.slack.delete(scene.room, scene.boards()[0].ts)
    await stage.act("note", CARLA, note="note 3")
    await until(lambda: bool(stage.state().outbox))
    await asyncio.sleep(1)
    assert stage.state().boards == 3
    await stage.ladder().signal("mended")
    await until(lambda: stage.state().boards == 4 and not stage.state().outbox)
    assert [reply.key for reply in scene.replies()][-1] == scene.facts()[-1]


async def test_one_mail_that_is_refused_for_a_moment_is_sent_the_next(scene: Scene) -> None:
    """Slack is away for hours; the mail server asks to come again, as many do."""
    stage = scene.stage
    stage.fallback = post = Mailbox(surface="email")
    refusals: list[str] = []

    async def greylisting(_letter: Letter) -> None:
        if refusals:
            raise NotSent(refusals.pop())

    post.trouble = greylisting
    await scene.restart(scene.channel())
    await stage.register(scene.terms())
    scene.slack.pause()
    await stage.virtual.jump(stage.due)
    refusals.append("smtp_451")
    await stage.virtual.jump(stage.due + timedelta(hours=1, minutes=15))
    await until(lambda: [letter.address for letter in post.letters] == [MIRA])
    refusals.append("smtp_451")
    await stage.act("tender", MIRA, delivered=stage.due.date())
    await stage.virtual.jump(stage.virtual.now + timedelta(minutes=15))
    await until(lambda: [letter.address for letter in post.letters] == [MIRA, CARLA])
    assert refusals == []


async def test_a_mail_server_that_is_away_holds_up_nobody_who_is_in_slack(scene: Scene) -> None:
    """Whom Slack does not know is told once mail is back; the room and all others at once."""
    stage = scene.stage
    stage.fallback = post = Mailbox(surface="email")

    async def away(_letter: Letter) -> None:
        raise NotSent("connection_refused")

    post.trouble = away
    await scene.restart(scene.channel())
    terms = scene.terms()
    people = tuple(
        person.model_copy(update={"slack": None}) if person.email == MIRA else person
        for person in terms.people
    )
    await stage.register(terms.model_copy(update={"people": people}))
    await stage.virtual.jump(stage.due)
    await until(lambda: "delivery.asked" in stage.kinds())
    await stage.act("note", CARLA, note="the whole room should see this")
    await stage.virtual.jump(stage.due + timedelta(minutes=20))
    await until(lambda: "the whole room" in str([reply.text for reply in scene.replies()]))
    await until(lambda: bool(stage.state().parked))
    problems = {body.problem for _, body in pick(stage.entries(), MessageParked)}
    assert problems == {"mail_unreachable"}
    post.trouble = None
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=2))
    await until(lambda: not stage.state().outbox)
    told = [body for _, body in pick(stage.entries(), MessagePosted) if body.instead]
    assert [(each.topic, each.instead) for each in told] == [("question", "no_slack_identity")]
