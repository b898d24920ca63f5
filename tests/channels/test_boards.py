"""What a ladder's board says, whatever has happened, and which answers it offers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from channels.blocks import as_json, blocks
from channels.composing import Told, compose
from channels.message import Letter, Mark
from ladders.instructions import Reassign, Resume, Toll, Waive
from ladders.outbox import board
from ladders.prose import PersonRef, Prose
from tests.world import CARLA, DEPUTY, JONAS, MIRA, Case, contract, person

MARK = Mark(reference="KSS-2026-014/tooling/1", seq=1, hash="0" * 64, prev="0" * 64)
NAMES = {MIRA: "Mira Roth", JONAS: "Jonas Weber", CARLA: "Carla Brandt", DEPUTY: "Ada Kern"}
DAMAGES = "0.5% of 400000 EUR per started week, cap 5%"


def board_of(case: Case) -> Letter:
    """The board of a ladder as it stands."""
    bare = contract()
    people = (p.model_copy(update={"name": Prose(NAMES[p.id])}) for p in bare.people)
    told = Told(
        state=case.state,
        entry=case.entries[-1],
        message=board("tooling/1", 1),
        terms=bare.model_copy(update={"people": tuple(people)}),
        mark=MARK,
    )
    return compose(told, None, "slack")


def labels(letter: Letter) -> list[str]:
    """The answers that are offered."""
    return [offer.label for offer in letter.offers]


def asked() -> Case:
    """On the due date, at noon, just asked."""
    case = Case(damages=DAMAGES)
    case.move(datetime(2026, 10, 1, 10, tzinfo=UTC))
    return case


def missed() -> Case:
    """The first rung after the miss is open."""
    case = asked()
    case.act("confirm")
    case.move(datetime(2026, 10, 2, 8, tzinfo=UTC))
    return case


def waiting() -> Case:
    """Its action is done, and the next rung has still to open."""
    case = missed()
    case.act("complete", rung="plan")
    return case


def test_where_nothing_is_asked_it_is_nobodys_turn() -> None:
    """What comes next stands first instead, once."""
    letter = board_of(waiting())
    assert letter.text.startswith(
        "Nothing is asked now. Next: rung 3 of 6 opens on Thursday 15 October 2026, 09:00 "
    )
    assert "Whose turn" not in dict(letter.facts)
    assert "What follows" not in letter.text


def test_not_delivered_is_said_with_who_said_it_and_when_it_is_missed() -> None:
    """Whoever it was, and whatever warning is still open."""
    case = asked()
    case.act("confirm", CARLA)
    letter = board_of(case)
    assert letter.subject.endswith("not delivered, due Thursday 1 October 2026")
    assert letter.text.startswith(
        "Not delivered, said Carla Brandt. Nothing is asked now. Next: it is missed at the end of "
        "Thursday 1 October 2026 (Europe/Berlin; 2026-10-01 22:00 UTC), and rung 2 of 6 then opens"
    )


def test_an_acknowledgement_stands_on_the_board_until_the_reminder() -> None:
    """And nobody is asked to acknowledge again before."""
    case = missed()
    assert "Acknowledge" in labels(board_of(case))
    case.act("acknowledge", DEPUTY, rung="plan", received_at=case.now)
    said = "Acknowledged by Ada Kern, for Mira Roth on Friday 2 October 2026, 10:00 "
    assert said in board_of(case).text
    assert "no reminder is left before the deadline" in board_of(case).text
    assert "Acknowledge" not in labels(board_of(case))
    case.move(datetime(2026, 10, 8, 8, tzinfo=UTC))
    assert "Acknowledged" not in board_of(case).text
    assert "Acknowledge" in labels(board_of(case))


def test_the_question_is_acknowledged_alike() -> None:
    """Its button answers the question, whatever warning is open."""
    case = asked()
    (button,) = [each for each in board_of(case).offers if each.action == "acknowledge"]
    assert button.handle.rung is None
    case.act("acknowledge")
    letter = board_of(case)
    assert "no reminder before the end of Monday 5 October 2026" in letter.text
    assert labels(letter) == ["Delivered…", "Not delivered", "More…"]
    case.move(datetime(2026, 10, 2, 8, tzinfo=UTC))
    assert "Acknowledged by Mira Roth" in board_of(case).text


def test_who_takes_over_has_acknowledged_nothing() -> None:
    """The acknowledgement was another's."""
    case = missed()
    case.act("acknowledge", rung="plan")
    case.instruct(Reassign(leaver=MIRA, successor=person(PersonRef("p-ana"))))
    assert "Acknowledged" not in board_of(case).text
    assert "Acknowledge" in labels(board_of(case))


