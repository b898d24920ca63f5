"""What people write and who they are stays out of the chain and of Temporal, and can be erased."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Literal

import pytest
from rich.console import Console
from sqlalchemy import text
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle

from channels.message import Letter
from commands.status import status
from contracts.reading import read_text
from desk.choosing import Choice
from desk.office import Office
from ladders.contract import Contract, Document, Person
from ladders.entries import Doer, Entry
from ladders.errors import HoldfastError
from ladders.instructions import Amend, Extend, Reassign, Remark, Resume, Toll
from ladders.prose import PersonRef, Prose, leaves
from ledger.audit import write_audit
from ledger.private import ERASED
from ledger.verifying import verify_ledger
from tests.stage import CONTRACT, Stage, stage_in, until

PLANTED = "quokka"
"""Stands in every text, name and address of the contract, of the actions and of the failures."""

MIRA, CARLA, LEE, ANN, BEN = (
    f"{name}@quokka.example" for name in ("mira", "carla", "lee", "ann", "ben")
)
_PATIENCE_SECONDS = 240
_ACCEPTED: Literal["workflow_execution_update_accepted_event_attributes"] = (
    "workflow_execution_update_accepted_event_attributes"
)
NOW = datetime(2030, 1, 1, tzinfo=UTC)

TERMS = """\
contract: {contract}
title: Quokka seals
supplier: Quokka Sealing
buyer: Quokka Motors
notices: notices@quokka.example
document: quokka-contract.pdf
law: the law of Quokka
zone: Europe/Berlin
calendar: DE-BW
slack_channel: "#quokka"
owner: {mira}
approver: {carla}
roles:
  lead: {lee}
people:
  - {{email: "{mira}", name: Mira Quokka, slack: U0QUOKKA1, deputies: ["{lee}"]}}
  - {{email: "{carla}", name: Carla Quokka, slack: U0QUOKKA2}}
  - {{email: "{lee}"}}
ladders:
  - id: own
    situation: a Quokka is late
    rungs:
      - {{id: warn, day: -5, owner: owner, action: call the Quokka, due: 2 days}}
      - {{id: plan, day: 0, owner: owner, action: ask the Quokka, due: 2 days,
          remedy: withhold from the Quokka, clause: "Quokka 7"}}
      - {{id: audit, day: 20, owner: lead, action: visit the Quokka, due: 5 days}}
milestones:
  - id: tooling
    due: {due}
    ladder: own
    title: Quokka tooling
    clause: "Quokka 6.1"
    acceptance: the Quokka nods
    price: 400000 EUR
"""

EVIDENCE = (Document(name=Prose("quokka-photo.jpg"), sha256="2" * 64, size=3),)


class NoRoom(HoldfastError):
    """A channel that refuses for good, and is indiscreet about it."""


def once(failure: Exception) -> Callable[[Letter], Awaitable[None]]:
    """A mailbox's trouble, which is over after one failure."""
    failures = [failure]

    async def trouble(_letter: Letter) -> None:
        if failures:
            raise failures.pop()

    return trouble


def once_lost(file_id: str) -> None:
    """A cabinet's trouble, of the first file: Slack has it no more, and is indiscreet about it."""
    if file_id == "F1":
        raise NoRoom("quokka-1.jpg is gone", "ask Mira Quokka for it")


