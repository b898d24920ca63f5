"""``holdfast reconcile``: a ledger put back to an older copy under running ladders is mended."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from temporalio.client import Client

from commands.doctor import doctor
from commands.doctor_reach import Reach
from commands.reconcile import reconcile
from desk.casebook import UnknownCase
from desk.histories import TemporalSilent
from desk.reconciling import NotMendable
from ladders.alarms import next_alarm
from ladders.contract import Contract
from ladders.entries import Entry, LedgerMended
from ladders.kinds.mending import LEDGER_STREAM
from ledger.audit import write_audit
from ledger.lines import Head, Line
from ledger.verifying import verify_ledger
from tests.backups import back_up, put_back
from tests.commands.books import Paper
from tests.ledger.chronicle import disarm
from tests.stage import BRIEF, CARLA, CONTRACT, MIRA, Stage, kinds_of, silent_course, until
from workflows.names import PHASE

BOTH = ("tooling/1", "ppap/1")


def two_milestones(stage: Stage) -> Contract:
    """The stage's contract with a second milestone, due as the first."""
    terms = stage.terms(ladder=BRIEF)
    (tooling,) = terms.milestones
    ppap = tooling.model_copy(update={"id": "ppap"})
    return terms.model_copy(update={"milestones": (tooling, ppap)})


async def typed(
    stage: Stage, *contracts: str, yes: bool = False, as_json: bool = False
) -> tuple[int, str]:
    """What the command returns and prints, in a pipe."""

    async def connect() -> Client:
        return stage.client

    paper = Paper()
    code = await reconcile(
        connect, stage.office, contracts, confirm=lambda _: yes, as_json=as_json, console=paper
    )
    return code, paper.said


async def remedy(stage: Stage, what: str) -> str:
    """What doctor says about the finding that begins so."""

    async def connect() -> Client:
        return stage.client

    paper = Paper()
    now = stage.virtual.now
    await doctor(connect, lambda: stage.office, Reach(), now=now, as_json=True, console=paper)
    (found,) = [each for each in json.loads(paper.said) if each["what"].startswith(what)]
    return str(found["remedy"])


def lines(stage: Stage) -> list[Line]:
    """All that the ledger holds, but for what was done to the ledger itself."""
    return [line for line in stage.ledger.lines(CONTRACT) if line.entry.stream != LEDGER_STREAM]


def alarm(stage: Stage) -> datetime:
    """When the first ladder has something to say by itself."""
    found = next_alarm(stage.state())
    assert found is not None
    return found.at


async def is_blocked(stage: Stage, stream: str) -> bool:
    """Whether Temporal shows a ladder as blocked."""
    shown = (await stage.ladder(stream).describe()).typed_search_attributes
    return shown.get(PHASE) == "blocked"


async def goes_on(stage: Stage, before: dict[str, list[Entry]]) -> None:
    """Both ladders take the course they would have taken anyway."""
    end = stage.due + timedelta(days=20)
    await stage.virtual.jump(stage.virtual.now + timedelta(minutes=2))
    await stage.move(end)
    for stream, stood in before.items():
        course = [entry for entry in stage.course(stream) if entry not in stood]
        assert kinds_of(course) == kinds_of(silent_course(stood, end))
        assert await stage.asked(stream) == stage.state(stream)
        assert not await is_blocked(stage, stream)


async def test_a_ledger_rolled_back_under_running_ladders_is_mended(
    stage: Stage, tmp_path: Path
) -> None:
    """Refused, explained, mended to the same head, verified; the ladders go on."""
    yesterday = tmp_path / "yesterday.sqlite"
    await stage.register(two_milestones(stage))
    await stage.move(stage.due)
    back_up(stage, yesterday)
    kept = lines(stage)
    await stage.act("confirm", MIRA)
    await stage.act("confirm", MIRA, "ppap/1", note="still at the toolmaker")
    await stage.move(stage.due + timedelta(days=1))
    await stage.act("note", CARLA, note="called")
    stood, before = lines(stage), {stream: stage.entries(stream) for stream in BOTH}
    said = f"{CONTRACT}: {len(stood)} entries the same in ledger and Temporal\n"
    assert await typed(stage) == (0, said)

    due = alarm(stage)
    put_back(stage, yesterday)
    await stage.virtual.jump(due + timedelta(minutes=2))
    for stream in BOTH:
        await until(partial(is_blocked, stage, stream))
    assert lines(stage) == kept
    assert "holdfast reconcile" in await remedy(stage, f"ledger of {CONTRACT}")

    code, said = await typed(stage)
    assert code == 1
    lost = stood[len(kept) :]
    assert f"{len(lost)} entries in Temporal only" in said
    assert all(f"{line.seq:>5}" in said and line.entry.key in said for line in lost)
    assert "6 texts" in said
    assert "3 requests" in said
    assert "--yes" in said
    assert lines(stage) == kept

    code, said = await typed(stage, yes=True)
    assert (code, f"{len(lost)} entries chained again, exactly as before" in said) == (0, True)
    assert [line.text for line in lines(stage)][: len(stood)] == [line.text for line in stood]
    verdict = verify_ledger(stage.ledger.engine, CONTRACT, Head(len(stood), stood[-1].hash))
    assert (verdict.ok, verdict.vouched, verdict.erased) == (True, True, 6)
    assert (await typed(stage))[0] == 0
    await goes_on(stage, before)
    assert await remedy(stage, "temporal: open contracts") == ""


