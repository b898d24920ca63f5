"""Amendments of every kind: no ladder stalls, and nobody is wrongly accused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.comparing import affected
from ladders import entries as kinds
from ladders.alarms import next_alarm
from ladders.contract import Contract
from ladders.decision import RULES
from ladders.errors import ActionRefused
from ladders.folding import begin, fold
from ladders.instructions import (
    Amend,
    Close,
    Extend,
    Reassign,
    Remark,
    Request,
    Resume,
    Toll,
)
from ladders.ladder import Ladder
from ladders.outbox import superseded
from ladders.prose import PersonRef, Prose
from ladders.watch import next_start, open_ladder, start_ladder, watch
from tests.world import CARLA, JONAS, LAUNCH, MIRA, SOURCE, Case, contract, person

ANA = PersonRef("p-ana")
DUE_DAY = datetime(2026, 10, 1, 10, tzinfo=UTC)
IN_LATE_OCTOBER = datetime(2026, 10, 20, 12, tzinfo=UTC)


def amend(
    case: Case, terms: Contract, ladders: kinds.LaddersChoice = "move", because: str = "entry-error"
) -> list[kinds.Entry]:
    """Put other terms in force, as the command would."""
    request = {
        "because": because, "ladders": ladders, "affected": affected(case.watch.contract, terms),
        "changes": (Prose("as compared"),), "terms": terms, "source": SOURCE,
    }  # fmt: skip
    return case.instruct(Amend.model_validate(request))


def without(rung: str) -> Ladder:
    """The launch ladder without one of its rungs."""
    rungs = tuple(each for each in LAUNCH.rungs if each.id != rung)
    return LAUNCH.model_copy(update={"rungs": rungs})


def standing(case: Case, milestone: str) -> str:
    """How a milestone was settled, or else where it stands."""
    watched = case.watch.milestones[milestone]
    return watched.outcome or watched.status


def missed() -> Case:
    """A ladder whose miss was confirmed, on its first rung, a day after the due date."""
    case = Case()
    case.move(DUE_DAY)
    case.act("confirm")
    case.pass_days(1)
    return case


def keys(case: Case) -> list[str]:
    """The keys of all entries; that none stands twice is what every ladder lives by."""
    found = [entry.key for entry in case.entries]
    assert len(found) == len(set(found))
    assert fold(case.entries) == case.state
    return found


@pytest.mark.parametrize(("rung", "at"), [("audit", IN_LATE_OCTOBER), ("warn", None)])
def test_a_rung_that_was_taken_away_and_comes_back_stands_as_it_stood(
    rung: str, at: datetime | None
) -> None:
    """A mistake in the file and its correction: the rung is not opened a second time."""
    case = missed() if at else Case()
    case.move(at or case.now + timedelta(hours=1))
    before = case.state.rungs[case.state.index(rung)]
    assert before.status == "open"
    amend(case, contract(without(rung)))
    amend(case, contract())
    after = case.state.rungs[case.state.index(rung)]
    assert (after.status, after.opened_at) == (before.status, before.opened_at)
    case.pass_days(150)
    assert f"tooling/1/rung/{rung}" in keys(case)


def test_a_message_about_a_rung_that_was_taken_away_is_overtaken() -> None:
    """It is owed no longer; nothing stumbles over it."""
    case = missed()
    case.move(IN_LATE_OCTOBER)
    [owed] = [m for m in case.state.outbox if (m.topic, m.rung) == ("rung", "audit")]
    amend(case, contract(without("audit")))
    assert superseded(case.state, owed)


def test_a_rung_done_while_time_stands_still_does_not_keep_the_climb_from_ending() -> None:
    """Its deadline is counted again when time runs, as that of an open one is."""
    case = missed()
    stopped = case.now.date()
    case.instruct(Toll(event="strike", since=stopped, ladders="move"))
    case.act("complete", note="demanded all the same")
    case.pass_days(10)
    case.instruct(Resume(event="strike", on=stopped + timedelta(days=10)))
    case.pass_days(150)
    assert case.state.phase == "exhausted"
    assert next_alarm(case.state) is not None


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(2526, 1, 1)])
def test_a_mistyped_year_is_refused(day: date) -> None:
    """Nothing is recorded from which no date could be counted."""
    case = missed()
    with pytest.raises(ActionRefused, match="further away"):
        case.instruct(Toll(event="flood", since=day))
    case.instruct(Toll(event="strike", since=case.now.date()))
    with pytest.raises(ActionRefused, match="further away"):
        case.instruct(Resume(event="strike", on=day))


def test_a_milestone_that_was_accepted_meanwhile_is_not_watched_anew() -> None:
    """Withdrawn by correction while the ladder's own close was under way: settled as it closed."""
    case = missed()
    case.act("tender", delivered=date(2026, 10, 2))
    case.act("accept", CARLA)
    amend(case, contract(due=date(2026, 11, 2)), "withdraw")
    watched = case.watch.milestones["tooling"]
    assert (watched.status, watched.outcome) == ("settled", "cured")
    assert next_start(case.watch) is None