def test_a_cured_board_says_who_accepted_what_and_when() -> None:
    """And no more that nothing was accepted, or what is at stake."""
    case = missed()
    case.act("tender", delivered=date(2026, 10, 2))
    case.act("accept", CARLA, note="damages are reserved")
    letter = board_of(case)
    assert (
        "Carla Brandt accepted tender 1 on Friday 2 October 2026, 10:00 (Europe/Berlin; "
        "2026-10-02 08:00 UTC): it was delivered on Friday 2 October 2026, and was due on "
        "Thursday 1 October 2026.\n\nSaid with it: damages are reserved"
    ) in letter.text
    assert "no delivery has been accepted" not in letter.text
    assert letter.offers == ()


def test_a_delivery_in_time_that_was_reported_late_was_no_default() -> None:
    """The close says so, and not that anybody withdrew anything."""
    case = missed()
    case.act("tender", delivered=date(2026, 10, 1))
    case.act("accept", CARLA)
    text = board_of(case).text
    assert "closed as withdrawn" in text
    assert "Delivered in time, it was no default." in text
    assert "withdrew" not in text


def test_a_board_that_was_given_up_says_who_when_and_why() -> None:
    """Withdrawn or waived."""
    case = missed()
    case.act("withdraw", CARLA, note="the date was mistyped")
    text = board_of(case).text
    assert "Carla Brandt withdrew it on Friday 2 October 2026, 10:00" in text
    assert "Reason: the date was mistyped" in text
    case = missed()
    case.instruct(Waive(milestone="tooling", reason=Prose("settled")))
    assert "Carla Brandt waived it on Friday 2 October 2026, 10:00" in board_of(case).text


def test_stopped_time_is_said_with_its_day_and_cause() -> None:
    """Also where nothing is asked; and gone once it is resumed."""
    case = waiting()
    case.instruct(Toll(event="strike", since=case.now.date(), ladders="move"))
    letter = board_of(case)
    assert letter.subject.endswith("missed, time stands still")
    assert "Time stands still since Friday 2 October 2026 (strike)." in letter.text
    assert "Next: rung 3 of 6 opens on its day once time runs again" in letter.text
    case.instruct(Resume(event="strike", on=date(2026, 10, 5)))
    assert "stands still" not in board_of(case).text


def test_while_time_is_stopped_no_due_date_is_claimed() -> None:
    """Nor that a rung would open at once."""
    case = Case()
    case.instruct(Toll(event="strike", since=case.now.date()))
    text = board_of(case).text
    assert "was due on Thursday 1 October 2026 before time was stopped" in text
    assert "at once" not in text


def test_backlog_says_from_when_its_days_are_counted() -> None:
    """And never that a warning would open, which is only recorded as passed."""
    case = Case(at=datetime(2027, 8, 14, 8, tzinfo=UTC), past_due="open")
    letter = board_of(case)
    assert letter.subject.endswith("overdue since Thursday 1 October 2026")
    assert "Next: rung 2 of 6 opens at once" in letter.text
    assert "counted from registration, 317 days after the due date" in letter.text


def test_nothing_is_said_to_be_due_that_is_missed_already() -> None:
    """Also on the very day, where it ends with the working hours."""
    case = Case()
    closing = case.state.opened.calendar.model_copy(update={"closing_time": time(17)})
    opened = case.state.opened.model_copy(update={"calendar": closing})
    case.state = case.state.model_copy(update={"opened": opened})
    case.move(datetime(2026, 10, 1, 10, tzinfo=UTC))
    case.act("confirm")
    case.move(datetime(2026, 10, 1, 15, tzinfo=UTC))
    text = board_of(case).text
    assert "was due on Thursday 1 October 2026; it is recorded as missed" in text


def test_an_amount_that_nobody_named_is_said_to_be_unnamed() -> None:
    """So that what is at stake never simply lacks."""
    assert "At stake: no amount is named (clause 6.1)." in board_of(Case()).text
    assert "At stake: no amount is named.\n" in board_of(Case(clause=None)).text


def test_after_the_climb_a_decision_is_what_is_offered() -> None:
    """And nothing is said to end that has ended."""
    case = Case()
    case.pass_days(110)
    letter = board_of(case)
    assert labels(letter) == ["Decision…", "Withdraw…", "More…"]
    assert "the climb ends" not in letter.text


def test_only_labels_of_ours_are_bold() -> None:
    """Whatever comes before a colon elsewhere is not."""
    shown = as_json(blocks(board_of(missed())))
    (passages,) = [block for block in shown if block["type"] == "rich_text"]
    bold = [
        text["text"]
        for section in passages["elements"]
        for text in section["elements"]
        if text.get("style", {}).get("bold")
    ]
    assert bold == ["At stake: ", "Why: ", "What follows if nothing is done: "]


def test_in_slack_an_instant_is_said_in_the_contracts_and_the_readers_time_only() -> None:
    """UTC stands in the text, for whatever cannot show the reader's own."""
    letter = board_of(missed())
    (parts,) = [part for part in as_json(blocks(letter)) if part["type"] == "rich_text"]
    assert "UTC" in letter.text
    assert "UTC" not in str(parts)