@dataclass(frozen=True)
class Played:
    """What one ladder left behind: the data folder, and all that Temporal knows, as bytes."""

    folder: Path
    temporal: bytes
    said: tuple[str, ...]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The planted contract, walked on a real server until it is all over."""
    return asyncio.run(play(tmp_path_factory.mktemp("played")))


@pytest.fixture
def office(played: Played, tmp_path: Path) -> Iterator[Office]:
    """A copy of the ledger that was left behind, for one test."""
    shutil.copytree(played.folder, tmp_path, dirs_exist_ok=True)
    office = Office.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}", lambda: NOW)
    yield office
    office.close()


def planted(folder: Path, due: date) -> Contract:
    """The contract with something to hide in every text."""
    (folder / "quokka-contract.pdf").write_bytes(b"signed")
    words = TERMS.format(contract=CONTRACT, mira=MIRA, carla=CARLA, lee=LEE, due=due)
    reading = read_text(words, "quokka.yaml", folder, date(2026, 1, 1))
    assert reading.contract is not None, reading.problems
    return reading.contract


async def play(folder: Path) -> Played:
    """Walk the ladder through everything that takes words from people."""
    aside, data = folder / "aside", folder / "data"
    aside.mkdir()
    data.mkdir()
    async with stage_in(data) as stage:
        terms = planted(aside, stage.due.date())
        source = Document(name=Prose("quokka.yaml"), sha256="1" * 64, size=1)
        operator = Doer(
            actor=stage.office.private.identify("os:quokka"),
            authenticated_by="os-user",
            via="cli",
        )
        await stage.desk.register(terms, source, operator)
        stage.mailbox.trouble = once(OSError("no route to Mira Quokka"))
        await stage.move(stage.due + timedelta(hours=1))
        await act_all(stage)
        temporal = b"".join([part async for part in everything(stage.client)])
        await stage.stop_worker()
        said = tuple(letter.subject + letter.text for letter in stage.mailbox.letters)
    return Played(data, temporal, said)


async def act_all(stage: Stage) -> None:
    """Every action that takes words; one refused at the door, one by the ladder itself."""
    day = stage.due.date()
    await stage.act("acknowledge", MIRA, note="Quokka seen")
    await stage.act("confirm", MIRA, note="the Quokka has not come")
    await stage.move(stage.due + timedelta(days=1))
    stage.cabinet.trouble = once_lost
    attached = tuple(stage.cabinet.attach(f"quokka-{n}.jpg", b"a tool") for n in (1, 2))
    await stage.act("complete", MIRA, note="asked the Quokka", evidence=EVIDENCE, attached=attached)
    await until(lambda: not stage.state().attached)
    assert {"evidence.kept", "evidence.missing"} <= set(stage.kinds())
    await stage.act("escalate", MIRA, note="the Quokka does not answer")
    with pytest.raises(HoldfastError):
        await stage.act("reject", CARLA, note="there is no Quokka to reject")
    await stage.act("tender", MIRA, note="a Quokka", delivered=day, evidence=EVIDENCE)
    await stage.act("reject", CARLA, note="not that Quokka")
    await stage.act("note", LEE, note="Quokka noted")
    await instruct_all(stage)
    await stage.act("tender", MIRA, note="another Quokka", delivered=day)
    await until(lambda: not stage.state().outbox)
    stage.mailbox.trouble = once(NoRoom("no room for Mira Quokka", "ask Mira Quokka"))
    failed = await contest(
        stage,
        stage.act("accept", CARLA, note="that Quokka"),
        stage.act("withdraw", CARLA, note="no Quokka was ever late"),
    )
    assert len(failed) == 1
    await until(lambda: bool(stage.state().parked))
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=7))
    await stage.ladder().result()


async def instruct_all(stage: Stage) -> None:
    """Every instruction that takes words, names or addresses; and one that is refused."""
    day = stage.virtual.now.date()
    before = stage.office.casebook.as_written(CONTRACT)
    people = (*before.people, Person(id=PersonRef(ANN), email=Prose(ANN), name=Prose("Ann Quokka")))
    for request in (
        Toll(
            event="strike",
            since=day,
            clause=Prose("Quokka 14"),
            note=Prose("a Quokka strikes"),
            evidence=EVIDENCE,
        ),
        Resume(event="strike", on=day + timedelta(days=1), note=Prose("the Quokka is back")),
        Amend(
            because="signed-amendment",
            ladders="keep",
            affected=(),
            changes=(Prose(f"people {ANN}: Ann Quokka (new)"),),
            terms=before.model_copy(update={"people": people}),
            source=Document(name=Prose("quokka-2.yaml"), sha256="2" * 64, size=1),
            note=Prose("as the Quokka signed"),
        ),
        Reassign(
            leaver=PersonRef(LEE),
            successor=Person(
                id=PersonRef(BEN),
                email=Prose(BEN),
                name=Prose("Ben Quokka"),
                slack=Prose("UQUOKKA"),
            ),
            note=Prose("Lee Quokka leaves"),
        ),
        Extend(
            milestone="tooling",
            due=day + timedelta(days=300),
            reservation=Prose("all rights against the Quokka"),
        ),
        Remark(note=Prose("a new Quokka manages the plant")),
    ):
        await stage.instruct(request, CARLA)
    with pytest.raises(HoldfastError):
        await stage.instruct(Resume(event="strike", on=day, note=Prose("no Quokka strikes")), CARLA)


async def contest(stage: Stage, *rivals: Coroutine[None, None, None]) -> list[HoldfastError]:
    """Let all of them be taken in before the first is recorded; return what the losers hear."""
    gate = threading.Event()
    accepted = await updates(stage)

    def hold(_entry: Entry) -> None:
        gate.wait(_PATIENCE_SECONDS)

    async def are_in() -> bool:
        return await updates(stage) == accepted + len(rivals)

    stage.ledger.trouble = hold
    running = asyncio.gather(*rivals, return_exceptions=True)
    await until(are_in)
    gate.set()
    return [answer for answer in await running if isinstance(answer, HoldfastError)]


async def updates(stage: Stage) -> int:
    """How many actions the ladder's workflow has taken in, whatever became of them."""
    events = stage.ladder().fetch_history_events()
    return len(
        [
            1
            async for e in events
            if e.HasField("workflow_execution_update_accepted_event_attributes")
        ]
    )


