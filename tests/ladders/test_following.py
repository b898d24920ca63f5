"""A ladder follows its contract: freely before the miss, by recorded choice after it (law 5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ladders import entries as kinds
from ladders.administration import terms_for
from ladders.alarms import next_alarm
from ladders.errors import ActionRefused
from ladders.folding import fold
from ladders.instructions import Amend, Close, Extend, Reassign, Remark, Resume, Toll, Waive
from ladders.outbox import superseded
from ladders.prose import PersonRef, Prose
from tests.world import CARLA, JONAS, MIRA, SOURCE, Case, contract, person, pick

NEW_DUE = date(2026, 11, 2)
ANA = PersonRef("p-ana")
DUE_DAY = datetime(2026, 10, 1, 10, tzinfo=UTC)


def extension(due: date = NEW_DUE, ladders: kinds.LaddersChoice = "keep") -> Extend:
    """A later date, rights reserved."""
    reservation = Prose("all rights from the delay are reserved")
    return Extend(milestone="tooling", due=due, reservation=reservation, ladders=ladders)


def missed() -> Case:
    """A ladder whose miss was confirmed, on its first rung, a day after the due date."""
    case = Case()
    case.move(DUE_DAY)
    case.act("confirm")
    case.pass_days(1)
    assert case.state.phase == "climbing"
    return case


def told(entry: kinds.Entry) -> set[tuple[str, str]]:
    """To whom an entry gives rise to which messages."""
    return {(message.topic, str(message.to)) for message in entry.body.tell}


def test_before_the_miss_a_ladder_goes_by_the_new_date() -> None:
    """Asked on the old due date, it is asked again on the new one, and nothing is presumed."""
    case = Case()
    case.move(DUE_DAY)
    assert case.kinds()[-1] == "delivery.asked"
    [followed] = case.instruct(extension())
    assert followed.body.kind == "terms.followed"
    assert told(followed) == {("moved", MIRA)}
    assert case.state.phase == "watching"
    happened = case.move(datetime(2026, 11, 2, 9, tzinfo=UTC))
    warned = ["rung.opened", "rung.reminded", "rung.silent"]
    assert [entry.body.kind for entry in happened] == [*warned, "delivery.asked"]
    assert happened[0].occurred_at.date() == NEW_DUE - timedelta(days=10)


def test_the_same_fact_in_a_second_course_has_a_key_of_its_own() -> None:
    """Asked twice, silent twice: no key and no message of the ladder is ever used again."""
    case = Case()
    case.move(DUE_DAY)
    case.instruct(extension())
    case.pass_days(200)
    keys = [entry.key for entry in case.entries]
    messages = [message.key for entry in case.entries for message in entry.body.tell]
    assert len(keys) == len(set(keys))
    assert len(messages) == len(set(messages))
    assert case.kinds().count("delivery.asked") == 2
    assert fold(case.entries) == case.state


def test_after_the_miss_an_extension_leaves_the_ladder_as_it_was() -> None:
    """Kept unless somebody chose otherwise: the same rungs on the same days."""
    case, twin = missed(), missed()
    assert case.instruct(extension()) == []
    case.pass_days(100)
    twin.pass_days(100)
    assert case.kinds() == twin.kinds()


def test_moved_by_choice_a_ladder_is_no_longer_missed_and_starts_over() -> None:
    """The new date lies ahead: the miss is none any more, and the rungs are still to come."""
    case = missed()
    [followed] = case.instruct(extension(ladders="move"))
    assert told(followed) == {("moved", MIRA)}
    assert (case.state.phase, case.state.missed_at) == ("watching", None)
    assert {rung.status for rung in case.state.rungs} == {"pending"}
    case.move(datetime(2026, 11, 2, 10, tzinfo=UTC))
    case.act("confirm")
    case.pass_days(30)
    opened = [body.rung for _, body in pick(case.entries, kinds.RungOpened)]
    assert opened == ["warn", "plan", "warn", "plan", "audit"]


def test_moved_to_a_date_that_has_passed_too_it_stays_missed() -> None:
    """Rungs whose day is still to come by the new date open on that day."""
    case = missed()
    case.move(datetime(2026, 11, 10, 12, tzinfo=UTC))
    assert case.state.rungs[3].status == "open"
    case.instruct(extension(date(2026, 10, 20), "move"))
    assert case.state.phase == "climbing"
    assert [rung.status for rung in case.state.rungs] == [
        "open", "open", "open", "pending", "pending", "pending",
    ]  # fmt: skip
    happened = case.move(datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert [body.rung for _, body in pick(happened, kinds.RungOpened)] == ["hold"]


def test_withdrawn_by_correction_the_ladder_ends_and_the_milestone_is_watched_anew() -> None:
    """A wrong date, corrected after the presumed miss: closed without admission, and with why."""
    case = Case()
    case.move(datetime(2026, 10, 8, 12, tzinfo=UTC))
    [(_, miss)] = pick(case.entries, kinds.MilestoneMissed)
    assert miss.because == "presumed"
    [closed] = case.instruct(correction())
    assert isinstance(closed.body, kinds.LadderWithdrawn)
    assert closed.body.reason == "typed the wrong year"
    assert (case.state.phase, case.state.closing and case.state.closing.by) == ("closed", CARLA)
    assert case.watch.milestones["tooling"].status == "waiting"
    assert case.watch.contract.milestones[0].due == date(2027, 10, 1)


def correction() -> Amend:
    """The due date was a year later all along."""
    return Amend(
        because="entry-error",
        ladders="withdraw",
        affected=("tooling",),
        changes=(Prose("milestone tooling: due 2026-10-01 -> 2027-10-01"),),
        terms=contract(due=date(2027, 10, 1)),
        source=SOURCE,
        note=Prose("typed the wrong year"),
    )


def test_a_waived_milestone_closes_its_ladder_as_waived() -> None:
    """Neither cured nor withdrawn: the right was given up, and those who were asked are told."""
    case = missed()
    [closed] = case.instruct(Waive(milestone="tooling", reason=Prose("settled by a credit note")))
    assert closed.body.kind == "ladder.waived"
    assert ("closed", MIRA) in told(closed)
    assert case.state.closing is not None
    assert case.state.closing.outcome == "waived"
    assert case.watch.milestones["tooling"].outcome == "waived"


def test_a_closed_contract_leaves_open_ladders_alone_or_withdraws_them() -> None:
    """Closing says what its open ladders do."""
    kept = missed()
    assert kept.instruct(Close(ladders="keep", reason=Prose("series ended"))) == []
    assert not kept.watch.is_over
    ended = missed()
    [closed] = ended.instruct(Close(ladders="withdraw", reason=Prose("series ended")))
    assert closed.body.kind == "ladder.withdrawn"


def toll(since: date, ladders: kinds.LaddersChoice = "keep") -> Toll:
    """A strike stops time."""
    return Toll.model_validate({"event": "strike", "since": since, "ladders": ladders})


def test_stopped_time_moves_the_due_date_and_nobody_is_asked_meanwhile() -> None:
    """A strike of twelve days before the due date: the question comes twelve days later."""
    case = Case()
    case.move(datetime(2026, 9, 28, 10, tzinfo=UTC))
    case.instruct(toll(date(2026, 9, 28)))
    alarm = next_alarm(case.state)
    assert alarm is None
    assert case.pass_days(12) == []
    case.instruct(Resume(event="strike", on=date(2026, 10, 10)))
    assert case.state.opened.milestone.due == date(2026, 10, 13)
    happened = case.move(datetime(2026, 10, 13, 12, tzinfo=UTC))
    assert "delivery.asked" in [entry.body.kind for entry in happened]


def test_stopped_time_silences_no_escalation_by_itself() -> None:
    """After the miss the ladder climbs on through a disputed excuse."""
    case, twin = missed(), missed()
    case.instruct(toll(case.now.date()))
    case.pass_days(100)
    twin.pass_days(100)
    assert case.kinds() == twin.kinds()


def test_by_choice_it_stops_the_ladders_own_clock_alike_for_all_deadlines() -> None:
    """Ten days: the open rung's deadline, the next rungs and day ninety move by ten days."""
    case, twin = missed(), missed()
    stopped = case.now.date()
    case.instruct(toll(stopped, "move"))
    assert case.state.rungs[1].deadline is None
    assert case.pass_days(10) == []
    case.instruct(Resume(event="strike", on=stopped + timedelta(days=10)))
    assert case.state.phase == "climbing"
    case.pass_days(110)
    twin.pass_days(100)
    ends = [(e.body.kind, e.deemed_at) for e in case.entries if e.body.kind == "climb.ended"]
    expected = [(e.body.kind, e.deemed_at) for e in twin.entries if e.body.kind == "climb.ended"]
    assert (ends[0][1] - expected[0][1]).days == 10
    opened = [entry.occurred_at.date() for entry, _ in pick(case.entries, kinds.RungOpened)]
    before = [entry.occurred_at.date() for entry, _ in pick(twin.entries, kinds.RungOpened)]
    assert [(a - b).days for a, b in zip(opened, before, strict=True)] == [0, 0, 10, 10, 10, 10]


