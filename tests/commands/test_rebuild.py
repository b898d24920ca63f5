"""``holdfast rebuild``: Temporal has lost everything, and every ladder goes on where it stood."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from channels.message import Letter, Parked
from commands.doctor import doctor
from commands.rebuild import rebuild
from desk import rebuilding
from desk.rebuilding import NotRebuildable
from ladders.alarms import next_alarm
from ladders.decision import decide
from ladders.entries import Entry
from ladders.events import Tick
from settings import utc_now
from tests.backups import back_up, put_back
from tests.commands.books import Paper
from tests.ledger.chronicle import disarm
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
    code = await rebuild(lambda: _client(stage), stage.office, as_json=True, console=paper)
    assert code == 0, paper.said
    document: dict[str, object] = json.loads(paper.said)
    return document


async def _client(stage: Stage) -> Client:
    return stage.client


async def lacking(stage: Stage) -> list[str]:
    """What doctor finds wrong, each with its remedy."""
    paper = Paper()
    await doctor(
        lambda: _client(stage), lambda: stage.office, "none",
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
        assert await again.asked() == again.state()


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
    await until(lambda: bool(stage.state().parked))
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
    """A closed ladder that owes a message runs until it is posted, and is settled then."""
    await stage.missed()
    stage.mailbox.trouble = refused
    await stage.act("withdraw", CARLA, note="entered twice")
    await until(lambda: bool(stage.state().parked))
    async with without_temporal(stage) as again:
        again.mailbox.trouble = None
        await typed(again)
        await until(lambda: again.kinds("contract")[-1] == "milestone.settled")
        assert not again.state().outbox


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
    assert await rebuild(lambda: _client(stage), stage.office, as_json=False, console=paper) == 0
    alarm = next_alarm(stage.state())
    assert alarm is not None
    first, second = paper.said.splitlines()
    assert first == f"0 contracts, 1 ladder rebuilt, next: {LADDER} at {alarm.at:%F %R} UTC"
    assert second == f"{CONTRACT} runs already and is left alone"
    assert stage.ledger.lines(CONTRACT) == before


async def test_a_ladder_that_stands_before_the_ledger_is_rebuilt_once_terminated(
    stage: Stage,
) -> None:
    """Temporal was put back to an older copy: the ledger knows more, and is right."""
    await stage.missed()
    await stage.stop_worker()
    alarm = next_alarm(stage.state())
    assert alarm is not None
    late = alarm.at + timedelta(seconds=30)
    (entry,) = decide(stage.state(), Tick(until=late), late)
    stage.ledger.append(entry)
    await stage.start_worker()
    await stage.virtual.jump(alarm.at + timedelta(minutes=1))
    await until(lambda: _says(stage, "blocked"))
    await stage.ladder().terminate("stands before the ledger")
    assert (await typed(stage))["rebuilt"] == [
        {"case": LADDER, "next": _next(stage)},
    ]
    assert await stage.asked() == stage.state()
    assert stage.entries()[-1] == entry


async def _says(stage: Stage, word: str) -> bool:
    return word in " ".join(await lacking(stage))


def _next(stage: Stage) -> str:
    alarm = next_alarm(stage.state())
    assert alarm is not None
    return alarm.at.isoformat()


async def test_without_a_worker_nobody_vouches_for_what_was_started(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is started all the same, and goes on once a worker runs; until then that is said."""
    monkeypatch.setattr(rebuilding, "PATIENCE", timedelta(seconds=1))
    await stage.missed()
    async with without_temporal(stage) as again:
        await again.stop_worker()
        paper = Paper()
        code = await rebuild(lambda: _client(again), again.office, as_json=False, console=paper)
        assert code == 1
        assert paper.said.count("holdfast up runs") == 2
        await again.start_worker()
        assert await again.asked() == again.state()


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


async def test_a_ledger_that_is_behind_or_tampered_with_is_no_source(
    stage: Stage, tmp_path: Path
) -> None:
    """Nothing is started from it; the remedy names the command that comes first."""
    yesterday = tmp_path / "yesterday.sqlite"
    await stage.missed()
    back_up(stage, yesterday)
    await stage.act("withdraw", CARLA, note="entered twice")
    await until(lambda: stage.kinds("contract")[-1] == "milestone.settled")
    put_back(stage, yesterday)
    with pytest.raises(NotRebuildable, match="holdfast reconcile"):
        await typed(stage)
    disarm(stage.ledger.engine)
    with stage.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entry SET kind = 'note.added' WHERE seq = 3")
    with pytest.raises(NotRebuildable, match=f"holdfast verify {CONTRACT}"):
        await typed(stage)
