"""``holdfast rebuild``: Temporal has lost everything, and every ladder goes on where it stood."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from temporalio.client import Client

from channels.message import Letter, Parked
from commands.doctor import doctor
from commands.doctor_reach import Reach
from commands.rebuild import rebuild
from ladders.alarms import next_alarm
from ladders.entries import Entry
from settings import utc_now
from tests.commands.books import Paper
from tests.stage import (
    BRIEF,
    CARLA,
    CONTRACT,
    MIRA,
    Away,
    Stage,
    kinds_of,
    silent_course,
    until,
    without_temporal,
)

LADDER = f"{CONTRACT}/tooling/1"


async def typed(stage: Stage) -> dict[str, object]:
    """What the command says it did, as JSON; the exit code must be 0."""
    paper = Paper()
    code = await rebuild(lambda: client_of(stage), stage.office, as_json=True, console=paper)
    assert code == 0, paper.said
    document: dict[str, object] = json.loads(paper.said)
    return document


async def client_of(stage: Stage) -> Client:
    """Connect to the stage's Temporal."""
    return stage.client


async def lacking(stage: Stage) -> list[str]:
    """What doctor finds wrong, each with its remedy."""
    paper = Paper()
    await doctor(
        lambda: client_of(stage), lambda: stage.office, Reach(),
        now=utc_now(), as_json=True, console=paper,
    )  # fmt: skip
    found = json.loads(paper.said)
    return [f"{each['what']}; {each['remedy']}" for each in found if each["remedy"]]


async def refused(_letter: Letter) -> None:
    """A channel that takes nothing until somebody mends it."""
    raise Parked("account_inactive")


async def watching(stage: Stage) -> None:
    """An early warning is open."""
    await stage.register()
    await stage.move(stage.due - timedelta(days=9))


async def asked(stage: Stage) -> None:
    """Delivered, or not?"""
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.move(stage.due)


async def unconfirmed(stage: Stage) -> None:
    """Nobody answered on the due date."""
    await asked(stage)
    await stage.move(stage.due + timedelta(days=1))


async def climbing(stage: Stage) -> None:
    """On the first rung, whose owner has seen it."""
    await stage.missed()
    await stage.act("acknowledge", MIRA)


async def tendered(stage: Stage) -> None:
    """A cure is offered for the second time."""
    await stage.missed()
    await stage.act("tender", MIRA, delivered=stage.due.date())
    await stage.act("reject", CARLA, note="not at rate")
    await stage.act("tender", MIRA, delivered=(stage.due + timedelta(days=1)).date())
    await stage.move(stage.due + timedelta(days=1, minutes=1))


async def exhausted(stage: Stage) -> None:
    """The climb has ended; a decision was asked for."""
    await stage.missed()
    await stage.move(stage.due + timedelta(days=100))


@pytest.mark.parametrize("play", [watching, asked, unconfirmed, climbing, tendered, exhausted])
async def test_a_ladder_goes_on_where_it_stood(
    stage: Stage, play: Callable[[Stage], Awaitable[None]]
) -> None:
    """The same state, the same next deadline, and the course that it would have taken."""
    await play(stage)
    await until(lambda: not stage.state().outbox)
    stood, state = stage.entries(), stage.state()
    watch = stage.office.casebook.watch(CONTRACT)
    alarm = next_alarm(state)
    assert alarm is not None
    async with without_temporal(stage) as again:
        done = await typed(again)
        assert done["rebuilt"] == [
            {"case": CONTRACT, "next": None},
            {"case": LADDER, "next": alarm.at.isoformat()},
        ]
        assert await again.asked() == state
        assert await again.contract().query("state", result_type=type(watch)) == watch
        end = alarm.at + timedelta(days=30)
        await again.move(end)
        _took_its_course(again, stood, silent_course(stood, end))
        await until(again.agrees)


def _took_its_course(stage: Stage, stood: list[Entry], expected: list[Entry]) -> None:
    found = [entry for entry in stage.course() if entry not in stood]
    assert kinds_of(found) == kinds_of(expected)
    # Clocks run on by fractions of a second between moves.
    assert [f"{entry.deemed_at:%F %R}" for entry in found] == [
        f"{entry.deemed_at:%F %R}" for entry in expected
    ]


