"""The door: each request once, whatever dies or is silent between the inbox and the ladder."""

from __future__ import annotations

import asyncio
import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from desk.applying import NotAppliedYet
from desk.casebook import UnknownCase
from desk.door import AlreadyRegistered, Desk, NotBegun
from ladders.contract import Document
from ladders.entries import Doer, Entry
from ladders.errors import ActionRefused
from ladders.events import Action
from ladders.prose import PersonRef, Prose
from ledger.errors import KeyConflict
from tests import world
from tests.stage import CONTRACT, Stage, until
from workflows.names import ladder_id

MIRA, CARLA = "p-mira@ardent.example", "p-carla@ardent.example"
OPERATOR = Doer(actor=PersonRef("p-op"), authenticated_by="os-user", via="cli")
OTHER_FILE = Document(name=Prose("other.yaml"), sha256="1" * 64, size=1)
NOWHERE = "127.0.0.1:1"


@pytest.fixture
async def cut_off(stage: Stage) -> Desk:
    """A desk over the same ledger, from which Temporal cannot be reached."""
    client = await Client.connect(NOWHERE, lazy=True, data_converter=pydantic_data_converter)
    return desk_with(stage, client)


def desk_with(stage: Stage, client: Client, seconds: float = 10) -> Desk:
    """A further desk over the ledger of ``stage``."""
    office = stage.office
    return Desk(client, office.casebook, office.inbox, office.clock, timedelta(seconds=seconds))


async def open_backlog(stage: Stage, **milestone: Any) -> None:
    """A ladder that has begun: its milestone was overdue at registration."""
    overdue = (stage.started - timedelta(days=9)).date()
    await stage.register(stage.terms(due=overdue, past_due="open", **milestone))
    await until(lambda: "milestone.missed" in stage.kinds())


def receive(stage: Stage, action: Action, stream: str = "tooling/1") -> None:
    """Do what the desk does first, and no more, as if it had died then."""
    sealed = stage.office.private.seal(CONTRACT, action)
    text = sealed.model_dump_json(exclude_none=True)
    target = ladder_id(CONTRACT, stream)
    stage.office.inbox.receive(action.key, CONTRACT, target, text, action.received_at)


def refusal_of(stage: Stage, key: str) -> str | None:
    """What the inbox says a request was refused for; fails where it is not settled."""
    row = stage.office.inbox.find(key)
    assert row is not None
    assert row.settled_at is not None
    refused: str | None = json.loads(row.answer or "")["refused"]
    return refused


async def test_registering_again_answers_the_same(stage: Stage) -> None:
    """One after the other or all at once: one registration, one inbox row, one answer."""
    terms = stage.terms()
    desk = stage.desk
    at_once = [desk.register(terms, world.SOURCE, OPERATOR) for _ in range(4)]
    first = set(await asyncio.gather(*at_once))
    assert first == {await desk.register(terms, world.SOURCE, OPERATOR)}
    assert stage.kinds("contract") == ["contract.registered"]
    assert stage.office.inbox.unsettled() == []


async def test_what_was_handed_in_is_registered_by_whoever_comes_first(stage: Stage) -> None:
    """It counts from when it was handed in, also where that was all that happened."""
    row = await stage.desk.hand_in(stage.terms(), world.SOURCE, OPERATOR)
    assert (await stage.desk.hand_in(stage.terms(), world.SOURCE, OPERATOR)) == row
    assert stage.office.ledger.contracts() == []
    assert await stage.desk.drain() == 0
    (entry,) = stage.entries("contract")
    assert entry.deemed_at == row.received_at
    assert await stage.desk.registered(row) == entry.occurred_at


async def test_another_file_under_the_same_reference_is_refused(stage: Stage) -> None:
    """Nothing of it is kept, not even in the inbox."""
    await stage.register()
    with pytest.raises(AlreadyRegistered, match="with other content"):
        await stage.desk.register(stage.terms(), OTHER_FILE, OPERATOR)
    assert stage.office.inbox.unsettled() == []


