"""What a ladder asks, of whom and until when; and who is there to be asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from ladders.asking import asks
from ladders.contract import Absence
from ladders.presence import present
from tests.world import CARLA, DEPUTY, DUE, JONAS, MIRA, Case, contract

MORNING_OF_THE_DUE_DATE = datetime(2026, 10, 1, 7, tzinfo=UTC)


def asked(case: Case) -> list[tuple[str, str | None, str]]:
    """What is asked: of what kind, on which rung, of whom."""
    return [(each.what, each.rung, each.person) for each in asks(case.state)]


def test_a_warning_asks_until_the_miss_and_the_question_beside_it() -> None:
    """On the due date both wait for the owner; once it was not delivered, no warning helps."""
    case = Case()
    case.catch_up()
    assert asked(case) == [("rung", "warn", MIRA)]
    case.move(MORNING_OF_THE_DUE_DATE)
    assert asked(case) == [("question", None, MIRA), ("rung", "warn", MIRA)]
    assert next(asks(case.state)).until == case.state.due_close
    case.act("confirm")
    assert asked(case) == []
    case.pass_days(1)
    assert asked(case) == [("rung", "plan", MIRA)]


def test_every_open_rung_asks_and_not_the_highest_alone() -> None:
    """The one that nobody answered goes on waiting when the next opens."""
    case = Case()
    case.pass_days(26)
    assert asked(case) == [("rung", "plan", MIRA), ("rung", "audit", JONAS)]
    first, second = asks(case.state)
    assert (first.action, second.action) == ("do plan", "do audit")
    assert first.until is not None
    assert first.until < case.now


def test_a_tender_asks_the_authority_until_it_is_answered() -> None:
    """Beside the rung, whose action may still be done."""
    case = Case()
    case.pass_days(12)
    case.act("tender", delivered=DUE)
    assert ("answer", None, CARLA) in asked(case)
    case.act("accept", CARLA)
    assert asked(case) == []


def test_after_the_climb_a_decision_is_asked() -> None:
    """Of the authority, beside whatever was never done."""
    case = Case()
    case.pass_days(110)
    assert ("decision", None, CARLA) in asked(case)


def test_who_is_away_is_stood_in_for() -> None:
    """By the deputies, and by theirs if they are away too; perhaps by nobody."""
    mira, jonas, carla, deputy = contract().people
    day = date(2026, 10, 1)
    away = {"absences": (Absence(first=day, last=day),)}
    assert present([mira, deputy], MIRA, day) == [MIRA]
    gone = mira.model_copy(update=away)
    assert present([gone, deputy], MIRA, day) == [DEPUTY]
    assert present([gone, deputy], MIRA, day + timedelta(days=1)) == [MIRA]
    both = deputy.model_copy(update={**away, "deputies": (JONAS, MIRA)})
    assert present([gone, both, jonas, carla], MIRA, day) == [JONAS]
    assert present([gone], MIRA, day) == []
