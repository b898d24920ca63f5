"""What people may do to a ladder: the table of actions, who holds them, and what they change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from ladders import entries as kinds
from ladders.actions import ACTIONS
from ladders.contract import Absence
from ladders.errors import ActionRefused
from ladders.instructions import Amend
from ladders.ladder import LAST_DAY
from ladders.prose import PersonRef, Prose
from ladders.values import Period
from tests.world import CARLA, DEPUTY, DUE, JONAS, MIRA, SOURCE, TWO_DAYS, Case, contract, pick

ON_DUE_DATE = datetime(2026, 10, 1, 10, tzinfo=UTC)
AFTER = datetime(2026, 10, 6, 10, tzinfo=UTC)
STRANGER = PersonRef("p-stranger")


def case_at(at: datetime) -> Case:
    """A ladder that nobody has answered, at that instant."""
    case = Case()
    case.move(at)
    return case


def refused(case: Case, name: str, who: PersonRef, **more: object) -> str:
    """The words with which an action is refused, having changed nothing."""
    before = case.state
    with pytest.raises(ActionRefused) as refusal:
        case.act(name, who, **more)  # type: ignore[arg-type]
    assert case.state == before
    return str(refusal.value)


def test_acknowledge_pauses_reminders_and_never_the_ladder() -> None:
    """Law 7: after an acknowledgement the reminder waits, deadline and next rungs do not."""
    case = Case()
    case.catch_up()
    before = case.state.rungs[0]
    case.act("acknowledge", pause=TWO_DAYS)
    after = case.state.rungs[0]
    assert after.deadline == before.deadline
    assert after.status == "open"
    assert after.remind_at is None
    case.pass_days(30)
    assert case.state.phase == "climbing"


def test_acknowledging_the_question_of_the_due_date_is_not_about_an_old_warning() -> None:
    """While a warning is still open, an acknowledgement without a rung answers the question."""
    case = case_at(datetime(2026, 10, 2, 10, tzinfo=UTC))
    assert case.state.rungs[0].status == "open"
    [entry] = case.act("acknowledge", pause=Period.parse("72 hours"))
    assert isinstance(entry.body, kinds.RungAcknowledged)
    assert entry.body.rung is None
    assert case.state.remind_at == case.now + timedelta(hours=72)


def test_an_acknowledgement_never_makes_a_reminder_come_earlier() -> None:
    """Somebody who has seen it would rather hear later than sooner."""
    case = case_at(datetime(2026, 10, 16, 8, tzinfo=UTC))
    before = case.state.rungs[2].remind_at
    case.act("acknowledge", JONAS, rung="audit", pause=Period.parse("2 hours"))
    assert case.state.rungs[2].remind_at == before


def test_quiet_asked_for_on_the_due_date_outlasts_it() -> None:
    """Acknowledged for three days: neither "unconfirmed" nor a reminder before they are over."""
    case = case_at(ON_DUE_DATE)
    case.act("acknowledge", pause=Period.parse("72 hours"))
    case.move(datetime(2026, 10, 4, 9, tzinfo=UTC))
    assert "delivery.unconfirmed" in case.kinds()
    told = [m.topic for entry in case.entries for m in entry.body.tell if m.topic == "unconfirmed"]
    assert told == []
    case.move(datetime(2026, 10, 4, 11, tzinfo=UTC))
    assert case.kinds()[-1] == "delivery.reminded"


def test_whoever_holds_several_open_rungs_says_which() -> None:
    """Two rungs of the lead are open: neither is taken for the other."""
    case = case_at(datetime(2026, 12, 3, 10, tzinfo=UTC))
    assert {case.state.rungs[index].status for index in (2, 4)} == {"open"}
    words = refused(case, "complete", JONAS)
    assert "several rungs" in words
    assert "--rung audit or --rung cover" in words
    case.act("complete", JONAS, rung="audit")
    [done] = case.act("complete", JONAS)
    assert isinstance(done.body, kinds.RungCompleted)
    assert done.body.rung == "cover"


def test_a_deputy_who_is_away_is_stood_in_for_too() -> None:
    """Carla is away, and so is Jonas who stands in for her: his deputy is told and may act."""
    case = case_at(AFTER)
    case.instruct(away(CARLA, JONAS))
    case.act("tender", delivered=date(2026, 10, 5))
    tendered = case.entries[-1]
    assert {message.to for message in tendered.body.tell} == {CARLA, JONAS, DEPUTY}
    [accepted] = case.act("accept", DEPUTY)
    assert accepted.by.on_behalf_of == CARLA


def away(*people: PersonRef) -> Amend:
    """An amendment that says who is away this month, and that Jonas has a deputy."""
    month = Absence(first=date(2026, 10, 1), last=date(2026, 10, 31))
    terms = contract()
    changed = tuple(
        person.model_copy(
            update={
                "absences": (month,) if person.id in people else (),
                "deputies": (DEPUTY,) if person.id == JONAS else person.deputies,
            }
        )
        for person in terms.people
    )
    return Amend(
        because="entry-error",
        ladders="keep",
        affected=(),
        changes=(Prose("absences"),),
        terms=terms.model_copy(update={"people": changed}),
        source=SOURCE,
    )


def test_done_is_not_cured() -> None:
    """Completing a rung's action leaves the ladder climbing."""
    case = case_at(AFTER)
    case.act("complete", note="plan demanded")
    assert case.state.rungs[1].status == "done"
    case.pass_days(100)
    assert case.state.phase == "exhausted"


