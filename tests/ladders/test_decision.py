"""What time does to a ladder: warnings, the question, the presumed miss, the climb and its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from ladders import entries as kinds
from ladders.outbox import superseded
from tests.world import CARLA, DEPUTY, JONAS, LAUNCH, MIRA, Case, pick, rung

DUE_OVER = datetime(2026, 10, 1, 22, tzinfo=UTC)


def told(entries: list[kinds.Entry]) -> list[tuple[str, str]]:
    """Topic and recipient of every message."""
    return [(message.topic, message.to) for entry in entries for message in entry.body.tell]


def test_the_whole_climb_in_silence_ends_on_day_ninety_and_asks_weekly() -> None:
    """Nobody answers: every rung opens once, the climb ends by day 90, then a weekly question."""
    case = Case()
    case.pass_days(130)
    opened = [body.rung for _, body in pick(case.entries, kinds.RungOpened)]
    assert opened == [rung.id for rung in LAUNCH.rungs]
    ended = next(e for e in case.entries if e.body.kind == "climb.ended")
    assert ended.occurred_at == case.state.last_close
    assert case.state.phase == "exhausted"
    asked = [e.occurred_at for e in case.entries if e.body.kind == "decision.asked"]
    assert len(asked) == case.state.decisions_asked > 2
    assert {b - a for a, b in pairwise(asked)} == {timedelta(days=7)}


def test_the_owner_is_asked_on_the_due_date_before_any_miss() -> None:
    """As work begins on the due date its owner is asked; nothing is presumed that day."""
    case = Case()
    happened = case.move(DUE_OVER - timedelta(seconds=1))
    assert ("question", MIRA) in told(happened)
    assert case.state.phase == "watching"


def test_silence_is_unconfirmed_then_presumed_and_counts_from_the_due_date() -> None:
    """Unanswered for two business days, the miss is presumed, deemed at the end of the due date."""
    case = Case()
    case.move(DUE_OVER)
    assert case.kinds()[-1] == "delivery.unconfirmed"
    presumed_at = datetime(2026, 10, 5, 22, tzinfo=UTC)
    assert case.state.presumed_at == presumed_at
    case.move(presumed_at - timedelta(seconds=1))
    assert "milestone.missed" not in case.kinds()
    missed = case.move(presumed_at)[0]
    assert isinstance(missed.body, kinds.MilestoneMissed)
    assert missed.body.because == "presumed"
    assert (missed.occurred_at, missed.deemed_at) == (presumed_at, DUE_OVER)
    assert case.state.phase == "climbing"


def test_an_owner_who_was_never_asked_in_time_still_gets_the_full_window() -> None:
    """After an outage over the due date the question comes first, and the window counts from it."""
    case = Case()
    case.now = datetime(2026, 10, 20, 9, tzinfo=UTC)
    happened = case.catch_up()
    assert ("question", MIRA) in told(happened)
    assert ("unconfirmed", MIRA) not in told(happened)
    assert case.state.phase == "watching"
    assert case.state.presumed_at == datetime(2026, 10, 22, 22, tzinfo=UTC)


def test_after_an_outage_the_current_rung_opens_and_passed_ones_are_recorded_silently() -> None:
    """Law 14: no burst of messages; the rungs gone by are on record, the current one is told."""
    case = Case()
    case.move(datetime(2026, 10, 6, 9, tzinfo=UTC))
    case.now = datetime(2026, 11, 10, 9, tzinfo=UTC)
    happened = case.catch_up()
    assert [body.rung for _, body in pick(happened, kinds.RungPassed)] == ["audit"]
    assert [topic for topic, _ in told(happened)] == ["silence", "rung"]
    assert case.state.current is not None
    assert LAUNCH.rungs[case.state.current].id == "hold"


def test_an_outage_beyond_day_ninety_opens_nothing_and_asks_for_a_decision() -> None:
    """Ninety days over, no rung opens: all are recorded as passed and the approver is asked."""
    case = Case()
    case.move(datetime(2026, 10, 6, 9, tzinfo=UTC))
    case.now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    happened = case.catch_up()
    passed = [body.rung for _, body in pick(happened, kinds.RungPassed)]
    assert passed == ["audit", "hold", "cover", "decide"]
    assert case.state.phase == "exhausted"
    assert ("climb-ended", CARLA) in told(happened)


def test_backlog_starts_at_the_first_rung_after_the_due_date() -> None:
    """A milestone overdue at registration climbs from its first rung, counted from that day."""
    at = datetime(2026, 11, 23, 10, tzinfo=UTC)
    case = Case(at=at, past_due="open")
    happened = case.catch_up()
    assert [e.body.kind for e in happened] == ["milestone.missed", "rung.passed", "rung.opened"]
    assert case.state.climb_end is not None
    assert case.state.climb_end > at + timedelta(days=80)
    assert happened[0].deemed_at == DUE_OVER


def test_a_reminder_comes_once_and_an_unmet_deadline_is_recorded() -> None:
    """Each rung: one reminder on the way, then silence recorded at its deadline."""
    case = Case()
    case.move(datetime(2026, 9, 28, tzinfo=UTC))
    assert case.kinds() == ["ladder.opened", "rung.opened", "rung.reminded", "rung.silent"]


def test_on_silence_climb_opens_the_next_rung_at_once() -> None:
    """A rung told to climb on silence opens the next one at its deadline, not on its day."""
    ladder = LAUNCH.model_copy(
        update={"rungs": (rung("plan", 0, on_silence="climb"), rung("audit", 30, "lead"))}
    )
    case = Case(ladder)
    case.move(datetime(2026, 10, 15, tzinfo=UTC))
    silent = next(e for e in case.entries if e.body.kind == "rung.silent")
    audit, body = pick(case.entries, kinds.RungOpened)[-1]
    assert body.rung == "audit"
    assert audit.occurred_at == silent.occurred_at


def test_the_deputy_of_an_absent_owner_is_told_too() -> None:
    """While the owner is away, messages reach the deputy as well."""
    case = Case()
    standing = case.state.standing.model_copy(
        update={"absences": {MIRA: ((date(2026, 9, 1), date(2026, 12, 31)),)}}
    )
    opened = case.state.opened.model_copy(update={"standing": standing})
    case.state = case.state.model_copy(update={"opened": opened})
    assert told(case.catch_up()) == [("rung", MIRA), ("rung", DEPUTY)]


def test_messages_overtaken_by_events_are_known_as_such() -> None:
    """A message whose rung is done is superseded; the last word on a closed ladder never is."""
    case = Case()
    case.catch_up()
    message = case.state.outbox[0]
    assert not superseded(case.state, message)
    case.act("complete")
    assert superseded(case.state, message)
    case.act("withdraw", CARLA, note="entered by mistake")
    last_word = case.state.outbox[-1]
    assert last_word.topic == "closed"
    assert not superseded(case.state, last_word)


def test_the_miss_is_told_to_the_authority() -> None:
    """The approver hears of the miss itself, the rung's owner of the rung."""
    case = Case()
    case.move(DUE_OVER)
    happened = case.pass_days(5)
    assert ("miss", CARLA) in told(happened)
    assert ("rung", JONAS) not in told(happened)
