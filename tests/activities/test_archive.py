"""What is told of a ladder from its ledger: in the thread, on its board, in messages that ended."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pytest

from activities.archive import Archive, Asking
from activities.notifying import Order
from channels.composing import compose
from channels.message import Letter
from ladders.administration import administer
from ladders.asking import asks
from ladders.contract import Attachment
from ladders.entries import Doer, Entry, Message
from ladders.errors import ActionRefused
from ladders.events import Action, ActionName, Posted, Unkept
from ladders.instructions import Extend, Instruction, Reassign, Request, Resume, Toll
from ladders.outbox import superseded
from ladders.people import may_stand_in
from ladders.prose import PersonRef, Prose, Wording
from ledger.lines import GENESIS, Line
from tests.ledger.chronicle import START, registration
from tests.world import CALENDAR, CARLA, JONAS, MIRA, Case, contract, person

T = TypeVar("T")
ROOT = PersonRef("p-root")


class Open:
    """Nothing is sealed here; of people, only an operator is known elsewhere."""

    def open(self, value: T) -> T:
        """Return it as it is."""
        return value

    def identity_of(self, ref: str) -> str | None:
        """The user of the machine on which Holdfast runs."""
        return "os:root" if ref == ROOT else None


class Shelved:
    """Lines of one contract, unchained and in clear."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        """Number them in this order."""
        self._lines = [
            Line(entry=entry, seq=seq, prev=GENESIS, hash=GENESIS, recorded_at=START, text="")
            for seq, entry in enumerate(entries, 1)
        ]

    def lines(self, contract: str, stream: str | None = None) -> list[Line]:
        """The lines of a stream."""
        place = (contract, stream)
        return [e for e in self._lines if (e.entry.contract, e.entry.stream) == place]


class Told(Case):
    """A ladder whose contract's channel is told, with the contract's own entries before its own."""

    def __init__(self, at: datetime | None = None, **milestone: Any) -> None:
        """Register a contract that has a channel."""
        super().__init__(at=at, **milestone)
        terms = contract(**milestone).model_copy(update={"slack_channel": "#suppliers"})
        self.facts = [registration(terms)]
        opened = self.state.opened
        standing = opened.standing.model_copy(update={"room": True})
        opened = opened.model_copy(update={"standing": standing})
        self.entries[0] = self.entries[0].model_copy(update={"body": opened})
        self.state = self.state.model_copy(update={"opened": opened})

    def rule(self, request: Request) -> None:
        """Let the approver instruct the contract; keep what the contract records of it."""
        by = Doer(actor=CARLA, authenticated_by="slack", via="slack")
        instruction = Instruction(
            key=f"{request.name}-{self.watch.version}",
            by=by,
            received_at=self.now,
            request=request,
        )
        known = self.facts[-1].key
        for fact in administer(self.watch, instruction, CALENDAR, self.now):
            self.facts.append(fact.model_copy(update={"after": known}))
            known = fact.key
        self.instruct(request)

    @property
    def archive(self) -> Archive:
        """All of it, as the ledger has it."""
        return Archive(Shelved([*self.facts, *self.entries]), Open())

    def asking(self) -> list[Asking]:
        """The messages to people in Slack, with what they should offer now."""
        return list(self.archive.asking(self.state.contract, self.state.stream, "slack"))

    def thread(self, kind: str) -> str:
        """What is said in the channel of the latest entry of that kind."""
        entry = next(each for each in reversed(self.entries) if each.body.kind == kind)
        word = next(message for message in entry.body.tell if message.topic == "event")
        return compose(self.archive.told(self.order(word)), None, "slack").text.strip()

    def order(self, message: Message) -> Order:
        """What a courier asks for."""
        return Order(contract=self.state.contract, stream=self.state.stream, message=message)


def asked() -> Told:
    """On the due date, at noon."""
    case = Told()
    case.move(datetime(2026, 10, 1, 10, tzinfo=UTC))
    return case


def missed() -> Told:
    """The first rung after the miss is open."""
    case = asked()
    case.act("confirm", CARLA)
    case.move(datetime(2026, 10, 2, 8, tzinfo=UTC))
    return case


def test_a_miss_is_put_into_the_mouth_of_whoever_said_so() -> None:
    """The approver may say it; the owner did not."""
    case = missed()
    assert "\n\nNext: it is missed at the end of Thursday 1 October" in case.thread(
        "miss.confirmed"
    )
    assert case.thread("milestone.missed") == (
        "The milestone is missed: p-carla@ardent.example said that it was not delivered in time."
        "\n\nNext: rung 2 of 6 opens at once, for the owner to act."
    )


def test_backlog_says_what_comes_next() -> None:
    """The room learns at once what the first rung is."""
    case = Told(datetime(2027, 8, 14, 8, tzinfo=UTC), past_due="open")
    case.catch_up()
    assert case.thread("milestone.missed") == (
        "The milestone was already overdue and open when the contract was registered."
        "\n\nNext: rung 2 of 6 opens at once, for the owner to act."
    )


def test_what_the_contract_records_comes_before_what_it_means_for_the_ladder() -> None:
    """Nobody reads of versions of terms; the board names the clause."""
    case = missed()
    case.rule(Toll(event="strike", since=case.now.date(), ladders="move", clause=Prose("14.2")))
    assert case.thread("terms.followed").startswith(
        "p-carla@ardent.example: Time stopped from 2026-10-02 by event strike under clause 14.2 "
        "for tooling; ladders past their miss stop too.\n\n"
        "For this ladder: the due date is Thursday 1 October 2026, and its own clock is stopped "
        "too.\n\n"
    )
    case.feed(_posted(case, "ladder"))
    told = case.archive.board(case.state.contract, case.state.stream)
    assert told is not None
    text = compose(told, None, "slack").text
    assert "Time stands still since Friday 2 October 2026 (strike, clause 14.2)." in text


def test_a_file_that_was_lost_is_told_in_words() -> None:
    """Not by the code of the problem."""
    case = missed()
    plan = Attachment(id="F1", name=Prose("plan.pdf"), size=1)
    case.act("complete", rung="plan", attached=(plan,), key="click")
    case.feed(Unkept(act="click", attachment="F1", problem="file_deleted"))
    lost = "Evidence missing: plan.pdf could not be kept: it is not in Slack any more; "
    assert case.thread("evidence.missing").startswith(lost)


def test_an_operator_is_named_as_such_wherever_they_acted() -> None:
    """Never by pseudonym, and always with whom they acted for."""
    case = missed()
    by = Doer(actor=ROOT, on_behalf_of=MIRA, authenticated_by="os-user", via="cli")
    case.feed(_posted(case, "rung"))
    case.feed(Action(key="x", name="complete", by=by, received_at=case.now, rung="plan"))
    said = "root at the command line, for p-mira@ardent.example: Action of rung plan done."
    assert case.thread("rung.completed").startswith(said)
    (asking,) = case.asking()
    assert asking.answers == ()
    assert case.archive.told(asking.order).since == (
        f"Nothing is to be answered here any more. {said} (Friday 2 October 2026, 10:00)"
    )


def test_a_message_carries_what_can_still_be_answered() -> None:
    """What was acknowledged is not offered again, until it is somebody else's to acknowledge."""
    case = missed()
    case.feed(_posted(case, "rung"))
    (before,) = case.asking()
    assert [each.action for each in before.answers][:3] == ["complete", "tender", "acknowledge"]
    assert case.archive.told(before.order).since is None
    case.act("acknowledge", rung="plan")
    (after,) = case.asking()
    assert [each.action for each in after.answers][:3] == ["complete", "tender", "escalate"]
    said = case.archive.told(after.order).since
    assert said is not None
    assert said.startswith("p-mira@ardent.example: Rung plan acknowledged; no reminder before ")
    case.act("tender", delivered=case.now.date())
    (tendered,) = case.asking()
    assert [each.action for each in tendered.answers] == ["complete", "escalate", "more"]
    said = case.archive.told(tendered.order).since
    assert said is not None
    assert said.startswith("p-mira@ardent.example: Tender 1: delivered 2026-10-02")