def test_tender_then_accept_closes_as_cured_from_the_day_of_delivery() -> None:
    """Only acceptance closes: cured, as of the day that was tendered."""
    case = case_at(AFTER)
    case.act("tender", delivered=date(2026, 10, 5))
    assert case.state.closing is None
    [entry] = case.act("accept", CARLA)
    assert isinstance(entry.body, kinds.CureAccepted)
    assert (entry.body.outcome, entry.body.delivered) == ("cured", date(2026, 10, 5))
    assert case.pass_days(200) == []


def test_delivered_on_time_and_not_yet_accepted_is_tendered_not_missed() -> None:
    """Law 6: an unanswered tender made in time keeps the due date from becoming a miss."""
    case = case_at(ON_DUE_DATE)
    case.act("tender", delivered=date(2026, 10, 1))
    case.pass_days(20)
    assert case.state.phase == "watching"
    assert "response.overdue" in case.kinds()
    case.act("accept", CARLA)
    assert case.state.closing is not None
    assert case.state.closing.outcome == "averted"


def test_a_rejected_tender_after_the_due_date_is_a_miss_counted_from_it() -> None:
    """The authority rejects what was tendered in time: missed, from the due date."""
    case = case_at(ON_DUE_DATE)
    case.act("tender", delivered=date(2026, 10, 1))
    case.pass_days(3)
    case.act("reject", CARLA, note="run-at-rate not shown")
    [(missed, body)] = pick(case.catch_up(), kinds.MilestoneMissed)
    assert body.because == "rejected"
    assert missed.deemed_at == case.state.due_close


def test_a_tender_in_time_that_is_rejected_late_begins_at_the_first_rung() -> None:
    """While it lay unanswered there was nothing to climb for: no rung is behind anybody yet."""
    case = case_at(ON_DUE_DATE)
    case.act("tender", delivered=DUE)
    case.pass_days(40)
    case.act("reject", CARLA, note="fails run at rate")
    case.pass_days(20)
    opened = [body.rung for _, body in pick(case.entries, kinds.RungOpened)]
    assert opened == ["warn", "plan", "audit"]
    rejected = next(e for e in case.entries if isinstance(e.body, kinds.CureRejected))
    assert case.state.opened.day_zero == rejected.occurred_at.date()
    last = case.state.last_close
    assert last is not None
    assert (last - rejected.occurred_at).days == LAST_DAY


def test_a_late_delivery_reported_in_the_window_is_a_miss_that_was_cured() -> None:
    """Delivered after the due date, before a miss was presumed: missed all the same."""
    case = case_at(datetime(2026, 10, 2, 10, tzinfo=UTC))
    case.act("tender", delivered=date(2026, 10, 2))
    case.catch_up()
    assert "milestone.missed" in case.kinds()
    case.act("accept", CARLA)
    assert case.state.closing is not None
    assert case.state.closing.outcome == "cured"


def test_confirming_on_the_due_date_misses_when_the_day_is_over() -> None:
    """The supplier has until the end of the day, whatever the owner says in the morning."""
    case = case_at(ON_DUE_DATE)
    case.act("confirm")
    assert case.catch_up() == []
    [(missed, body)] = pick(case.pass_days(1), kinds.MilestoneMissed)
    assert (body.because, missed.occurred_at) == ("confirmed", case.state.due_close)


def test_escalate_opens_the_next_rung_now_and_leaves_the_later_ones_to_their_days() -> None:
    """An owner who cannot wait moves the ladder up by one rung."""
    case = case_at(AFTER)
    case.act("escalate", note="supplier refuses to talk")
    [opened] = case.catch_up()
    assert isinstance(opened.body, kinds.RungOpened)
    assert opened.body.rung == "audit"
    later = case.pass_days(60)
    hold = next(e for e in later if isinstance(e.body, kinds.RungOpened))
    assert hold.occurred_at == case.state.scheduled(3)


def test_closed_is_final_and_the_late_clicker_is_told_what_happened_when_and_by_whom() -> None:
    """Law 15: after the close nothing changes anything."""
    case = case_at(AFTER)
    case.act("withdraw", CARLA, note="wrong date")
    words = refused(case, "complete", MIRA)
    assert "withdrawn" in words
    assert CARLA in words
    assert "2026-10-06" in words


