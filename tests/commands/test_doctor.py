"""``holdfast doctor``: whatever lacks is named, with what to do about it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from commands.doctor import doctor
from commands.doctor_evidence import evidence_findings
from commands.doctor_reach import Reach
from commands.embedded import embedded_server, temporal_program
from desk.office import Office
from ladders.contract import Attachment, Document
from ladders.entries import NoteAdded
from ladders.errors import HoldfastError
from ladders.events import Unkept
from ladders.prose import Prose
from settings import utc_now
from tests.commands.books import Paper, Shelf
from tests.ledger.chronicle import CONTRACT, START, disarm
from tests.world import Case

Finding = dict[str, str]


async def nowhere() -> Client:
    """Connect to where nothing listens."""
    return await Client.connect("127.0.0.1:1")


async def examine(connect: Callable[[], Awaitable[Client]], office: Office) -> list[Finding]:
    """What the doctor finds; the exit code must say whether anything lacks."""
    paper = Paper()
    code = await doctor(
        connect, lambda: office, Reach(), now=utc_now(), as_json=True, console=paper
    )
    found: list[Finding] = json.loads(paper.said)
    assert code == int(any(finding["remedy"] for finding in found))
    return found


def remedy(found: list[Finding], what: str) -> str:
    """What to do about the one finding that begins so."""
    (finding,) = [finding for finding in found if finding["what"].startswith(what)]
    return finding["remedy"]


async def test_a_server_that_is_away_is_named(shelf: Shelf) -> None:
    """With the command that starts one; the ledger is well all the same."""
    found = await examine(nowhere, shelf.noted())
    assert "holdfast up" in remedy(found, "temporal")
    assert remedy(found, "ledger") == ""
    assert remedy(found, "channel") == ""


async def test_a_server_without_workers_is_named(shelf: Shelf) -> None:
    """Every queue, as nothing happens to a contract that nobody works on."""
    async with embedded_server() as server:

        async def connect() -> Client:
            return server.client

        found = await examine(connect, shelf.noted())
    assert remedy(found, "temporal: search attributes") == ""
    for queue in ("holdfast", "holdfast-courier", "holdfast-evidence"):
        (finding,) = [each for each in found if each["what"].endswith(f"nobody serves {queue}")]
        assert "worker" in finding["remedy"]


async def test_lacking_search_attributes_are_named_with_the_command(shelf: Shelf) -> None:
    """On a cluster that somebody else has set up; the command names each with its type."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_program(), dev_server_log_level="error"
    ) as environment:

        async def connect() -> Client:
            return environment.client

        found = await examine(connect, shelf.noted())
    command = remedy(found, "temporal: 5 search attributes are not registered")
    assert "search-attribute create" in command
    assert "--name HoldfastRung --type Keyword" in command
    assert "--name HoldfastUntil --type Datetime" in command


async def test_a_ledger_that_was_tampered_with_is_named(shelf: Shelf) -> None:
    """By contract, with the command that names the entries."""
    office = shelf.noted()
    disarm(office.ledger.engine)
    with office.ledger.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entry SET line = 'x' WHERE seq = 2")
    found = await examine(nowhere, office)
    assert f"holdfast verify {CONTRACT}" in remedy(found, f"ledger of {CONTRACT}")


async def test_requests_that_wait_are_counted(shelf: Shelf) -> None:
    """They are no fault, as they are sent on by themselves."""
    office = shelf.noted()
    office.inbox.receive("k", CONTRACT, "contract:x", "{}", START)
    found = await examine(nowhere, office)
    assert found[0]["what"].endswith("requests not applied yet 1")


@pytest.mark.parametrize("error", [OSError("gone"), HoldfastError("newer", "install it")])
async def test_a_ledger_that_cannot_be_opened_is_named(error: Exception) -> None:
    """And the rest is looked at all the same."""

    def closed() -> Office:
        raise error

    paper = Paper()
    assert await doctor(nowhere, closed, Reach(), now=utc_now(), as_json=False, console=paper) == 1
    first, *rest = paper.said.splitlines()
    assert first.startswith("lacks ledger: cannot be read")
    assert any(line.startswith("lacks temporal") for line in rest)
    assert "\x1b" not in paper.said


async def test_evidence_that_is_not_there_any_more_is_named(shelf: Shelf) -> None:
    """Lost, or changed, by its hash; what to do; and well again once it is put back."""
    office = shelf.noted(1)
    kept, changed = (office.evidence.keep([content]) for content in (b"a tool", b"a plan"))
    shown = tuple(
        Document(name=Prose("sealed"), sha256=each[0], size=6) for each in (kept, changed)
    )
    (last,) = office.ledger.lines(CONTRACT)[-1:]
    body = NoteAdded(note=Prose("see the files"), evidence=shown)
    more = {"key": "see", "after": last.entry.key, "body": body}
    entry = last.entry.model_copy(update=more)
    office.ledger.append(office.private.seal(CONTRACT, entry))
    assert remedy(await examine(nowhere, office), "evidence: whole") == ""
    copy = office.evidence.folder / kept.sha256
    copy.unlink()
    (office.evidence.folder / changed.sha256).write_bytes(b"forged")
    found = await examine(nowhere, office)
    assert str(office.evidence.folder) in remedy(
        found, f"evidence of {CONTRACT}: {kept.sha256} is missing"
    )
    assert "backup" in remedy(found, f"evidence of {CONTRACT}: {changed.sha256} is changed")
    copy.write_bytes(b"a tool")
    office.evidence.keep([b"a plan"])
    assert remedy(await examine(nowhere, office), "evidence: whole") == ""


def test_a_file_that_does_not_come_is_named(shelf: Shelf) -> None:
    """Since when, and after a while what to look at; once it is missing nobody waits for it."""
    case = Case()
    case.pass_days(15)
    photo = Attachment(id="F1", name=Prose("photo.jpg"), size=3)
    case.act("complete", key="done", attached=(photo,))
    since, office = case.entries[-1].occurred_at, shelf.of(case)
    fresh, late = (
        next(evidence_findings(office, [CONTRACT], since + timedelta(hours=hours)))
        for hours in (0, 2)
    )
    assert f"{CONTRACT}: 1 file still to be fetched, since {since:%F %R} UTC" in fresh.what
    assert fresh.remedy == ""
    assert "may read files" in late.remedy
    case.feed(Unkept(act="done", attachment="F1", problem="file_deleted"))
    later = list(evidence_findings(shelf.of(case), [CONTRACT], since + timedelta(days=9)))
    assert [finding.remedy for finding in later] == [""]