def told_as(case: Told, topic: str) -> Letter:
    """The latest message of that topic, as its reader would have it now."""
    owed = [m for entry in case.entries for m in entry.body.tell if m.topic == topic]
    return compose(case.archive.told(case.order(owed[-1])), None, "slack")


def offered(letter: Letter) -> list[str]:
    """The actions that it offers."""
    return [offer.action for offer in letter.offers]


def test_a_rung_that_stays_open_as_the_date_moves_can_still_be_answered() -> None:
    """Time stops before the due date; the warning is asked as before, by its deadline."""
    case = Told()
    case.pass_days(0.1)
    case.feed(_posted(case, "rung"))
    case.rule(Toll(event="strike", since=case.now.date(), ladders="keep"))
    assert [each.rung for each in asks(case.state)] == ["warn"]
    (asking,) = case.asking()
    assert asking.answers[0].action == "complete"
    case.act("complete", rung="warn", about=asking.answers[0].handle.about)
    assert case.asking()[0].answers == ()


def test_what_is_still_asked_after_the_date_has_moved_is_told_with_its_deadline() -> None:
    """Not the warning, which is over with the miss; and by the deadline in force."""
    case = missed()
    case.rule(
        Extend(milestone="tooling", due=date(2026, 10, 5), reservation=Prose("all"), ladders="move")
    )
    still = [(each.rung, each.until) for each in asks(case.state) if each.rung]
    text = told_as(case, "moved").text
    assert len(still) == text.count("rung plan") + text.count("rung warn")
    for rung, until in still:
        assert (
            f"Still asked: rung {rung} of the owner {MIRA}@ardent.example, overdue since " in text
        )
        assert f"{until:%F %R} UTC" in text