def test_the_same_click_twice_is_applied_once() -> None:
    """A repeated key changes nothing and is no error."""
    case = case_at(AFTER)
    assert case.act("note", note="called them", key="click-1")
    assert case.act("note", note="called them", key="click-1") == []


def test_accept_and_reject_in_the_same_instant_give_one_winner() -> None:
    """Whoever is decided first wins; the other is refused."""
    case = case_at(AFTER)
    case.act("tender", delivered=date(2026, 10, 6))
    case.act("accept", CARLA)
    assert "closed as cured" in refused(case, "reject", CARLA, note="too late")


def test_a_deputy_acts_on_behalf_of_the_owner() -> None:
    """Both names are on record: who acted, and for whom."""
    case = case_at(AFTER)
    [entry] = case.act("complete", DEPUTY)
    assert (entry.by.actor, entry.by.on_behalf_of) == (DEPUTY, MIRA)


def test_the_authority_s_deputy_may_accept_only_while_the_authority_is_away() -> None:
    """A right is not shared by being deputised; it passes while its holder is absent."""
    case = case_at(AFTER)
    case.act("tender", delivered=date(2026, 10, 6))
    refused(case, "accept", JONAS)
    away = {CARLA: ((date(2026, 10, 1), date(2026, 10, 31)),)}
    standing = case.state.standing.model_copy(update={"absences": away})
    opened = case.state.opened.model_copy(update={"standing": standing})
    case.state = case.state.model_copy(update={"opened": opened})
    [entry] = case.act("accept", JONAS)
    assert entry.by.on_behalf_of == CARLA


def test_an_operator_s_act_on_behalf_of_somebody_is_recorded_as_exactly_that() -> None:
    """Law 18: the operator is the actor, the person named is who it was done for."""
    case = case_at(AFTER)
    operator = kinds.Doer(
        actor=PersonRef("p-op"), on_behalf_of=MIRA, authenticated_by="os-user", via="cli"
    )
    [entry] = case.act("complete", by=operator)
    assert entry.by == operator


@pytest.mark.parametrize(
    ("name", "who", "more", "words"),
    [
        ("confirm", MIRA, {}, "already recorded as missed"),
        ("accept", CARLA, {}, "nothing is tendered"),
        ("accept", MIRA, {}, "nothing is tendered"),
        ("reject", CARLA, {}, "needs a reason"),
        ("withdraw", MIRA, {"note": "x"}, "for the authority to do"),
        ("complete", STRANGER, {}, "is not for p-stranger"),
        ("complete", CARLA, {}, "for the rung owner to do"),
        ("complete", MIRA, {"rung": "hold"}, "is not open"),
        ("complete", MIRA, {"rung": "nowhere"}, "its rungs are"),
        ("escalate", MIRA, {}, "needs a reason"),
        ("tender", MIRA, {}, "needs the day of delivery"),
        ("tender", MIRA, {"delivered": date(2027, 1, 1)}, "has not come yet"),
        ("note", STRANGER, {"note": "hello"}, "roster"),
    ],
)
def test_refusals_name_the_rule_and_the_remedy(
    name: str, who: PersonRef, more: dict[str, object], words: str
) -> None:
    """Law 20: every refusal says what, and what to do; and nothing changes."""
    assert words in refused(case_at(AFTER), name, who, **more)


def test_before_the_due_date_nothing_can_be_confirmed_or_escalated() -> None:
    """There is no miss to confirm, and no rung to climb to, before the due date."""
    case = case_at(datetime(2026, 9, 25, tzinfo=UTC))
    assert "not due before 2026-10-01" in refused(case, "confirm", MIRA)
    assert "not missed yet" in refused(case, "escalate", MIRA, note="now")


def test_an_action_received_before_a_deadline_counts_from_then() -> None:
    """Law 14: applied late, deemed at the time it was received."""
    case = case_at(AFTER)
    received = case.now
    case.now += timedelta(hours=5)
    [entry] = case.act("complete", received_at=received)
    assert (entry.deemed_at, entry.occurred_at) == (received, case.now)


def test_every_action_of_the_table_can_be_carried_out() -> None:
    """No row of the table is dead."""
    done = set()
    case = case_at(ON_DUE_DATE)
    script: list[tuple[str, PersonRef, dict[str, object]]] = [
        ("acknowledge", MIRA, {}),
        ("confirm", MIRA, {}),
        ("note", JONAS, {"note": "seen"}),
        ("tender", MIRA, {"delivered": date(2026, 10, 1)}),
        ("reject", CARLA, {"note": "no"}),
        ("escalate", CARLA, {"note": "urgent"}),
        ("complete", MIRA, {}),
        ("tender", MIRA, {"delivered": date(2026, 10, 1)}),
        ("accept", CARLA, {}),
    ]
    for name, who, more in script:
        if name == "escalate":
            case.pass_days(6)
        assert case.act(name, who, **more)  # type: ignore[arg-type]
        done.add(name)
    assert done | {"withdraw"} == set(ACTIONS)