async def test_of_two_files_received_before_either_is_recorded_one_wins(
    stage: Stage, cut_off: Desk
) -> None:
    """The other is settled as refused; nobody is told that it was registered."""
    for source in (world.SOURCE, OTHER_FILE):
        with pytest.raises(NotAppliedYet):
            await cut_off.register(stage.terms(), source, OPERATOR)
    keys = [row.key for row in stage.office.inbox.unsettled()]
    assert await stage.desk.drain() == 0
    first, second = (refusal_of(stage, key) for key in keys)
    assert first is None
    assert second is not None
    assert "registered already" in second
    assert stage.kinds("contract") == ["contract.registered"]


async def test_a_request_that_only_reached_the_inbox_is_applied_once(stage: Stage) -> None:
    """It counts from when it was received, and draining again adds nothing."""
    await open_backlog(stage)
    action = stage.action("note", MIRA, note="typed before the crash")
    receive(stage, action)
    await stage.move(stage.started + timedelta(hours=1))
    assert await stage.desk.drain() == 0
    assert await stage.desk.drain() == 0
    noted = [entry for entry in stage.entries() if entry.key == action.key]
    assert [entry.deemed_at for entry in noted] == [action.received_at]
    assert noted[0].occurred_at > action.received_at
    assert refusal_of(stage, action.key) is None


async def test_a_silent_workflow_keeps_no_other_waiting(stage: Stage) -> None:
    """What is received after a request that nobody answers is applied while that one waits."""
    await open_backlog(stage)
    nobody = ladder_id(CONTRACT, "silent/1")
    await stage.client.start_workflow("Ladder", id=nobody, task_queue="served-by-nobody")
    first, second = (stage.action("note", MIRA, note=f"{n}", key=f"act:silent-{n}") for n in (1, 2))
    fine = stage.action("note", MIRA, note="answered")
    receive(stage, first, "silent/1")
    receive(stage, second, "silent/1")
    receive(stage, fine)
    draining = asyncio.create_task(desk_with(stage, stage.client, seconds=3).drain())
    await until(lambda: len(stage.office.inbox.unsettled()) == 2)
    assert not draining.done()
    assert refusal_of(stage, fine.key) is None
    assert await draining == 2
    assert [row.key for row in stage.office.inbox.unsettled()] == [first.key, second.key]


async def test_requests_for_one_workflow_are_applied_in_order(stage: Stage) -> None:
    """As they were received, however many there are."""
    await open_backlog(stage)
    notes = [stage.action("note", MIRA, note=f"{n}", key=f"act:note-{n:02}") for n in range(12)]
    for note in reversed(notes):
        receive(stage, note.model_copy(update={"received_at": notes[0].received_at}))
    assert await stage.desk.drain() == 0
    noted = [entry.key for entry in stage.entries() if entry.body.kind == "note.added"]
    assert noted == [note.key for note in notes]


async def test_one_click_received_twice_at_once_is_one_entry(stage: Stage) -> None:
    """Its texts are sealed twice, with other salts; that makes it no other click."""
    await open_backlog(stage)
    action = stage.action("note", MIRA, note="clicked twice")
    twice = [stage.desk.act(CONTRACT, "tooling/1", action) for _ in range(2)]
    first, second = await asyncio.gather(*twice)
    assert first == second
    assert stage.kinds().count("note.added") == 1


async def test_an_action_is_judged_by_what_was_due_before_it(stage: Stage) -> None:
    """A rung whose opening is due but not recorded yet can be worked on already (law 14)."""
    await open_backlog(stage)
    await stage.move(stage.started + timedelta(days=12))
    refused = threading.Event()

    def refuse(entry: Entry) -> None:
        refused.set()
        raise KeyConflict(CONTRACT, entry.key)

    stage.ledger.trouble = refuse
    await stage.virtual.jump(stage.started + timedelta(days=15))
    await until(refused.is_set)
    acting = asyncio.create_task(stage.act("complete", "p-jonas@ardent.example", rung="audit"))
    await until(lambda: acting.done() or len(stage.office.inbox.unsettled()) > 0)
    stage.ledger.trouble = None
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=2))
    await acting
    opened, done = (stage.kinds().index(kind) for kind in ("rung.opened", "rung.completed"))
    assert opened < done