async def test_the_mending_is_on_record_and_in_the_audit(stage: Stage, tmp_path: Path) -> None:
    """Who had it done, when, how many entries and which; read by people and by the verifier."""
    yesterday = tmp_path / "yesterday.sqlite"
    await stage.missed()
    back_up(stage, yesterday)
    await stage.act("note", CARLA, note="called")
    await stage.act("note", CARLA, note="called again")
    last = lines(stage)[-1].seq
    put_back(stage, yesterday)
    document = json.loads((await typed(stage, yes=True, as_json=True))[1])
    assert document[0]["mended"] == [{"first": last - 1, "last": last, "restored": 2}]
    assert [lost["seq"] for lost in document[0]["temporal_only"]] == [last - 1, last]
    (line,) = stage.ledger.lines(CONTRACT, LEDGER_STREAM)
    assert line.entry.body == LedgerMended(first=last - 1, last=last, restored=2, renumbered=0)
    assert line.entry.by.authenticated_by == "os-user"
    assert stage.virtual.now - line.entry.occurred_at < timedelta(minutes=1)
    office = stage.office
    written = write_audit(office.ledger, office.private, CONTRACT, tmp_path, now=stage.virtual.now)
    assert written.verdict.ok
    assert f"entries {last - 1} to {last}, 2 exactly" in written.text.read_text(encoding="utf-8")
    assert "[erased]" in written.text.read_text(encoding="utf-8")


async def test_what_cannot_stand_as_it_stood_is_recorded_anew_and_said(
    stage: Stage, tmp_path: Path
) -> None:
    """Somebody appended to the old end: the lost entries follow, under other hashes."""
    yesterday = tmp_path / "yesterday.sqlite"
    await stage.missed()
    back_up(stage, yesterday)
    await stage.act("note", CARLA, note="called")
    stood, before = lines(stage), {"tooling/1": stage.entries()}
    put_back(stage, yesterday)
    stray = stood[0].entry.model_copy(update={"stream": "elsewhere", "key": "stray"})
    stage.ledger.append(stray)
    code, said = await typed(stage, yes=True)
    assert code == 0
    assert "1 entry recorded anew, under other hashes" in said
    head = Head(stood[-1].seq, stood[-1].hash)
    assert verify_ledger(stage.ledger.engine, CONTRACT).ok
    assert not verify_ledger(stage.ledger.engine, CONTRACT, head).ok
    code, said = await typed(stage)
    assert (code, "1 entry in the ledger only" in said) == (0, True)
    await goes_on(stage, before)


async def test_a_backup_from_before_the_registration_is_mended_too(
    stage: Stage, tmp_path: Path
) -> None:
    """Though whoever stood in it is known by pseudonym only."""
    empty = tmp_path / "empty.sqlite"
    back_up(stage, empty)
    await stage.missed()
    stood = lines(stage)
    put_back(stage, empty)
    code, said = await typed(stage, yes=True)
    assert (code, "5 people's addresses" in said) == (0, True)
    assert lines(stage) == stood


async def test_other_content_under_a_key_is_named_and_nothing_is_appended(
    stage: Stage, tmp_path: Path
) -> None:
    """Neither what is lost beside it, nor under another contract."""
    yesterday = tmp_path / "yesterday.sqlite"
    await stage.missed()
    back_up(stage, yesterday)
    await stage.act("note", CARLA, note="called")
    await stage.act("note", CARLA, note="called again")
    lost = stage.entries()[-2]
    put_back(stage, yesterday)
    stage.ledger.append(lost.model_copy(update={"deemed_at": lost.occurred_at - timedelta(1)}))
    before = lines(stage)
    with pytest.raises(NotMendable, match=f"{lost.key}.: it has other content"):
        await typed(stage, yes=True)
    assert lines(stage) == before


async def test_what_a_blocked_ladder_cannot_record_is_named(stage: Stage) -> None:
    """Something else stands under the key of what it has to say: that differs, and is not lost."""
    await stage.missed()
    due = alarm(stage)
    key = f"tooling/1/rung/plan/reminded:{due:%FT%T}"
    (first, *_) = stage.entries()
    stage.ledger.append(first.model_copy(update={"stream": "elsewhere", "key": key}))
    await stage.virtual.jump(due + timedelta(minutes=2))
    await until(lambda: is_blocked(stage, "tooling/1"))
    code, said = await typed(stage, yes=True)
    assert (code, f"({key}): it has other content in Temporal" in said) == (1, True)
    assert "only" not in said


async def test_a_ledger_that_was_tampered_with_is_not_appended_to(
    stage: Stage, tmp_path: Path
) -> None:
    """A chain that is broken is not made longer."""
    yesterday = tmp_path / "yesterday.sqlite"
    await stage.missed()
    back_up(stage, yesterday)
    await stage.act("note", CARLA, note="called")
    put_back(stage, yesterday)
    disarm(stage.ledger.engine)
    with stage.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entry SET kind = 'note.added' WHERE seq = 3")
    with pytest.raises(NotMendable, match="does not verify"):
        await typed(stage, yes=True)


async def test_an_unknown_contract_and_a_silent_temporal_are_refused(stage: Stage) -> None:
    """With what is known, and with what to run."""
    with pytest.raises(UnknownCase, match="NOPE-1"):
        await typed(stage, "NOPE-1")

    async def nowhere() -> Client:
        return await Client.connect("127.0.0.1:1")

    with pytest.raises(TemporalSilent, match="holdfast up"):
        await reconcile(
            nowhere, stage.office, [], confirm=lambda _: True, as_json=False, console=Paper()
        )
