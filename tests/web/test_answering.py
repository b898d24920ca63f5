"""Answering by link: real pages before a real desk, and ladders that move by them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from desk.links import LASTS
from ladders.contract import Person
from ladders.entries import CureAccepted, CureTendered, Doer
from ladders.instructions import Reassign
from ladders.prose import PersonRef, Prose
from tests.stage import BRIEF, CARLA, CONTRACT, JONAS, MIRA, Stage, until
from tests.web.stand import Stand, standing
from tests.world import rung


@pytest.fixture
async def stand(stage: Stage) -> AsyncIterator[Stand]:
    """A missed milestone, and a server before the desk."""
    await stage.missed()
    async with standing(stage) as built:
        yield built


async def tendered(stand: Stand) -> None:
    """The owner reports delivery, by link."""
    day = stand.stage.virtual.now.date().isoformat()
    answer = await stand.answer(stand.link("tender", MIRA), delivered=day, note="On the floor.")
    assert answer.status_code == 200, answer.text


def words(answer: httpx.Response) -> str:
    """The page without its style, on one line."""
    return " ".join(answer.text.partition("</style>")[2].split())


async def test_a_ladder_is_driven_to_its_end_by_links_alone(stand: Stand) -> None:
    """Tendered and accepted; the second click on a link learns who accepted, and when."""
    stage = stand.stage
    await tendered(stand)
    accept, reject = stand.link("accept", CARLA), stand.link("reject", CARLA)
    shown = words(await stand.http.get(accept))
    assert "Accept the delivery" in shown
    assert "On the floor." in shown
    assert "Answer by" in shown
    done = await stand.answer(accept)
    assert done.status_code == 200
    entry = stage.course()[-1]
    assert isinstance(entry.body, CureAccepted)
    assert entry.by == Doer(actor=stage.person(CARLA), authenticated_by="email-link", via="email")
    line = stage.ledger.find(CONTRACT, entry.key)
    assert line is not None
    assert f"recorded as entry {line.seq} of {CONTRACT}" in words(done)
    assert line.hash in words(done)
    assert f"<dt>Answered by</dt><dd>{CARLA}</dd>" in words(done)
    assert f"{entry.deemed_at:%F %R} UTC" in words(done)
    assert stage.state().phase == "closed"
    again = words(await stand.http.get(accept))
    assert "Accept the delivery: not possible" in again
    closed = stage.state().opened.calendar.shown(entry.occurred_at)
    assert f"was closed as cured at {closed} by {CARLA}." in again
    assert "<form" not in again
    assert "Answer by" not in again
    assert words(await stand.http.get(reject)).count(CARLA) >= 2


async def test_opening_a_link_changes_nothing(stand: Stand) -> None:
    """However often a mail scanner does, and by whatever method that only looks."""
    stage, path = stand.stage, stand.link("complete", MIRA, "plan")
    before = stage.entries()
    for _ in range(2):
        assert (await stand.http.get(path)).status_code == 200
    assert (await stand.http.head(path)).status_code == 200
    assert stage.entries() == before
    assert stage.office.inbox.unsettled() == []


async def test_a_page_says_what_is_at_stake_and_which_right_is_meant(stage: Stage) -> None:
    """As the message does from which the link comes; an action's full stop is not doubled."""
    act = rung("plan", 0, remedy="reserve all rights", action="Demand a plan.")
    await stage.missed(BRIEF.model_copy(update={"rungs": (act,)}))
    async with standing(stage) as stand:
        shown = words(await stand.http.get(stand.link("complete", MIRA, "plan")))
    assert "<dt>At stake</dt><dd>no amount is named (clause 6.1)</dd>" in shown
    assert "<dt>Right under the contract</dt><dd>reserve all rights (clause 6.1)</dd>" in shown
    assert "<dd>Demand a plan, by the owner</dd>" in shown


async def test_only_who_is_known_in_slack_is_sent_there_with_files(stand: Stand) -> None:
    """To others it is no help."""
    path = stand.link("complete", MIRA, "plan")
    assert "say where they are.</p>" in words(await stand.http.get(path))
    mira = stand.stage.person(MIRA)
    stand.stage.office.private.remember_slack("T1", "U1", mira, None)
    shown = words(await stand.http.get(path))
    assert "say where they are, or answer in Slack and attach them.</p>" in shown


async def test_what_was_written_is_shown_once_it_is_recorded(stand: Stand) -> None:
    """With the day of delivery, in whose name, and when it was received."""
    path = stand.link("tender", MIRA)
    day = stand.stage.virtual.now.date()
    done = await stand.answer(path, delivered=day.isoformat(), note="On <the> floor.")
    said = words(done)
    assert f"<dt>Answered by</dt><dd>{MIRA}</dd>" in said
    assert f"<dt>Delivered on</dt><dd>{day:%A} {day.day} {day:%B %Y}</dd>" in said
    assert "<dt>Written</dt><dd>On &lt;the&gt; floor.</dd>" in said


async def test_who_asks_too_late_is_told_what_is_open(stand: Stand) -> None:
    """Which rung of whom, and not to look somewhere else."""
    path = stand.link("complete", MIRA, "plan")
    await stand.answer(path, note="done")
    again = words(await stand.http.get(path))
    assert "Nothing was changed; open now: no rung." in again


