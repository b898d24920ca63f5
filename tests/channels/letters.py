"""Every message worth reading, worded from ladders that really ran; written anew when run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from channels.facts import MessageFacts, gather
from channels.rendering import Wording, render
from ladders.contract import Attachment, Contract
from ladders.entries import Message
from ladders.events import Unkept
from ladders.folding import apply, begin
from ladders.instructions import Extend, Reassign, Resume, Toll, Waive
from ladders.ladder import Ladder
from ladders.prose import PersonRef, Prose
from ladders.state import LadderState
from tests.world import CARLA, JONAS, MIRA, Case, contract, person, rung

SNAPSHOTS = Path(__file__).parent / "snapshots"

LADDER = Ladder(
    id="launch",
    version=1,
    situation=Prose("a launch milestone"),
    rungs=(
        rung("warn", -10),
        rung("plan", 0, remedy="reserve all rights", notice="cure"),
        rung("audit", 14, "lead", "10 business days", remedy="withhold payment", clause="6.3"),
        rung(
            "decide", 85, "approver", "day 90", remedy="terminate", requires="cure period expired"
        ),
    ),
)
TERMS: dict[str, Any] = {
    "title": "Series tooling ready",
    "acceptance": "three runs at rate, signed off.",
    "price": "400000 EUR",
    "damages": "0.5% of 400000 EUR per started week, cap 5%",
}
NAMES = {MIRA: "Mira Roth", JONAS: "Jonas Weber", CARLA: "Carla Brandt"}


def terms() -> Contract:
    """The contract of the world, its people with names."""
    bare = contract(LADDER, **TERMS)
    named = (p.model_copy(update={"name": NAMES.get(p.id)}) for p in bare.people)
    return bare.model_copy(update={"people": tuple(named)})


def told(case: Case) -> Iterator[tuple[Message, MessageFacts]]:
    """Every message of a ladder with its facts, in the order they arose."""
    state: LadderState | None = None
    for entry in case.entries:
        state = begin(entry) if state is None else apply(state, entry)
        for message in entry.body.tell:
            yield message, gather(state, entry, message, terms())


def unanswered() -> Case:
    """A ladder that nobody answers, into its first weekly question."""
    case = Case(LADDER, **TERMS)
    case.pass_days(120)
    return case


def disputed() -> Case:
    """A late delivery, left unanswered, rejected, tendered again and accepted."""
    case = Case(LADDER, **TERMS)
    case.pass_days(20)
    case.act("tender", delivered=date(2026, 10, 9), note="delivered by truck")
    case.pass_days(10)
    case.act("reject", CARLA, note="two cavities out of tolerance")
    case.pass_days(3)
    case.act("tender", delivered=date(2026, 10, 22))
    case.act("accept", CARLA)
    return case


def mistaken() -> Case:
    """A ladder that was opened in error."""
    case = Case(LADDER, **TERMS)
    case.pass_days(12)
    case.act("withdraw", CARLA, note="the date was mistyped")
    return case


def extended() -> Case:
    """A missed milestone that was given a later date, its ladder moved along; then waived."""
    case = Case(LADDER, **TERMS)
    case.pass_days(12)
    case.instruct(
        Extend(
            milestone="tooling",
            due=date(2026, 11, 2),
            reservation=Prose("all rights from the delay are reserved"),
            ladders="move",
        )
    )
    case.pass_days(30)
    case.instruct(Waive(milestone="tooling", reason=Prose("settled by a credit note")))
    return case


def stopped() -> Case:
    """Time stopped before the due date, and resumed."""
    case = Case(LADDER, **TERMS)
    case.pass_days(5)
    case.instruct(Toll(event="strike", since=case.now.date()))
    return case


def stopped_after_the_miss() -> Case:
    """The ladder's own clock stopped too, and a rung opened by hand meanwhile."""
    case = Case(LADDER, **TERMS)
    case.pass_days(16)
    case.instruct(Toll(event="strike", since=case.now.date(), ladders="move"))
    case.act("escalate", note="we go on talking")
    case.catch_up()
    return case


def running_again() -> Case:
    """The ladder's own clock was stopped for ten days, while a rung was open."""
    case = Case(LADDER, **TERMS)
    case.pass_days(16)
    return _held_up(case)


def running_with_nothing_asked() -> Case:
    """The same, while no rung was open."""
    case = Case(LADDER, **TERMS)
    case.pass_days(16)
    case.act("complete", rung="plan", note="plan demanded")
    return _held_up(case)