def test_an_extension_received_before_the_miss_undoes_it() -> None:
    """It lay in the inbox through an outage; what was received in time counts in time (law 14)."""
    case = Case()
    case.move(datetime(2026, 10, 5, 12, tzinfo=UTC))
    received_at = case.now
    case.move(datetime(2026, 10, 7, 12, tzinfo=UTC))
    assert case.state.phase == "climbing"
    request = Extend(milestone="tooling", due=date(2026, 11, 2), reservation=Prose("reserved"))
    [followed] = case.instruct(request, received_at=received_at)
    assert isinstance(followed.body, kinds.TermsFollowed)
    assert (case.state.phase, followed.body.undoes_miss) == ("watching", True)
    keys(case)


def test_a_ladder_begun_while_time_stands_still_has_no_due_date() -> None:
    """Begun by a report: nobody can confirm a miss, nor is one presumed."""
    case = Case()
    case.instruct(Toll(event="strike", since=case.now.date()))
    state = watch(case.watch, start_ladder(case.watch, "tooling", case.now))
    opened = begin(open_ladder(state, "tooling", RULES, case.now))
    assert opened.suspended
    assert next_alarm(opened) is None


def test_a_line_left_in_the_file_makes_no_backlog_of_a_date_to_come() -> None:
    """``past_due: open`` beside a date that was corrected to the future says nothing."""
    case = Case(at=datetime(2026, 10, 20, 10, tzinfo=UTC), past_due="open")
    case.watch = case.watch.model_copy(update={"registered_at": case.now})
    amend(case, contract(due=date(2027, 3, 1), past_due="open"), "withdraw")
    start = next_start(case.watch)
    assert start is not None
    assert start.at.date() == date(2027, 3, 1) - timedelta(days=10)


def test_another_title_does_not_undo_a_miss_during_a_strike() -> None:
    """Moved by choice, the ladder takes the title; its date it keeps, as nobody touched that."""
    case = missed()
    case.pass_days(18)
    case.instruct(Toll(event="strike", since=date(2026, 9, 28)))
    assert case.state.phase == "climbing"
    amend(case, contract(title="Series tooling"))
    assert (case.state.phase, case.state.suspended) == ("climbing", False)
    assert case.state.opened.milestone.title == "Series tooling"


def test_backlog_whose_date_is_corrected_still_counts_from_the_day_it_was_taken_up() -> None:
    """Another day in the past: no rung is passed for it."""
    case = Case(at=IN_LATE_OCTOBER, due=date(2026, 5, 1), past_due="open")
    case.watch = case.watch.model_copy(update={"registered_at": case.now})
    case.catch_up()
    zero = case.state.opened.day_zero
    amend(case, contract(due=date(2026, 6, 1), past_due="open"))
    assert case.state.opened.day_zero == zero
    assert case.catch_up() == []


def test_a_milestone_that_was_removed_and_put_back_is_watched_again() -> None:
    """So is one of which it was said in error that it had been delivered."""
    case = missed()
    more = contract().milestones[0].model_copy(update={"id": "ppap", "due": date(2026, 12, 1)})
    both = contract().model_copy(update={"milestones": (*contract().milestones, more)})
    amend(case, both, "keep")
    amend(case, contract(), "keep")
    assert standing(case, "ppap") == "removed"
    amend(case, both, "keep")
    assert standing(case, "ppap") == "waiting"
    said = more.model_copy(update={"past_due": "delivered"})
    amend(case, both.model_copy(update={"milestones": (*contract().milestones, said)}), "keep")
    assert standing(case, "ppap") == "delivered"
    amend(case, both, "keep")
    assert standing(case, "ppap") == "waiting"