async def test_a_form_sent_twice_is_one_answer(stand: Stand) -> None:
    """Both are told the same entry; a form that was opened anew is another answer."""
    stage, path = stand.stage, stand.link("note", MIRA)
    said = {"shown": "once", "note": "called the supplier"}
    twice = await asyncio.gather(*(stand.http.post(path, data=said) for _ in range(2)))
    assert [each.status_code for each in twice] == [200, 200]
    assert twice[0].text == twice[1].text
    assert stage.kinds().count("note.added") == 1
    await stand.http.post(path, data={**said, "shown": "later"})
    assert stage.kinds().count("note.added") == 2


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(stand: Stand) -> None:
    """All at once, and corrected it is taken."""
    stage, path = stand.stage, stand.link("tender", MIRA)
    wrong = await stand.answer(path, delivered="2999-01-01", note="<b>" * 700)
    assert wrong.status_code == 422
    assert words(wrong).count('aria-invalid="true"') == 2
    assert "This day has not come yet" in wrong.text
    assert "This has 2,100 characters" in wrong.text
    assert 'value="2999-01-01"' in wrong.text
    assert "&lt;b&gt;" * 700 in wrong.text
    assert stage.office.inbox.unsettled() == []
    await tendered(stand)
    body = stage.course()[-1].body
    assert isinstance(body, CureTendered)
    assert stage.office.private.open(body).note == "On the floor."


async def test_a_link_of_somebody_who_was_replaced_is_refused(stand: Stand) -> None:
    """Its owner is told who may answer now, and the attempt stands in the inbox."""
    stage = stand.stage
    path = stand.link("complete", MIRA, "plan")
    successor = Person(id=PersonRef("new@ardent.example"), email=Prose("new@ardent.example"))
    await stage.instruct(Reassign(leaver=PersonRef(MIRA), successor=successor))
    await until(lambda: "terms.followed" in stage.kinds())
    before = stage.kinds()
    shown = await stand.http.get(path)
    assert f"is not for {MIRA} to do on tooling/1" in words(shown)
    assert "new@ardent.example" in words(shown)
    refused = await stand.http.post(path, data={"note": "done"})
    assert refused.status_code == 409
    assert f"is not for {MIRA}" in words(refused)
    assert stage.kinds() == before
    assert stage.office.inbox.unsettled() == []


async def test_a_stale_link_says_what_is_asked_by_now(stand: Stand) -> None:
    """A tender that was rejected meanwhile cannot be accepted by its old link."""
    await tendered(stand)
    stale = stand.link("accept", CARLA)
    await stand.answer(stand.link("reject", CARLA), note="two cavities out of tolerance")
    await tendered(stand)
    answer = await stand.http.post(stale, data={"shown": "once"})
    assert answer.status_code == 409
    assert "Tender 1 is not what is asked of tooling/1 any more" in words(answer)
    assert "now it would be about tender 2" in words(answer)
    assert stand.stage.state().tenders == 2
    assert stand.stage.state().phase != "closed"


async def test_expired_forged_and_foreign_links_open_nothing(stand: Stand) -> None:
    """Each says what to do; none is recorded, though the form had been opened in time."""
    stage, path = stand.stage, stand.link("note", MIRA)
    forged = await stand.http.get(path[:-4] + "AAAA")
    assert forged.status_code == 404
    assert "none of ours" in words(forged)
    assert (await stand.http.post("/answer/x", data={"note": "x"})).status_code == 404
    foreign = await stand.http.get(stand.link("escalate", JONAS))
    assert f"is not for {JONAS} to do" in words(foreign)
    before = stage.kinds()
    await stage.virtual.jump(stage.virtual.now + LASTS + timedelta(seconds=1))
    after = stage.kinds()
    for expired in (await stand.http.get(path), await stand.http.post(path, data={"note": "x"})):
        assert expired.status_code == 410
        assert "use the link in a newer message" in words(expired)
    assert stage.kinds() == after
    assert before == after[: len(before)]


async def test_what_no_form_of_ours_sends_is_refused(stand: Stand) -> None:
    """With a page that says what to do, and never as a mistake of ours."""
    path, form = stand.link("note", MIRA), "application/x-www-form-urlencoded"
    for content, kind, status in (
        (b"{}", "application/json", 415),
        (b"note=x", "", 415),
        (b"note", form, 400),
        (b"note=%ff", f"{form}; charset=utf-8", 400),
        (b"note=a&note=b", form, 400),
        (b"note=" + b"x" * 65_536, form, 413),
        (b"note=", form, 422),
        (b"", form, 422),
    ):
        answer = await stand.http.post(path, content=content, headers={"content-type": kind})
        assert answer.status_code == status, (content[:20], kind)
        assert "nothing" in words(answer).lower()


async def test_while_nothing_can_be_applied_an_answer_is_kept(stage: Stage) -> None:
    """It is received with its time, and applied once by the worker that comes back."""
    await stage.missed()
    await stage.stop_worker()
    said = {"note": "done", "shown": "once"}
    async with standing(stage, timedelta(seconds=0.5)) as stand:
        path = stand.link("complete", MIRA, "plan")
        kept = await stand.http.post(path, data=said)
    assert kept.status_code == 202
    assert f"; {stage.virtual.now:%F %R} UTC). It counts from then." in words(kept)
    await stage.start_worker()
    async with standing(stage) as stand:
        done = await stand.http.post(path, data=said)
    assert done.status_code == 200
    assert stage.kinds().count("rung.completed") == 1