def test_a_question_whose_date_has_moved_is_not_asked_any_more() -> None:
    """Its buttons would be refused."""
    case = asked()
    case.feed(_posted(case, "question"))
    case.rule(Extend(milestone="tooling", due=date(2026, 11, 5), reservation=Prose("all")))
    (asking,) = case.asking()
    assert asking.answers == ()


def test_what_was_held_back_carries_the_answers_of_its_day() -> None:
    """Somebody else has answered, or it is acknowledged, before it is posted at last."""
    case = asked()
    case.act("confirm", CARLA)
    late = told_as(case, "question")
    assert (offered(late), "Not delivered" in str(late.aside)) == ([], True)
    case = missed()
    case.act("acknowledge", rung="plan")
    letter = told_as(case, "rung")
    assert "acknowledge" not in offered(letter)
    assert "Rung plan acknowledged" in str(letter.aside)


def test_a_question_that_is_answered_is_not_sent_any_more() -> None:
    """The courier drops it."""
    case = asked()
    (question,) = (m for m in case.state.outbox if m.topic == "question")
    assert not superseded(case.state, question)
    case.act("confirm", CARLA)
    assert superseded(case.state, question)


@pytest.mark.parametrize("answer", ["tender", "confirm"])
def test_a_question_that_is_answered_cannot_be_acknowledged(answer: ActionName) -> None:
    """As by a link in a mail that came before the answer."""
    case = asked()
    case.act("complete", rung="warn")
    case.act(answer, delivered=case.now.date() if answer == "tender" else None)
    with pytest.raises(ActionRefused, match="no rung of tooling/1 waits for acknowledge"):
        case.act("acknowledge")


def test_a_clock_that_stops_while_the_question_is_open_stops_no_question() -> None:
    """Nobody is told that nothing is asked."""
    case = Told()
    case.catch_up()
    case.act("complete", rung="warn")
    case.move(datetime(2026, 10, 2, 10, tzinfo=UTC))
    case.rule(Toll(event="strike", since=date(2026, 10, 2), ladders="move"))
    assert "question" in [each.what for each in asks(case.state)]
    assert "clock" not in [message.topic for message in case.entries[-1].body.tell]


def test_a_clock_that_is_to_stop_is_not_said_to_have_stopped() -> None:
    """The deadline before that day stands, and is named."""
    case = missed()
    case.rule(Toll(event="strike", since=date(2026, 10, 12), ladders="move"))
    deadline = case.state.rungs[1].deadline
    assert deadline is not None
    letter = told_as(case, "clock")
    assert "stops on Monday 12 October 2026" in letter.subject
    by = f"by the end of Tuesday 6 October 2026 (Europe/Berlin; {deadline:%F %R} UTC)"
    assert f"This is asked of you as before, {by}:" in letter.text
    assert "no deadline" not in letter.text
    assert "Time will stand still from Monday 12 October 2026 (strike) on." in letter.text
    case.rule(Resume(event="strike", on=date(2026, 10, 20)))
    assert "runs again from Tuesday 20 October 2026 on" in told_as(case, "clock").subject


