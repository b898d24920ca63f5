"""Forms: what each brings into the ledger, what is wrong with one, and what stands behind More."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from channels.slack_files import Unfetched
from ladders import entries as kinds
from tests.slack.world import Modal
from tests.stage import CARLA, JONAS, Stage, until
from tests.web.people import CONTRACT, Floor, words
from tests.world import pick


def blocks_of(modal: Modal) -> list[str]:
    """The inputs of a form."""
    return [each["block_id"] for each in modal.view["blocks"] if each["type"] == "input"]


def local_day(stage: Stage, days: int = 0) -> str:
    """A day around the present one, as the contract's clock has it."""
    calendar = stage.state().opened.calendar
    return (calendar.local(stage.virtual.now) + timedelta(days=days)).date().isoformat()


async def test_done_with_a_file(floor: Floor) -> None:
    """The note, and of each file its id, name and size; its address is not taken from there."""
    await floor.stage.missed()
    file = floor.slack.attach(floor.mira, "8D report.pdf", b"evidence")
    modal = await floor.modal(floor.mira, "complete")
    assert blocks_of(modal) == ["note", "files"]
    assert "Rung 1 of 2: do plan" in words(modal.view)
    answer = await floor.submit(floor.mira, modal, note="as agreed", files=[file])
    assert "Recorded as entry" in words(answer.body["view"])
    [(_, body)] = pick(floor.stage.entries(), kinds.RungCompleted)
    opened = floor.stage.office.private.open(body)
    assert opened.note == "as agreed"
    assert opened.attached is not None
    [attached] = opened.attached
    assert (attached.id, attached.name, attached.size) == (file["id"], "8D report.pdf", 8)


async def test_a_file_that_was_lost_is_attached_again_with_a_note(floor: Floor) -> None:
    """As the message asks that says so; what comes then is kept."""
    stage = floor.stage

    def trouble(_file_id: str) -> None:
        raise Unfetched("file_deleted", permanent=True)

    await stage.missed()
    stage.cabinet.trouble = trouble
    gone = floor.slack.attach(floor.mira, "plan.pdf", b"a plan")
    await floor.fill(floor.mira, "complete", note="as agreed", files=[gone])
    await until(lambda: "evidence.missing" in stage.kinds())
    stage.cabinet.trouble = None
    again = floor.slack.attach(floor.mira, "plan again.pdf", b"a plan")
    stage.cabinet.files[again["id"]] = b"a plan"
    modal = await floor.modal(floor.mira, "note")
    assert blocks_of(modal) == ["note", "files"]
    answer = await floor.submit(floor.mira, modal, note="here it is again", files=[again])
    assert "Recorded as entry" in words(answer.body["view"])
    await until(lambda: "evidence.kept" in stage.kinds())
    [(_, kept)] = pick(stage.entries(), kinds.EvidenceKept)
    assert stage.office.private.open(kept).document.name == "plan again.pdf"


async def test_the_whole_way_of_a_cure_by_forms(floor: Floor) -> None:
    """Escalate, tender, reject with reasons, tender again, accept from the day of delivery."""
    stage = floor.stage
    await stage.missed()
    modal = await floor.modal(floor.mira, "escalate")
    assert f"Notifies the lead {JONAS} now." in words(modal.view)
    await floor.submit(floor.mira, modal, note="it cannot wait")
    await until(lambda: stage.kinds()[-1] == "rung.opened")
    modal = await floor.modal(floor.mira, "tender")
    assert blocks_of(modal) == ["delivered", "note", "files"]
    assert f"Asks the approver {CARLA} to accept or reject within 5 business days" in words(
        modal.view
    )
    await floor.submit(floor.mira, modal, delivered=local_day(stage))
    stale = await floor.board()
    assert "Recorded" in await floor.fill(floor.carla, "reject", note="burrs")
    second = await floor.fill(floor.mira, "tender")
    assert "Asked now: the approver" in second
    await floor.press(floor.carla, "accept", stale)
    assert "tender 1 is not what is asked" in words((await floor.told()).blocks)
    modal = await floor.modal(floor.carla, "accept")
    assert "Accepts tender 2, and closes the ladder from the day of delivery" in words(modal.view)
    answer = await floor.submit(floor.carla, modal, note="rights reserved")
    assert "is closed as cured. Nothing is asked." in words(answer.body["view"])
    assert [k for k in stage.kinds() if k.startswith("cure")] == [
        "cure.tendered", "cure.rejected", "cure.tendered", "cure.accepted",
    ]  # fmt: skip


async def test_everything_that_is_wrong_is_said_at_once_beside_its_field(floor: Floor) -> None:
    """A day to come and a text that cannot be kept; corrected, the same form is recorded."""
    stage = floor.stage
    await stage.missed()
    modal = await floor.modal(floor.mira, "tender")
    sealed = f"sealed:{'0' * 64}"
    ahead = local_day(stage, 1)
    answer = await floor.submit(floor.mira, modal, delivered=ahead, note=sealed)
    today = local_day(stage)
    assert answer.errors == {
        "delivered": f"{ahead} has not come yet; today is {today}.",
        "note": "This cannot be recorded as it is; write it in other words.",
    }
    assert stage.office.inbox.unsettled() == []
    again = await floor.submit(floor.mira, modal, delivered=today, note="a real one")
    assert "Recorded as entry" in words(again.body["view"])