async def test_a_parked_message_and_a_waiting_click_go_on(stage: Stage) -> None:
    """The message goes out once the channel is mended; the click counts from its receipt."""
    stage.mailbox.trouble = refused
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.virtual.jump(stage.due.replace(hour=9))
    await until(lambda: "message.parked" in kinds_of(stage.entries()))
    stood = stage.state()
    click = stage.action("note", MIRA, note="called the toolmaker")
    sealed = stage.office.private.seal(CONTRACT, click).model_dump_json(exclude_none=True)
    await stage.stop_worker()
    stage.office.inbox.receive(click.key, CONTRACT, stage.ladder().id, sealed, click.received_at)
    async with without_temporal(stage) as again:
        done = await typed(again)
        assert done["messages_owed"] == 1
        assert done["unlike"] == []
        await until(lambda: "note.added" in again.kinds())
        assert again.state().parked == stood.parked
        assert again.entries()[-1].deemed_at == click.received_at
        again.mailbox.trouble = None
        await again.virtual.jump(again.virtual.now + timedelta(hours=7))
        await until(lambda: not again.state().outbox)
        assert len(again.mailbox.letters) == 1


async def test_a_ladder_started_but_not_opened_is_begun(stage: Stage) -> None:
    """The contract had recorded that it begins; the ladder had not recorded its first entry."""

    def trouble(entry: Entry) -> None:
        if entry.body.kind == "ladder.opened":
            raise Away

    await stage.register(stage.terms(ladder=BRIEF))
    stage.ledger.trouble = trouble
    await stage.virtual.jump(stage.due.replace(hour=9))
    await until(lambda: "ladder.started" in stage.kinds("contract"))
    assert stage.entries() == []
    async with without_temporal(stage) as again:
        assert LADDER in " ".join(await lacking(again))
        await typed(again)
        await until(lambda: "ladder.opened" in again.kinds())
        await again.virtual.jump(again.virtual.now)
        await again.move(stage.due)
        assert again.kinds() == ["ladder.opened", "delivery.asked"]


async def test_a_closed_ladder_that_its_contract_had_not_heard_of_is_settled(stage: Stage) -> None:
    """It owes nothing more, so the contract alone is told."""

    def trouble(entry: Entry) -> None:
        if entry.body.kind == "milestone.settled":
            raise Away

    await stage.missed()
    stage.ledger.trouble = trouble
    await stage.act("withdraw", CARLA, note="entered twice")
    await until(lambda: not stage.state().outbox)
    async with without_temporal(stage) as again:
        done = await typed(again)
        assert done["settled"] == [LADDER]
        await until(lambda: again.kinds("contract")[-1] == "milestone.settled")
        assert await lacking(again) == []


async def test_the_last_word_on_a_closed_ladder_is_delivered(stage: Stage) -> None:
    """A closed ladder that owes a message runs until it is posted."""
    await stage.missed()
    stage.mailbox.trouble = refused
    await stage.act("withdraw", CARLA, note="entered twice")
    await until(lambda: bool(stage.state().parked))
    async with without_temporal(stage) as again:
        again.mailbox.trouble = None
        await typed(again)
        await until(lambda: not again.state().outbox)
        assert again.kinds("contract")[-1] == "milestone.settled"


async def test_what_runs_is_left_alone(stage: Stage) -> None:
    """Running it twice changes nothing; what somebody terminated is started again, alone."""
    await stage.missed()
    before = stage.ledger.lines(CONTRACT)
    assert await lacking(stage) == []
    untouched = await typed(stage)
    assert (untouched["rebuilt"], untouched["running"]) == ([], [CONTRACT, LADDER])
    await stage.ladder().terminate("by mistake")
    (finding,) = await lacking(stage)
    assert finding.endswith(f"{LADDER}; holdfast rebuild starts it again from the ledger")
    paper = Paper()
    assert await rebuild(lambda: client_of(stage), stage.office, as_json=False, console=paper) == 0
    alarm = next_alarm(stage.state())
    assert alarm is not None
    first, second = paper.said.splitlines()
    assert first == f"0 contracts, 1 ladder rebuilt, next: {LADDER} at {alarm.at:%F %R} UTC"
    assert second == f"{CONTRACT} runs already and is left alone"
    assert stage.ledger.lines(CONTRACT) == before


async def test_a_registration_on_record_is_answered_from_the_ledger(stage: Stage) -> None:
    """Its answer had not reached the inbox: it is not sent to a Temporal that has lost it."""
    await stage.missed()
    (line, *_) = [
        line for line in stage.ledger.lines(CONTRACT) if line.entry.key[:9] == "register:"
    ]
    async with without_temporal(stage) as again:
        with again.ledger.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE inbox SET settled_at = NULL, answer = NULL")
        await until(lambda: not again.office.inbox.unsettled())
        assert (await typed(again))["running"] == []
        await again.register(again.terms(ladder=BRIEF))
        assert again.office.ledger.find(CONTRACT, line.entry.key) == line