def test_what_stops_the_ladders_clock_is_named_and_not_what_stops_the_milestone_alone() -> None:
    """A disputed event that was not let stop the ladder has not stopped it."""
    case = missed()
    disputed = Toll(event="disputed", since=date(2026, 9, 30), ladders="keep", clause=Prose("14.2"))
    case.rule(disputed)
    case.pass_days(5)
    case.rule(Toll(event="agreed", since=case.now.date(), ladders="move", clause=Prose("15.1")))
    text = told_as(case, "clock").text
    assert ("agreed, clause 15.1" in text, "disputed" in text) == (True, False)


def test_a_rejection_offers_no_tender_once_there_was_another_one() -> None:
    """It would be refused; and once that is rejected too, another message asks for the next."""
    case = missed()
    case.act("tender", delivered=case.now.date())
    case.act("reject", CARLA, note="no")
    case.feed(_posted(case, "rejected"))
    case.act("tender", delivered=case.now.date())
    (asking,) = case.asking()
    assert asking.answers == ()
    case.act("reject", CARLA, note="no again")
    assert case.asking()[0].answers == ()
    assert offered(told_as(case, "rejected")) == ["tender", "more"]


def test_whoever_is_to_decide_can_do_so_whatever_is_tendered_meanwhile() -> None:
    """After the climb, with a tender pending: another one, and its rejection."""
    case = missed()
    case.pass_days(92)
    case.act("tender", delivered=case.now.date())
    case.pass_days(8)
    case.feed(_posted(case, "decision"))
    case.act("reject", CARLA, note="no")
    case.act("tender", delivered=case.now.date())
    case.act("reject", CARLA, note="no again")
    asking = case.asking()[-1]
    assert [each.action for each in asking.answers] == ["note", "withdraw", "more"]


def test_nobody_who_has_left_is_offered_what_only_the_roster_may() -> None:
    """A file of theirs was lost after they had gone."""
    case = missed()
    plan = Attachment(id="F1", name=Prose("plan.pdf"), size=1)
    case.act("complete", rung="plan", attached=(plan,), key="click")
    ana = person(PersonRef("p-ana"))
    case.rule(Reassign(leaver=MIRA, successor=ana))
    case.feed(Unkept(act="click", attachment="F1", problem="too_large"))
    letter = told_as(case, "evidence")
    assert letter.offers == ()
    assert "attach a smaller one with a note, or give it to whoever runs Holdfast" in letter.text


def test_a_deputy_of_the_authority_is_named_only_while_it_is_away() -> None:
    """Who is named may answer; who may not is not named."""
    case = missed()
    case.act("tender", delivered=case.now.date())
    standing = case.state.standing.model_copy(update={"deputies": {CARLA: (JONAS,)}})
    opened = case.state.opened.model_copy(update={"standing": standing})
    case.state = case.state.model_copy(update={"opened": opened})
    with pytest.raises(ActionRefused):
        case.act("accept", JONAS)
    assert may_stand_in(case.state, CARLA, case.now, for_authority=True) == ()
    assert may_stand_in(case.state, CARLA, case.now, for_authority=False) == (JONAS,)


def test_what_is_posted_elsewhere_is_not_for_this_channel_to_change() -> None:
    """An e-mail stays as it was sent."""
    case = missed()
    case.feed(_posted(case, "rung").model_copy(update={"channel": "email"}))
    assert case.asking() == []


def test_whoever_is_asked_to_accept_reads_which_files_came_with_it() -> None:
    """And that rights have to be reserved now."""
    case = missed()
    photo = Attachment(id="F1", name=Prose("tool-in-place.jpg"), size=1)
    case.act("tender", delivered=case.now.date(), attached=(photo,))
    message = next(each for each in case.entries[-1].body.tell if each.topic == "tender")
    text = compose(case.archive.told(case.order(message)), None, "slack").text
    assert "Evidence: tool-in-place.jpg." in text
    assert "Reserve rights in the note of the acceptance if damages are to be kept" in text


def test_a_board_names_its_channel_and_not_a_pseudonym_in_the_chronology() -> None:
    """As a lawyer reads it."""
    case = missed()
    (entry,) = case.feed(_posted(case, "ladder"))
    said = "Posted to the contract's channel through Slack: the subject"
    assert entry.body.sentence(str) == said


def _posted(case: Case, topic: str) -> Posted:
    owed = next(each for each in reversed(case.state.outbox) if each.topic == topic)
    return Posted(
        message=owed.key, channel="slack", receipt="C1/1.2", wording=Wording("the subject\n\ntext")
    )