async def test_a_refusal_is_an_answer_and_is_kept(stage: Stage) -> None:
    """The same request is answered the same again, and those behind it are not held up."""
    await open_backlog(stage)
    action = stage.action("accept", CARLA)
    for _ in range(2):
        with pytest.raises(ActionRefused, match="nothing is tendered on tooling/1"):
            await stage.desk.act(CONTRACT, "tooling/1", action)
    assert "nothing is tendered" in (refusal_of(stage, action.key) or "")
    again, fine = stage.action("accept", CARLA), stage.action("note", MIRA, note="after it")
    for waiting in (again, fine):
        receive(stage, waiting)
    assert await stage.desk.drain() == 0
    assert "nothing is tendered" in (refusal_of(stage, again.key) or "")
    assert refusal_of(stage, fine.key) is None


async def test_a_closed_ladder_answers_what_happened(stage: Stage) -> None:
    """How it was closed, also where the request waited in the inbox (law 15)."""
    await open_backlog(stage)
    await stage.act("withdraw", CARLA, note="never missed")
    await stage.ladder().result()
    late = stage.action("note", MIRA, note="too late")
    receive(stage, late)
    assert await stage.desk.drain() == 0
    assert "closed as withdrawn" in (refusal_of(stage, late.key) or "")
    with pytest.raises(ActionRefused, match="closed as withdrawn"):
        await stage.desk.act(CONTRACT, "tooling/1", late)
    assert stage.kinds()[-1] == "ladder.withdrawn"


async def test_what_is_unknown_is_answered_with_what_is_known(stage: Stage) -> None:
    """Contract, ladder, person, milestone: each refusal names what there is, and keeps nothing."""
    await open_backlog(stage)
    action = stage.action("note", MIRA, note="lost")
    with pytest.raises(UnknownCase, match=CONTRACT):
        await stage.desk.act("NOPE-1", "tooling/1", action)
    with pytest.raises(UnknownCase, match="tooling/1"):
        await stage.desk.act(CONTRACT, "ppap/1", action)
    with pytest.raises(UnknownCase, match=MIRA):
        stage.person("stranger@example.org")
    with pytest.raises(ActionRefused, match="tooling"):
        await stage.desk.begin(CONTRACT, "ppap")
    assert stage.office.inbox.find(action.key) is None


async def test_a_ladder_that_was_begun_can_be_acted_on_at_once(stage: Stage) -> None:
    """Its first entry stands in the ledger by the time its name is answered."""
    await stage.register()
    stream = await stage.desk.begin(CONTRACT, "tooling")
    assert stream == "tooling/1"
    assert stage.kinds(stream)[0] == "ladder.opened"
    assert await stage.desk.begin(CONTRACT, "tooling") == "tooling/1"


async def test_without_temporal_a_request_waits_in_the_inbox(stage: Stage, cut_off: Desk) -> None:
    """The sender is told so; once Temporal is back it is applied, once."""
    await open_backlog(stage)
    assert await cut_off.begin(CONTRACT, "tooling") == "tooling/1"
    action = stage.action("note", MIRA, note="typed in the dark")
    for _ in range(2):
        with pytest.raises(NotAppliedYet, match="nothing need be repeated"):
            await cut_off.act(CONTRACT, "tooling/1", action)
    await stage.desk.drain()
    assert stage.kinds().count("note.added") == 1


async def test_a_ladder_that_cannot_begin_is_not_said_to_be_recorded(
    stage: Stage, cut_off: Desk
) -> None:
    """Nothing of it is in the inbox, so whoever asked must ask again, and is told so."""
    await stage.register()
    with pytest.raises(NotBegun, match="nothing was recorded"):
        await cut_off.begin(CONTRACT, "tooling")
    assert stage.office.inbox.unsettled() == []


async def test_a_worker_that_is_away_counts_as_silence(stage: Stage) -> None:
    """Temporal answers, but nobody works: recorded, not applied yet; applied when one is back."""
    await open_backlog(stage)
    await stage.stop_worker()
    impatient = desk_with(stage, stage.client, seconds=0.3)
    action = stage.action("note", MIRA, note="nobody at work")
    with pytest.raises(NotAppliedYet):
        await impatient.act(CONTRACT, "tooling/1", action)
    assert await impatient.drain() == 1
    await stage.start_worker()

    async def drained() -> bool:
        return await stage.desk.drain() == 0

    # A server may hand a task to the worker that has gone first, and wait for it to time out.
    await until(drained)
    assert stage.kinds().count("note.added") == 1
