"""The plays whose histories are kept: short scripts that bring out every branch of a workflow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from channels.message import Letter, NotSent, Parked
from tests.stage import BRIEF, CARLA, MIRA, Stage, until

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
    await stage.desk.begin("KSS-2026-014", "tooling")
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


PLAYS: dict[str, Play] = {
    "silence": silence,
    "cured": cured,
    "averted": averted,
    "parked": parked,
}