def told_of_the_clock(case: Case) -> list[tuple[str, str | None]]:
    """Who is told by the latest entry that the ladder's own clock is stopped or runs, of what."""
    return [(each.to, each.rung) for each in case.entries[-1].body.tell if each.topic == "clock"]


def test_whoever_is_asked_is_told_when_the_ladders_own_clock_is_stopped_and_when_it_runs() -> None:
    """Once each, with the rung; a second event that stops it too is no news."""
    case = missed()
    stopped = case.now.date()
    case.instruct(toll(stopped, "move"))
    assert told_of_the_clock(case) == [(MIRA, "plan")]
    case.instruct(Toll(event="flood", since=stopped, ladders="move"))
    assert told_of_the_clock(case) == []
    case.pass_days(10)
    case.instruct(Resume(event="strike", on=stopped + timedelta(days=10)))
    assert told_of_the_clock(case) == []
    case.instruct(Resume(event="flood", on=stopped + timedelta(days=10)))
    assert told_of_the_clock(case) == [(MIRA, "plan")]
    keys = [message.key for entry in case.entries for message in entry.body.tell]
    assert len(keys) == len(set(keys))


def test_where_nothing_is_asked_the_owner_is_told_of_the_clock() -> None:
    """Somebody has to know that nothing will happen for a while."""
    case = missed()
    case.act("complete", note="plan demanded")
    case.instruct(toll(case.now.date(), "move"))
    assert told_of_the_clock(case) == [(MIRA, None)]


