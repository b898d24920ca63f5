"""Where a ladder stands, at a glance: whose turn since when, and what falls due."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given, settings

from ladders.agenda import starts
from ladders.alarms import next_alarm
from ladders.entries import Entry
from ladders.folding import fold
from ladders.ladder import Ladder
from ladders.standings import LadderStanding, stand, stand_contract
from ladders.turn import deadline, rung, turn
from tests.ladders.test_properties import STEPS, ladders, walk
from tests.ledger.chronicle import registration
from tests.world import CARLA, JONAS, MIRA, Case, contract, watched

MORNING_OF_THE_DUE_DATE = datetime(2026, 10, 1, 7, tzinfo=UTC)


def standing(case: Case) -> LadderStanding:
    """Where the ladder of ``case`` stands."""
    found = stand(case.entries)
    assert found is not None
    return found


def agenda(case: Case) -> list[tuple[str, str | None, str]]:
    """What falls due: cause, rung, role."""
    return [(each.cause, each.rung, each.role) for each in standing(case).coming]


def test_before_the_due_date_the_warning_and_the_question_are_ahead() -> None:
    """In the order in which they come; reminders are none of it."""
    case = Case()
    case.catch_up()
    assert agenda(case) == [("silence", "warn", "owner"), ("ask", None, "owner")]
    found = standing(case)
    assert (found.rung, found.step, found.steps, found.phase) == ("warn", 1, 6, "watching")
    assert (found.day_zero, found.due) == (date(2026, 10, 1), date(2026, 10, 1))


def test_after_the_miss_deadlines_and_the_next_rung_are_ahead() -> None:
    """Each with the role whom it concerns."""
    case = Case()
    case.move(MORNING_OF_THE_DUE_DATE)
    case.act("confirm")
    case.pass_days(2)
    assert agenda(case) == [
        ("silence", "plan", "owner"),
        ("rung", "audit", "lead"),
        ("climb-end", None, "owner"),
    ]


def test_a_turn_counts_from_when_it_came() -> None:
    """An acknowledgement, a note or a message does not make it younger."""
    case = Case()
    case.catch_up()
    came = case.now
    assert (standing(case).person, standing(case).since) == (MIRA, came)
    case.pass_days(1)
    case.act("acknowledge")
    case.act("note", note="seen")
    assert standing(case).since == came


def test_a_tender_makes_it_the_approvers_turn_and_its_rejection_the_owners() -> None:
    """Since then, each time."""
    case = Case()
    case.move(MORNING_OF_THE_DUE_DATE)
    case.act("confirm")
    case.pass_days(15)
    assert (standing(case).role, standing(case).person) == ("lead", JONAS)
    case.pass_days(1)
    case.act("tender", delivered=case.now.date())
    assert (standing(case).role, standing(case).person) == ("approver", CARLA)
    assert standing(case).since == case.now
    assert ("respond", None, "approver") in agenda(case)
    case.pass_days(1)
    case.act("reject", CARLA, note="not so")
    assert (standing(case).role, standing(case).since) == ("lead", case.now)


def test_every_milestone_that_waits_has_its_beginning() -> None:
    """Not the next one alone; and one at work has none."""
    terms = contract()
    (tooling,) = terms.milestones
    later = tooling.model_copy(update={"id": "ppap", "due": date(2026, 12, 1)})
    terms = terms.model_copy(update={"milestones": (later, tooling)})
    found = stand_contract([registration(terms)])
    assert found is not None
    begins = {each.id: each.starts_at for each in found.milestones}
    assert [start.milestone for start in starts(watched(terms))] == ["tooling", "ppap"]
    assert begins == {start.milestone: start.at for start in starts(watched(terms))}


@settings(max_examples=60)
@given(ladders(), STEPS)
def test_a_standing_tells_what_the_state_says(
    ladder: Ladder, steps: list[tuple[float, bool, str | None, str, int]]
) -> None:
    """Whatever has happened, and after each entry of it."""
    entries = walk(ladder, steps).entries
    for number in range(1, len(entries) + 1):
        agrees(entries[:number])


def agrees(entries: list[Entry]) -> None:
    """The standing and the state of the same entries say the same, and JSON keeps it."""
    state, found = fold(entries), stand(entries)
    assert state is not None
    assert found is not None
    assert (found.phase, found.owed, found.parked) == (
        state.phase,
        len(state.outbox),
        len(state.parked),
    )
    assert (found.role, found.rung or "-", found.until) == (
        turn(state),
        "-" if state.closing else rung(state),
        None if state.closing else deadline(state),
    )
    assert entries[0].occurred_at <= found.since <= entries[-1].occurred_at
    alarm = next_alarm(state)
    assert found.is_open == (alarm is not None or bool(state.outbox))
    ahead = [each.at for each in found.coming]
    assert ahead == sorted(ahead)
    assert alarm is None or alarm.cause.startswith("remind") or ahead[0] == alarm.at
    assert LadderStanding.model_validate_json(found.model_dump_json(exclude_none=True)) == found
