"""The plays whose histories are kept: short scripts that bring out every branch of a workflow."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from channels.message import Gone, Letter, NotSent, Offer, Parked
from channels.slack_files import Unfetched
from contracts.comparing import affected, differences
from ladders.entries import Entry
from ladders.instructions import Amend, Close, Extend, Reassign, Resume, Toll, Waive
from ladders.prose import PersonRef, Prose
from ledger.errors import KeyConflict, LedgerBehind
from tests.stage import (
    BRIEF,
    CARLA,
    CONTRACT,
    MIRA,
    Away,
    Mailbox,
    Stage,
    leave_in_inbox,
    until,
)
from tests.world import SOURCE, person
from workflows.names import DIGEST, TASK_QUEUE

Play = Callable[[Stage], Awaitable[None]]


async def silence(stage: Stage) -> None:
    """Nobody answers: warning, question, presumed miss, every rung, the end, a weekly question."""
    await stage.register()
    await stage.move(stage.due + timedelta(days=100))


async def cured(stage: Stage) -> None:
    """Confirmed, acknowledged, done, escalated, tendered twice, rejected once, accepted."""
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.move(stage.due)
    await stage.act("confirm", MIRA)
    await stage.move(stage.due + timedelta(days=1))
    await stage.act("acknowledge", MIRA)
    await stage.act("complete", MIRA, note="plan demanded")
    await stage.act("escalate", MIRA, note="no time to lose")
    await stage.move(stage.due + timedelta(days=2))
    await stage.act("tender", MIRA, delivered=stage.due.date())
    await stage.act("reject", CARLA, note="not at rate")
    await stage.act("note", MIRA, note="supplier called")
    await stage.move(stage.due + timedelta(days=3))
    await stage.act("tender", MIRA, delivered=(stage.due + timedelta(days=3)).date())
    await stage.act("accept", CARLA)
    await stage.ladder().result()
    await stage.move(stage.due + timedelta(days=4))


async def averted(stage: Stage) -> None:
    """Delivered before the due date, on a ladder begun by the report, and accepted."""
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.desk.begin(CONTRACT, "tooling")
    await stage.act("tender", MIRA, delivered=stage.virtual.now.date())
    await stage.act("accept", CARLA)
    await stage.ladder().result()
    await stage.move(stage.due)


async def parked(stage: Stage) -> None:
    """A channel that refuses, then stutters, then works; then a message overtaken by events."""
    troubles = [Parked("invalid_auth"), NotSent("ratelimited")]

    async def trouble(letter: Letter) -> None:
        assert letter.key
        if troubles:
            raise troubles.pop(0)

    stage.mailbox.trouble = trouble
    await stage.register(stage.terms(ladder=BRIEF))
    start = stage.due.replace(hour=9)
    await stage.virtual.jump(start)
    await until(lambda: "message.parked" in [entry.body.kind for entry in stage.entries()])
    await stage.virtual.jump(start + timedelta(hours=7))
    await stage.act("confirm", MIRA)
    await stage.move(stage.due + timedelta(days=2))
    await stage.act("withdraw", CARLA, note="entered by mistake")
    await stage.ladder().result()
    await stage.move(stage.due + timedelta(days=3))


async def given_up(stage: Stage) -> None:
    """A message under way is overtaken; the last word is refused for a week, and given up."""

    async def away(_letter: Letter) -> None:
        raise NotSent("away", timedelta(days=2))

    async def refusing(_letter: Letter) -> None:
        raise Parked("account_inactive")

    stage.mailbox.trouble = away
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.virtual.jump(stage.due)
    await until(lambda: "delivery.asked" in stage.kinds())
    await stage.act("confirm", MIRA)
    await stage.virtual.jump(stage.due + timedelta(days=1))
    stage.mailbox.trouble = refusing
    await stage.act("withdraw", CARLA, note="entered by mistake")
    await stage.virtual.jump(stage.due + timedelta(days=9))
    await stage.ladder().result()


async def blocked(stage: Stage) -> None:
    """A ledger that is away for a while, then refuses, and then is mended."""
    troubles = [Away(), KeyConflict(CONTRACT, "a key that is taken")]

    def trouble(_entry: Entry) -> None:
        if troubles:
            raise troubles.pop(0)

    await stage.missed()
    start = stage.virtual.now
    stage.ledger.trouble = trouble
    await stage.virtual.jump(start + timedelta(days=4))
    await stage.move(stage.due + timedelta(days=6))


async def behind(stage: Stage) -> None:
    """A ledger that is behind when the ladder closes, and is mended after some minutes."""
    troubles = [LedgerBehind(CONTRACT, "tooling/1", "a key that was lost") for _ in range(3)]

    def trouble(entry: Entry) -> None:
        if troubles and entry.body.kind == "ladder.withdrawn":
            raise troubles.pop(0)

    await stage.missed()
    stage.ledger.trouble = trouble
    closing = asyncio.create_task(stage.act("withdraw", CARLA, note="entered by mistake"))
    await until(lambda: len(troubles) == 1)
    await stage.virtual.jump(stage.virtual.now + timedelta(minutes=3))
    await closing
    await until(lambda: stage.kinds("contract")[-1] == "milestone.settled")


async def continued(stage: Stage) -> None:
    """Continued as new several times, with a click repeated and a message parked meanwhile."""

    async def refusing(_letter: Letter) -> None:
        raise Parked("account_inactive")

    await stage.missed()
    note = stage.action("note", MIRA, note="supplier called")
    await stage.desk.act(CONTRACT, "tooling/1", note)
    stage.mailbox.trouble = refusing
    await stage.act("escalate", MIRA, note="no time to lose")
    await until(lambda: bool(stage.state().parked))
    await stage.virtual.jump(stage.due + timedelta(days=3))
    await stage.desk.act(CONTRACT, "tooling/1", note)
    stage.mailbox.trouble = None
    await stage.virtual.jump(stage.due + timedelta(days=4))
    await until(lambda: not stage.state().outbox)
    await stage.act("withdraw", CARLA, note="entered by mistake")
    await stage.ladder().result()


async def instructed(stage: Stage) -> None:
    """Moved to a later date after the miss, handed over, stopped, resumed, waived; then closed."""
    await stage.missed()
    later = stage.due + timedelta(days=20)
    reserved = Prose("all rights reserved")
    await stage.instruct(
        Extend(milestone="tooling", due=later.date(), ladders="move", reservation=reserved)
    )
    await until(lambda: "terms.followed" in stage.kinds())
    await stage.move(later)
    await stage.act("confirm", MIRA)
    await stage.move(later + timedelta(days=1))
    ana = person(PersonRef("p-ana@ardent.example")).model_copy(
        update={"email": Prose("p-ana@ardent.example")}
    )
    await stage.instruct(Reassign(leaver=PersonRef(MIRA), successor=ana))
    await until(lambda: stage.kinds().count("terms.followed") == 2)
    await until(lambda: not stage.state().outbox)
    stopped = stage.virtual.now.date()
    await stage.instruct(Toll(event="strike", since=stopped, ladders="move"))
    await until(lambda: stage.state().stands_still)
    await stage.virtual.jump(later + timedelta(days=5))
    resumed = stopped + timedelta(days=3)
    await stage.instruct(Resume(event="strike", on=resumed))
    await until(lambda: not stage.state().stands_still)
    await stage.move(later + timedelta(days=8))
    await stage.instruct(Waive(milestone="tooling", reason=Prose("settled by a credit note")))
    await stage.ladder().result()
    await stage.instruct(Close(ladders="keep", reason=Prose("series ended")))
    await stage.contract().result()


async def corrected(stage: Stage) -> None:
    """A mistyped date, corrected after the presumed miss; the right one begins a second ladder."""
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.move(stage.due + timedelta(days=7))
    before = stage.office.casebook.as_written(CONTRACT)
    later = stage.due + timedelta(days=30)
    after = stage.terms(ladder=BRIEF, due=later.date())
    await stage.instruct(
        Amend(
            because="entry-error",
            ladders="withdraw",
            affected=affected(before, after),
            changes=tuple(Prose(str(found)) for found in differences(before, after)),
            terms=after,
            source=SOURCE,
        )
    )
    await stage.ladder().result()
    await stage.move(later)
    assert "tooling/2" in stage.office.casebook.streams(CONTRACT)


async def in_time(stage: Stage) -> None:
    """A click that lay in the inbox while its deadline passed; then a deadline that just passes."""
    await stage.missed()
    deadline = stage.state().rungs[0].deadline
    assert deadline is not None
    received_at = deadline - timedelta(minutes=1)
    await leave_in_inbox(
        stage, stage.action("complete", MIRA, note="plan demanded", received_at=received_at)
    )
    await stage.virtual.jump(deadline + timedelta(hours=3))
    await until(lambda: "rung.completed" in stage.kinds())
    await stage.move(stage.due + timedelta(days=40))
    await stage.act("withdraw", CARLA, note="entered by mistake")
    await stage.ladder().result()


async def digest(stage: Stage) -> None:
    """A round in which nobody is told anything."""
    await stage.register()
    await stage.client.execute_workflow(DIGEST, id="digest:round", task_queue=TASK_QUEUE)


async def attached(stage: Stage) -> None:
    """Files with a deed, a note and the last tender: kept, gone, and away until after the close."""
    gone, away = (stage.cabinet.attach(name, b"x") for name in ("gone.pdf", "away.pdf"))

    def trouble(file_id: str) -> None:
        if file_id == gone.id:
            raise Unfetched("file_deleted", permanent=True)
        if file_id == away.id:
            raise Unfetched("connection_lost", retry_after=timedelta(days=2))

    await stage.missed()
    stage.cabinet.trouble = trouble
    plan = stage.cabinet.attach("plan.pdf", b"a plan")
    await stage.act("complete", MIRA, note="plan demanded", attached=(plan, gone))
    await until(lambda: not stage.state().attached)
    photo = stage.cabinet.attach("photo.jpg", b"a tool")
    await stage.act("note", MIRA, note="as it stands there", attached=(photo,))
    await until(lambda: stage.kinds().count("evidence.kept") == 2)
    await stage.act("tender", MIRA, delivered=stage.due.date(), attached=(away,))
    await stage.act("accept", CARLA)
    await until(lambda: not stage.state().outbox)
    stage.cabinet.trouble = None
    await stage.virtual.jump(stage.virtual.now + timedelta(days=3))
    await stage.ladder().result()
    assert stage.kinds().count("evidence.kept") == 3


async def attached_continued(stage: Stage) -> None:
    """A file that is away while the ladder continues as new, more than once, and then comes."""
    away = stage.cabinet.attach("away.pdf", b"x")

    def trouble(_file_id: str) -> None:
        raise Unfetched("connection_lost", retry_after=timedelta(days=2))

    await stage.missed()
    stage.cabinet.trouble = trouble
    await stage.act("complete", MIRA, note="plan demanded", attached=(away,))
    for number in range(8):
        await stage.act("note", MIRA, note=f"call {number}")
    first = (await stage.ladder().describe()).run_id
    await until(lambda: bool(stage.cabinet.asked))
    for number in range(8):
        await stage.act("note", MIRA, note=f"letter {number}")
    assert (await stage.ladder().describe()).run_id != first
    stage.cabinet.trouble = None
    await stage.virtual.jump(stage.virtual.now + timedelta(days=3))
    await until(lambda: not stage.state().attached)
    await stage.act("withdraw", CARLA, note="entered by mistake")
    await stage.ladder().result()
    assert stage.kinds().count("evidence.kept") == 1


async def in_room(stage: Stage) -> None:
    """All is told in a channel: a board that is lost, a room that refuses, a ping that waits."""
    stage.mailbox.surface = "slack"
    terms = stage.terms(ladder=BRIEF)
    update = {"slack_channel": Prose("#escalations"), "quiet_hours": "08:00-10:00"}
    await stage.register(terms.model_copy(update=update))
    opens = stage.office.casebook.watch(CONTRACT).calendar.opening(stage.due.date())
    await stage.virtual.jump(opens + timedelta(minutes=1))
    await until(lambda: len(stage.mailbox.letters) > 1)
    await asyncio.sleep(2)
    await stage.virtual.jump(stage.due)
    await until(lambda: "delivery.asked" in stage.kinds() and not stage.state().outbox)
    await stage.act("confirm", MIRA, note="not before next week")

    async def gone(letter: Letter) -> None:
        if letter.thread is not None and letter.thread.count("/2") == 0:
            raise Gone("thread_gone")

    stage.mailbox.trouble = gone
    await stage.act("note", CARLA, note="somebody has deleted the board")
    await until(lambda: stage.state().boards == 2)
    stage.mailbox.trouble = None
    await stage.virtual.jump(stage.due + timedelta(days=4))
    await until(lambda: not stage.state().outbox)

    async def refused(letter: Letter) -> None:
        if letter.to is None:
            raise Parked("not_in_channel")

    stage.mailbox.trouble = refused
    await stage.act("complete", MIRA, note="plan demanded")
    await until(lambda: bool(stage.state().parked))
    stage.mailbox.trouble = None
    await stage.virtual.jump(stage.due + timedelta(days=8))
    await until(lambda: not stage.state().outbox)
    await stage.act("tender", MIRA, delivered=stage.due.date())
    await stage.act("accept", CARLA)
    await stage.virtual.jump(stage.due + timedelta(days=12))
    await stage.ladder().result()


class Wall(Mailbox):
    """A channel whose messages can be changed, unless it is closed to us."""

    name = "mailbox"
    is_closed = True

    async def show(self, letter: Letter, receipt: str) -> bool:  # noqa: ARG002
        """Change a message; what stands in the room only if that is open."""
        if letter.to is None and self.is_closed:
            raise Parked("not_in_channel")
        return True

    async def find(self, key: str) -> str | None:  # noqa: ARG002
        """Nothing is remembered."""
        return None

    async def offers(self, key: str, answers: tuple[Offer, ...]) -> bool:  # noqa: ARG002
        """Nothing is remembered."""
        return False


async def shut_out(stage: Stage) -> None:
    """A room in which nothing can be changed: the board rests, people's messages go on."""
    stage.channel = wall = Wall(surface="slack")
    await stage.stop_worker()
    await stage.start_worker()
    room = {"slack_channel": Prose("#escalations"), "quiet_hours": "none"}
    await stage.register(stage.terms(ladder=BRIEF).model_copy(update=room))
    await stage.move(stage.due)
    await stage.act("confirm", MIRA)
    await stage.virtual.jump(stage.due + timedelta(days=1))
    await until(lambda: "rung.opened" in stage.kinds() and not stage.state().outbox)
    await stage.act("acknowledge", MIRA)
    await until(lambda: not stage.state().outbox)
    wall.is_closed = False
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=7))
    await stage.act("withdraw", CARLA, note="entered by mistake")
    await stage.ladder().result()


PLAYS: dict[str, Play] = {
    "silence": silence,
    "cured": cured,
    "averted": averted,
    "parked": parked,
    "given-up": given_up,
    "blocked": blocked,
    "behind": behind,
    "continued": continued,
    "instructed": instructed,
    "corrected": corrected,
    "in-time": in_time,
    "digest": digest,
    "in-room": in_room,
    "shut-out": shut_out,
    "attached": attached,
    "attached-continued": attached_continued,
}

WORKFLOWS: dict[str, tuple[str, ...]] = {"digest": ("digest:round",)}
"""The workflows whose histories are kept of a play, if not those of the contract and its ladder."""

SETTINGS: dict[str, tuple[str, ...]] = {
    "continued": ("limit.historyCount.suggestContinueAsNew=60",),
    "attached-continued": ("limit.historyCount.suggestContinueAsNew=60",),
}
"""What the server is told for a play: to suggest continuing as new far sooner than in earnest."""
