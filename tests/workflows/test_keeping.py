"""Files that people attach: fetched however long that takes, kept once, and no clock waits."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import PendingActivityState

from activities.keeping import Unreachable
from channels.slack_files import Unfetched
from desk.rebuilding import start_again
from ladders.contract import Attachment
from ladders.entries import Entry, EvidenceKept, EvidenceMissing, MessagePosted
from ladders.watch import STREAM
from ledger.evidence import EvidenceStore, Kept
from tests.stage import (
    CARLA,
    MIRA,
    Away,
    Stage,
    kinds_of,
    silent_course,
    until,
    without_temporal,
)
from tests.world import pick

_PLAN = b"recovery plan"
_TWO_DAYS = timedelta(days=2)
_PROMPTLY = timedelta(seconds=5)
_GONE = Unfetched("file_deleted", permanent=True)


def _raising(error: Exception) -> Callable[[str], None]:
    def trouble(_file_id: str) -> None:
        raise error

    return trouble


async def _attach(stage: Stage, content: bytes = _PLAN) -> Attachment:
    """Complete the first rung, with a file."""
    plan = stage.cabinet.attach("recovery plan.pdf", content)
    await stage.act("complete", MIRA, note="plan demanded", attached=(plan,))
    return plan


def _kept(stage: Stage) -> list[EvidenceKept]:
    entries = stage.office.private.open(stage.entries())
    return [body for _, body in pick(entries, EvidenceKept)]


def _whole(stage: Stage, content: bytes) -> bool:
    """Whether one entry says that ``content`` is kept under its hash and its name, and it is."""
    (kept,) = _kept(stage)
    document, sha256 = kept.document, hashlib.sha256(content).hexdigest()
    said = (document.name, document.sha256, document.size)
    assert said == ("recovery plan.pdf", sha256, len(content))
    with stage.office.evidence.open(sha256) as file:
        return file.read() == content


async def test_a_worker_without_a_token_declares_nothing_lost(stage: Stage) -> None:
    """Somebody has started it wrongly; once that is mended the file is fetched."""
    await stage.missed()
    stage.cabinet.trouble = _raising(Unreachable("F1"))
    await _attach(stage)
    await until(lambda: bool(stage.cabinet.asked))
    stage.cabinet.trouble = None
    await stage.virtual.jump(stage.virtual.now + timedelta(hours=2))
    await until(lambda: not stage.state().attached)
    assert _whole(stage, _PLAN)


async def test_what_was_attached_is_kept_and_its_hash_recorded(stage: Stage) -> None:
    """Under the name it came with, for the act that brought it."""
    await stage.missed()
    plan = await _attach(stage)
    await until(lambda: not stage.state().attached)
    assert _whole(stage, _PLAN)
    (kept,) = _kept(stage)
    (completed,) = [e for e in stage.entries() if e.body.kind == "rung.completed"]
    assert (kept.act, kept.attachment) == (completed.key, plan.id)
    await until(stage.agrees)
    assert stage.cabinet.asked == [plan.id]


async def test_a_slack_that_is_down_for_days_moves_no_deadline(stage: Stage) -> None:
    """Every entry at the instant it would have had anyway; then the file is kept, once."""
    await stage.missed()
    stage.cabinet.trouble = _raising(Unfetched("missing_scope", retry_after=_TWO_DAYS))
    await _attach(stage)
    before, end = stage.course(), stage.due + timedelta(days=20)
    expected = silent_course(stage.entries(), end)
    await stage.virtual.jump(end)
    await until(lambda: len(stage.course()) - len(before) >= len(expected))
    found = stage.course()[len(before) :]
    assert kinds_of(found) == kinds_of(expected)
    for entry, planned in zip(found, expected, strict=True):
        assert timedelta(0) <= entry.occurred_at - planned.occurred_at < _PROMPTLY
    assert len(stage.state().attached) == 1
    stage.cabinet.trouble = None
    await stage.virtual.jump(stage.virtual.now + _TWO_DAYS + timedelta(minutes=1))
    await until(lambda: not stage.state().attached)
    assert _whole(stage, _PLAN)
    await until(stage.agrees)


async def test_a_file_that_is_gone_is_asked_for_again(stage: Stage) -> None:
    """Whoever attached it is told which, and why; what they reported stands."""
    await stage.missed()
    stage.cabinet.trouble = _raising(_GONE)
    await _attach(stage)
    await until(lambda: not stage.state().attached)
    stage.cabinet.trouble = None
    await stage.move(stage.virtual.now)
    ((_, missing),) = pick(stage.entries(), EvidenceMissing)
    assert missing.problem == "file_deleted"
    (told,) = missing.tell
    assert told.to == stage.person(MIRA)
    (letter,) = [each for each in stage.mailbox.letters if each.key.endswith(told.key)]
    assert "“recovery plan.pdf”" in letter.text
    assert letter.address == MIRA
    posted = [body.message for _, body in pick(stage.entries(), MessagePosted)]
    assert posted.count(told.key) == 1
    again = stage.cabinet.attach("recovery plan.pdf", b"the same plan")
    await stage.act("note", MIRA, note="the plan, again", attached=(again,))
    await until(lambda: not stage.state().attached)
    assert _whole(stage, b"the same plan")


async def test_no_file_waits_for_another(stage: Stage) -> None:
    """One that cannot be had yet holds up none of those that came with it."""

    def trouble(file_id: str) -> None:
        if file_id == first.id:
            raise Unfetched("connection_lost", retry_after=_TWO_DAYS)

    await stage.missed()
    stage.cabinet.trouble = trouble
    first, second = (stage.cabinet.attach("recovery plan.pdf", each) for each in (b"11", b"222"))
    await stage.act("complete", MIRA, attached=(first, second))
    await until(lambda: [owed.file.id for owed in stage.state().attached] == [first.id])
    assert _whole(stage, b"222")


async def test_files_that_wait_for_their_turn_wait_in_temporal(stage: Stage) -> None:
    """Two are fetched at a time; no message waits for them, nor does their time run yet."""
    going_on = threading.Event()
    await stage.missed()
    stage.cabinet.trouble = lambda _file_id: _wait(going_on)
    files = [stage.cabinet.attach("recovery plan.pdf", bytes([n])) for n in range(5)]
    try:
        await stage.act("complete", MIRA, attached=tuple(files))
        await until(lambda: len(stage.cabinet.asked) >= 2)
        told = len(stage.mailbox.letters)
        await stage.act("tender", MIRA, delivered=stage.due.date())
        await until(lambda: len(stage.mailbox.letters) > told)
        assert await _fetching(stage) == [False, False, False, True, True]
    finally:
        going_on.set()
    await until(lambda: not stage.state().attached)
    assert len(_kept(stage)) == 5


def _wait(going_on: threading.Event) -> None:
    assert going_on.wait(30)


async def _fetching(stage: Stage) -> list[bool]:
    """Of each file that a ladder waits for, whether a worker has begun to fetch it."""
    found = (await stage.ladder().describe()).raw_description.pending_activities
    states = [each.state for each in found if each.activity_type.name == "keep"]
    return sorted(state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED for state in states)


async def test_a_ladder_that_is_closed_waits_for_what_came_with_the_last_tender(
    stage: Stage,
) -> None:
    """Its contract hears of the close at once; its workflow ends once the file is kept."""
    await stage.missed()
    stage.cabinet.trouble = _raising(Unfetched("http_503", retry_after=_TWO_DAYS))
    photo = stage.cabinet.attach("recovery plan.pdf", _PLAN)
    await stage.act("tender", MIRA, delivered=stage.due.date(), attached=(photo,))
    await stage.act("accept", CARLA)
    await until(lambda: stage.kinds("contract")[-1] == "milestone.settled")
    await stage.virtual.jump(stage.virtual.now + timedelta(days=1))
    await until(lambda: not stage.state().outbox)
    assert len((await stage.asked()).attached) == 1
    stage.cabinet.trouble = None
    await stage.virtual.jump(stage.virtual.now + _TWO_DAYS)
    await stage.ladder().result()
    assert _whole(stage, _PLAN)


async def test_what_cannot_be_had_for_thirty_days_is_missing(stage: Stage) -> None:
    """A right that nobody grants: the reason is the last one given."""
    await stage.missed()
    stage.cabinet.trouble = _raising(Unfetched("missing_scope", retry_after=_TWO_DAYS))
    await _attach(stage)
    await stage.virtual.jump(stage.due + timedelta(days=29))
    assert len(stage.state().attached) == 1
    await stage.virtual.jump(stage.due + timedelta(days=33))
    await until(lambda: not stage.state().attached)
    ((_, missing),) = pick(stage.entries(), EvidenceMissing)
    assert missing.problem == "missing_scope"


async def test_a_closed_ladder_that_is_rebuilt_still_fetches_what_it_owes(stage: Stage) -> None:
    """Temporal has lost everything; the ledger says that a file is still to come."""
    await stage.missed()
    stage.cabinet.trouble = _raising(Unfetched("http_503", retry_after=_TWO_DAYS))
    photo = stage.cabinet.attach("recovery plan.pdf", _PLAN)
    await stage.act("tender", MIRA, delivered=stage.due.date(), attached=(photo,))
    await stage.act("accept", CARLA)
    await until(lambda: not stage.state().outbox)
    stage.cabinet.trouble = None
    async with without_temporal(stage) as again:
        rebuilt = await start_again(again.client, again.office)
        assert [case.stream for case in rebuilt.started if case.stream != STREAM] == ["tooling/1"]
        await again.ladder().result()
        assert again.state().attached == ()
        assert _whole(again, _PLAN)


class ForgetfulStore(EvidenceStore):
    """A store whose first answer is lost: the file is kept, and nobody hears of it."""

    answers = 0

    def keep(self, chunks: Iterable[bytes]) -> Kept:
        """Keep, and answer from the second time on."""
        kept = super().keep(chunks)
        self.answers += 1
        if self.answers == 1:
            raise Away
        return kept


@pytest.mark.parametrize("lost", ["answer", "entry"])
async def test_a_worker_that_dies_before_it_is_recorded_leaves_one_entry(
    stage: Stage, lost: str
) -> None:
    """Between keeping and saying so, or between saying so and the ledger."""
    recording = lost == "entry"

    def trouble(entry: Entry) -> None:
        if recording and entry.body.kind == "evidence.kept":
            raise Away

    if lost == "answer":
        await _serve_with(stage, ForgetfulStore(stage.office.evidence.folder))
    await stage.missed()
    stage.ledger.trouble = trouble
    plan = await _attach(stage)
    sha256 = hashlib.sha256(_PLAN).hexdigest()
    await until(lambda: stage.office.evidence.has(sha256))
    await stage.stop_worker()
    recording = False
    await stage.start_worker()
    await stage.virtual.jump(stage.virtual.now + Away.retry_after + timedelta(minutes=1))
    await until(lambda: not stage.state().attached)
    assert _whole(stage, _PLAN)
    assert set(stage.cabinet.asked) == {plan.id}
    names = {path.name for path in stage.office.evidence.folder.iterdir() if path.is_file()}
    assert names == {sha256}
    await until(stage.agrees)


async def _serve_with(stage: Stage, store: EvidenceStore) -> None:
    await stage.stop_worker()
    stage.office = replace(stage.office, evidence=store)
    await stage.start_worker()