def test_a_clock_that_goes_on_is_no_news() -> None:
    """Time that stops for the milestone alone stops no ladder past its miss."""
    case = missed()
    case.instruct(toll(case.now.date()))
    assert told_of_the_clock(case) == []


def test_a_ladder_under_earlier_rules_tells_nobody_of_its_clock() -> None:
    """As it did when its history was made."""
    case = missed()
    opened = case.state.opened.model_copy(update={"rules": 2})
    case.state = case.state.model_copy(update={"opened": opened})
    case.instruct(toll(case.now.date(), "move"))
    assert case.state.stands_still
    assert told_of_the_clock(case) == []


def test_a_rung_opened_by_hand_while_time_stands_still_gets_its_deadline_on_resumption() -> None:
    """Stopped clocks stop deadlines, not people."""
    case = missed()
    case.instruct(toll(case.now.date(), "move"))
    case.act("escalate", note="we go on talking")
    [opened] = case.catch_up()
    assert isinstance(opened.body, kinds.RungOpened)
    assert opened.body.deadline is None
    case.pass_days(10)
    case.instruct(Resume(event="strike", on=case.now.date()))
    deadline = case.state.rungs[2].deadline
    assert deadline is not None
    assert deadline > case.now + timedelta(days=10)


def test_a_leavers_open_rungs_are_told_to_the_successor_at_once() -> None:
    """People are never frozen: whoever takes over is told what is asked, and may do it."""
    case = missed()
    case.move(datetime(2026, 10, 16, 12, tzinfo=UTC))
    [followed] = case.instruct(Reassign(leaver=JONAS, successor=person(ANA)))
    assert told(followed) == {("rung", ANA)}
    with pytest.raises(ActionRefused, match="not for p-jonas"):
        case.act("complete", JONAS, rung="audit")
    [done] = case.act("complete", ANA, rung="audit")
    assert done.by.actor == ANA
    assert case.watch.contract.person(JONAS) is None
    carla = case.watch.contract.person(CARLA)
    assert carla is not None
    assert carla.deputies == (ANA,)


def test_a_message_to_a_leaver_is_overtaken() -> None:
    """What still lies in the outbox for somebody who has left is not sent."""
    case = missed()
    case.move(datetime(2026, 10, 16, 12, tzinfo=UTC))
    [owed] = [m for m in case.state.outbox if m.topic == "rung" and m.to == JONAS]
    assert not superseded(case.state, owed)
    case.instruct(Reassign(leaver=JONAS, successor=person(ANA)))
    assert superseded(case.state, owed)


def test_a_fact_that_changes_nothing_for_a_ladder_is_not_repeated_on_it() -> None:
    """A note on the contract is the contract's alone."""
    case = missed()
    assert case.instruct(Remark(note=Prose("supplier has a new plant manager"))) == []


def test_an_older_version_arriving_late_changes_nothing() -> None:
    """The highest version wins."""
    case = missed()
    case.instruct(Reassign(leaver=JONAS, successor=person(ANA)))
    old = terms_for(case.watch, case.entries[-1], "tooling").model_copy(update={"version": 1})
    assert case.feed(old) == []