def _held_up(case: Case) -> Case:
    stopped = case.now.date()
    case.instruct(Toll(event="strike", since=stopped, ladders="move"))
    case.pass_days(10)
    case.instruct(Resume(event="strike", on=stopped + timedelta(days=10)))
    return case


def handed_over(case: Case, leaver: PersonRef) -> Case:
    """The same ladder, once somebody has taken another's place."""
    case.instruct(Reassign(leaver=leaver, successor=person(PersonRef("p-ana"))))
    return case


def taken_over() -> dict[str, Wording]:
    """What a successor is told at once, by what had been asked."""
    asked = {
        "question": handed_over(_after(10), MIRA),
        "unconfirmed": handed_over(_after(12), MIRA),
        "rung-audit": handed_over(_after(25), JONAS),
        "silence-audit": handed_over(_after(45), JONAS),
        "decision": handed_over(unanswered(), CARLA),
    }
    return {f"{name}-taken-over": _latest(case, name) for name, case in asked.items()}


def _after(days: int) -> Case:
    case = Case(LADDER, **TERMS)
    case.pass_days(days + 0.2)
    return case


def _latest(case: Case, name: str) -> Wording:
    """What the last entry tells on the topic with which ``name`` begins, of the rung it names."""
    keys = {message.key for message in case.entries[-1].body.tell}
    topic, _, rung = name.partition("-")
    return next(
        render(message.topic, facts)
        for message, facts in told(case)
        if message.key in keys and (message.topic, message.rung or "") == (topic, rung)
    )


def lost() -> Case:
    """A file that was attached to what was done, and had been deleted when it was fetched."""
    case = _after(15)
    plan = Attachment(id="F1", name=Prose("recovery plan.pdf"), size=1)
    case.act("complete", rung="plan", attached=(plan,), key="click")
    case.feed(Unkept(act="click", attachment="F1", problem="file_deleted"))
    return case


def lost_at_the_end() -> Case:
    """The same, of a file that came with the last tender, once that was accepted."""
    case = _after(12)
    photo = Attachment(id="F2", name=Prose("part 7.jpg"), size=1)
    case.act("tender", delivered=date(2026, 10, 2), attached=(photo,), key="click")
    case.act("accept", CARLA)
    case.feed(Unkept(act="click", attachment="F2", problem="too_large"))
    return case


def bare() -> Case:
    """A ladder of a milestone that names no clause."""
    case = Case(LADDER, **{**TERMS, "clause": None})
    case.pass_days(20)
    return case


def _firsts(case: Case) -> dict[str, Wording]:
    return dict(reversed([*_worded(case)]))


def _lasts(case: Case) -> dict[str, Wording]:
    return dict(_worded(case))


def _worded(case: Case) -> Iterator[tuple[str, Wording]]:
    for message, facts in told(case):
        rung = "" if facts.rung is None else f"-{facts.rung.id}"
        yield f"{message.topic}{rung}", render(message.topic, facts)


def letters() -> dict[str, str]:
    """Every message worth reading, by the name of its snapshot."""
    worded = {
        **_firsts(disputed()),
        **_firsts(unanswered()),
        "closed-cured": _firsts(disputed())["closed"],
        "closed-withdrawn": _firsts(mistaken())["closed"],
        **taken_over(),
        "closed-waived": _firsts(extended())["closed"],
        "evidence": _firsts(lost())["evidence"],
        "evidence-after-the-close": _firsts(lost_at_the_end())["evidence"],
        "moved": _firsts(extended())["moved"],
        "moved-suspended": _firsts(stopped())["moved"],
        "rung-audit-while-time-stands-still": _firsts(stopped_after_the_miss())["rung-audit"],
        "clock-plan-stopped": _firsts(stopped_after_the_miss())["clock-plan"],
        "clock-plan-running": _lasts(running_again())["clock-plan"],
        "clock-running": _lasts(running_with_nothing_asked())["clock"],
        "clock-stopped": _firsts(running_with_nothing_asked())["clock"],
        "rung-plan-without-clause": _firsts(bare())["rung-plan"],
    }
    del worded["closed"]
    return {name: f"{word.subject}\n\n{word.text}\n" for name, word in worded.items()}


if __name__ == "__main__":
    for path in SNAPSHOTS.glob("*.txt"):
        path.unlink()
    SNAPSHOTS.mkdir(exist_ok=True)
    for name, text in letters().items():
        (SNAPSHOTS / f"{name}.txt").write_text(text, encoding="utf-8")