async def everything(client: Client) -> AsyncIterator[bytes]:
    """All that Temporal keeps of every run; payloads stand in it as they were encoded."""
    async for execution in client.list_workflows():
        handle = client.get_workflow_handle(execution.id, run_id=execution.run_id)
        async for event in handle.fetch_history_events():
            yield event.SerializeToString()
        description = await handle.describe()
        yield description.raw_description.SerializeToString()
        yield (await metadata(handle)).SerializeToString()


async def metadata(handle: WorkflowHandle[object, object]) -> WorkflowMetadata:
    """What Temporal's UI shows as current details."""
    found: WorkflowMetadata = await handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return found


def test_what_was_planted_was_told_to_those_it_concerns(played: Played) -> None:
    """Otherwise its absence elsewhere would prove nothing."""
    said = "\n".join(played.said)
    for words in ("Quokka Sealing", "Quokka tooling", "Quokka 7", "ask the Quokka", "Mira Quokka"):
        assert words in said


def test_nothing_planted_stands_in_the_chain(office: Office) -> None:
    """Not in one line of it, though every action is there."""
    chain = "\n".join(line.text for line in office.ledger.lines(CONTRACT))
    kinds = ("cure.rejected", "rung.completed", "message.posted", "message.parked")
    for kind in (*kinds, "evidence.kept", "evidence.missing"):
        assert kind in chain
    assert PLANTED not in chain.lower()


def test_nothing_planted_stands_in_temporal(played: Played) -> None:
    """Not in a payload, a summary, an attribute, a detail or a failure of any run."""
    for known in (b"contract:KSS", b"ladder:KSS", b'"contract":"KSS-2026-014"', b"sealed:"):
        assert known in played.temporal
    for failure in (b"OSError", b"NoRoom", b"was closed as"):
        assert failure in played.temporal
    assert PLANTED.encode() not in played.temporal.lower()


def test_nothing_planted_stands_in_the_inbox(office: Office) -> None:
    """Neither in what was asked nor in what was answered, refusals included."""
    with office.ledger.engine.connect() as connection:
        rows = connection.execute(text("SELECT request, answer FROM inbox")).all()
    inbox = "\n".join(f"{request} {answer}" for request, answer in rows)
    assert "nothing is tendered" in inbox
    assert PLANTED not in inbox.lower()


def test_nothing_planted_stands_in_the_standings(office: Office) -> None:
    """They follow the chain, and hold no more than it does."""
    with office.ledger.engine.connect() as connection:
        kept = "\n".join(connection.execute(text("SELECT standing FROM standing")).scalars())
    for known in (CONTRACT, "tooling/1", "sealed:", "owner"):
        assert known in kept
    assert PLANTED not in kept.lower()


def test_what_is_erased_is_nowhere_and_the_history_stands(office: Office, tmp_path: Path) -> None:
    """Verified before and after, audit and status readable, and not a byte of it in the files."""
    before = verify_ledger(office.ledger.engine, CONTRACT)
    entries = [line.entry for line in office.ledger.lines(CONTRACT)]
    assert "Quokka Sealing" in audit(office, tmp_path / "before")
    shutil.rmtree(tmp_path / "before")
    assert office.private.erase_contract(CONTRACT) > 0
    for ref in set(leaves(entries, PersonRef)):
        office.private.erase_person(PersonRef(ref), entries)
    after = verify_ledger(office.ledger.engine, CONTRACT)
    assert (before.ok, before.erased, after.ok, after.head) == (True, 0, True, before.head)
    assert after.erased > 0
    shown = audit(office, tmp_path / "after")
    assert f"Contract with {ERASED} registered: 1 milestone watched." in shown
    assert f"Tender 1 rejected: {ERASED}" in shown
    assert "(erased)" in shown
    assert CONTRACT in standings(office)
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or PLANTED.encode() not in path.read_bytes().lower(), path.name


def audit(office: Office, folder: Path) -> str:
    """The chronology of the contract."""
    written = write_audit(
        office.ledger, office.private, CONTRACT, folder, now=NOW, evidence=office.evidence
    )
    assert written.verdict.ok
    return written.text.read_text(encoding="utf-8")


def standings(office: Office) -> str:
    """What status prints."""
    out = StringIO()
    console = Console(file=out, width=200)
    assert status(office, Choice(), now=NOW, everything=True, as_json=False, console=console) == 0
    return out.getvalue()