def test_a_kept_ladder_of_a_removed_milestone_goes_on_hearing_of_its_contract() -> None:
    """An amendment about something else does not cut it off; a leaver who owns it is replaced."""
    case = Case(owner=MIRA)
    case.move(DUE_DAY)
    case.act("confirm")
    case.pass_days(1)
    other = contract().milestones[0].model_copy(update={"id": "ppap", "due": date(2026, 12, 1)})
    only = contract().model_copy(update={"milestones": (other,)})
    amend(case, only, "keep")
    later = other.model_copy(update={"due": date(2026, 12, 8)})
    amend(case, only.model_copy(update={"milestones": (later,)}), "withdraw")
    assert case.watch.milestones["tooling"].status == "laddered"
    case.instruct(Reassign(leaver=MIRA, successor=person(ANA)))
    assert case.state.person("owner") == ANA
    case.instruct(Close(ladders="keep", reason=Prose("series ended")))
    assert not case.watch.is_over


def test_the_owner_of_a_milestone_is_an_owner_too() -> None:
    """Reassigned as owner, the successor stands wherever the leaver owned a milestone."""
    case = Case(owner=MIRA)
    case.instruct(Reassign(leaver=MIRA, successor=person(ANA), roles=("owner",)))
    assert case.state.person("owner") == ANA


def test_people_go_on_leaving_after_the_close() -> None:
    """While ladders go on; once the last is over the contract takes nothing more."""
    case = missed()
    case.instruct(Close(ladders="keep", reason=Prose("series ended")))
    assert standing(case, "tooling") == "laddered"
    case.instruct(Reassign(leaver=JONAS, successor=person(ANA)))
    assert case.state.person("lead") == ANA
    with pytest.raises(ActionRefused, match="was closed at"):
        case.instruct(extension())
    case.act("withdraw", CARLA, note="entered twice")
    case.report()
    assert standing(case, "tooling") == "withdrawn"
    with pytest.raises(ActionRefused, match="was closed at"):
        case.instruct(Remark(note=Prose("too late")))


def extension() -> Request:
    """A later date."""
    return Extend(milestone="tooling", due=date(2026, 11, 2), reservation=Prose("reserved"))


def test_stopped_time_to_come_stops_nothing_yet() -> None:
    """A strike announced for December leaves the deadline of October where it is."""
    case = missed()
    before = case.state.rungs[1].deadline
    case.instruct(Toll(event="strike", since=date(2026, 12, 20), ladders="move"))
    assert case.state.rungs[1].deadline == before
    assert "rung.silent" in [entry.body.kind for entry in case.pass_days(5)]


def test_a_delivery_that_a_corrected_date_makes_late_is_a_miss() -> None:
    """Tendered early by the wrong date, late by the right one: cured, not averted."""
    case = Case()
    case.move(datetime(2026, 9, 25, 10, tzinfo=UTC))
    case.act("tender", delivered=date(2026, 9, 24))
    amend(case, contract(due=date(2026, 9, 20)))
    case.catch_up()
    case.act("accept", CARLA)
    assert case.state.closing is not None
    assert case.state.closing.outcome == "cured"


def test_a_reminder_moves_with_its_deadline() -> None:
    """Nobody is reminded while time stands still; half-way through what is left, somebody is."""
    case = missed()
    case.move(IN_LATE_OCTOBER)
    stopped = case.now.date()
    case.instruct(Toll(event="strike", since=stopped, ladders="move"))
    assert reminder_of_the_audit(case) is None
    assert case.pass_days(20) == []
    case.instruct(Resume(event="strike", on=stopped + timedelta(days=20)))
    ends, remind_at = case.state.rungs[2].deadline, reminder_of_the_audit(case)
    assert ends is not None
    assert remind_at is not None
    assert case.now < remind_at < ends
    keys(case)


def reminder_of_the_audit(case: Case) -> datetime | None:
    """When the owner of the audit is reminded next."""
    return case.state.rungs[2].remind_at