async def test_what_slacks_own_check_would_stop_is_checked_again(floor: Floor) -> None:
    """Blank reasons, no day, a file without an id, sent by something that is not Slack's client."""
    await floor.stage.missed()
    modal = await floor.modal(floor.mira, "escalate")
    answer = await floor.submit(floor.mira, modal, note="   ")
    assert answer.errors == {"note": "Say why this cannot wait."}
    tender = await floor.modal(floor.mira, "tender")
    payload = floor.clicks.submit_payload(floor.mira, tender, {"note": "x"})
    values = payload["view"]["state"]["values"]
    values["delivered"]["delivered"]["selected_date"] = None
    values["files"]["files"]["files"] = [{"id": "../../etc", "name": "x", "size": 1}]
    values["note"]["note"]["value"] = "n" * 2001
    answer = await asyncio.to_thread(floor.clicks.deliver, payload)
    assert set(answer.errors) == {"delivered", "note", "files"}
    assert floor.stage.office.inbox.unsettled() == []


async def test_a_form_sent_twice_is_recorded_once(floor: Floor) -> None:
    """The same body again, also once the world has gone on: the same answer."""
    await floor.stage.missed()
    modal = await floor.modal(floor.mira, "complete")
    first = await floor.submit(floor.mira, modal, note="done")
    again = await asyncio.to_thread(floor.clicks.replay)
    assert first.body == again.body
    assert len(pick(floor.stage.entries(), kinds.RungCompleted)) == 1


async def test_a_form_that_was_overtaken_is_refused_in_its_place(floor: Floor) -> None:
    """Opened before somebody else was faster: what happened is said in the modal."""
    await floor.stage.missed()
    modal = await floor.modal(floor.mira, "tender")
    await floor.stage.act("withdraw", CARLA, note="an error of ours")
    await floor.stage.ladder().result()
    answer = await floor.submit(floor.mira, modal)
    shown = words(answer.body["view"])
    assert "Not recorded: ladder tooling/1 was closed as withdrawn" in shown
    assert "an error of ours" in shown


@pytest.mark.parametrize("who", ["mira", "jonas", "carla"])
async def test_more_lists_what_this_person_may_do(floor: Floor, who: str) -> None:
    """By the table, and nothing else; each leads to its own form."""
    await floor.stage.missed()
    user = getattr(floor, who)
    menu = await floor.modal(user, "more")
    [asked] = [each for each in menu.view["blocks"] if each["type"] == "input"]
    offered = {each["value"] for each in asked["element"]["options"]}
    may = {
        "mira": {"acknowledge:plan", "complete:plan", "escalate", "tender", "note"},
        "jonas": {"note"},
        "carla": {"escalate", "withdraw", "note", "toll"},
    }
    assert offered == may[who]
    titles = [each["text"]["text"].lower() for each in asked["element"]["options"]]
    meanings = [each["description"]["text"].lower() for each in asked["element"]["options"]]
    assert not set(titles) & set(meanings)
    answer = await floor.submit(user, menu, choice="note")
    assert answer.body["response_action"] == "update"
    form = floor.slack.view(user)
    assert form.id == menu.id
    said = await floor.submit(user, form, note="seen")
    assert "Note: seen" in words(said.body["view"])


async def test_time_is_stopped_and_runs_again_by_forms(floor: Floor) -> None:
    """Both are instructions to the contract, in the right of whoever clicked."""
    stage = floor.stage
    await stage.missed()
    toll = await floor.choose(floor.carla, "toll")
    assert blocks_of(toll) == ["event", "since", "clause", "milestones", "ladders", "note"]
    assert "Escalation goes on" in words(toll.view)
    assert "Escalation stops too" in words(toll.view)
    wrong = await floor.submit(floor.carla, toll, event="no such: reference!")
    assert set(wrong.errors) == {"event"}
    since = local_day(stage)
    answer = await floor.submit(
        floor.carla, toll, event="FM-1", since=since, clause="12.3", ladders="move"
    )
    assert "Recorded as entry" in words(answer.body["view"])
    [(entry, body)] = pick(stage.entries("contract"), kinds.TimeTolled)
    assert (entry.by.actor, entry.by.via) == (stage.person(CARLA), "slack")
    assert (body.milestones, body.ladders, body.since.isoformat()) == (("tooling",), "move", since)
    await until(lambda: stage.state().stands_still)
    await stage.move(stage.virtual.now + timedelta(days=3))
    resume = await floor.choose(floor.carla, "resume")
    wrong = await floor.submit(floor.carla, resume, on=since)
    assert set(wrong.errors) == {"on"}
    said = await floor.submit(floor.carla, resume, on=local_day(stage), note="over")
    assert "Recorded as entry" in words(said.body["view"])
    await until(lambda: not stage.state().stands_still)


async def test_the_question_on_the_due_date(floor: Floor) -> None:
    """Delivered… or Not delivered: both buttons stand there before any miss."""
    stage = floor.stage
    await stage.register()
    await stage.move(stage.due)
    board = await floor.board()
    assert "tender" in words(board.blocks) or "Delivered…" in words(board.blocks)
    await floor.press(floor.mira, "confirm", board)
    assert "Recorded as entry" in words((await floor.told()).blocks)
    assert pick(stage.entries(), kinds.MissConfirmed)
    assert CONTRACT in words((await floor.told()).blocks)
