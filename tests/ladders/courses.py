"""Any course of days, actions and instructions, for what has to hold whatever happens."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import strategies as st

from ladders.errors import ActionRefused
from ladders.events import ActionName
from ladders.instructions import Amend, Close, Extend, Reassign, Request, Resume, Toll, Waive
from ladders.prose import PersonRef, Prose
from tests.world import DUE, JONAS, LAUNCH, MIRA, SOURCE, Case, contract, person

ANA = PersonRef("p-ana")
CHOICES = st.sampled_from(["keep", "keep", "move", "move", "move", "move", "withdraw"])
DATES = st.integers(-40, 120).map(lambda days: DUE + timedelta(days=days))
EVENTS = st.sampled_from(["strike", "flood"])


def extension(due: date, ladders: str) -> Request:
    """A later date."""
    fields = {"milestone": "tooling", "due": due, "ladders": ladders, "reservation": Prose("all")}
    return Extend.model_validate(fields)


def amendment(due: date, ladders: str, because: str) -> Request:
    """Another date in the file."""
    fields = {
        "because": because, "ladders": ladders, "affected": ("tooling",),
        "changes": (Prose("the date"),), "terms": contract(LAUNCH, due=due), "source": SOURCE,
    }  # fmt: skip
    return Amend.model_validate(fields)


def toll(event: str, since: date, ladders: str) -> Request:
    """Stopped time."""
    return Toll.model_validate({"event": event, "since": since, "ladders": ladders})


REQUESTS = st.one_of(
    st.builds(extension, DATES, CHOICES),
    st.builds(amendment, DATES, CHOICES, st.sampled_from(["signed-amendment", "entry-error"])),
    st.builds(toll, EVENTS, DATES, st.sampled_from(["keep", "move"])),
    st.builds(lambda event, on: Resume(event=event, on=on), EVENTS, DATES),
    st.sampled_from([JONAS, MIRA]).map(lambda ref: Reassign(leaver=ref, successor=person(ANA))),
)
ENDINGS = st.one_of(
    st.just(Waive(milestone="tooling", reason=Prose("given up"))),
    st.just(Close(ladders="withdraw", reason=Prose("over"))),
)
ACTS = st.sampled_from(
    ["acknowledge", "complete", "confirm", "escalate", "tender", "tender", "reject"]
)
DAYS = st.sampled_from([0.0, 0.1, 1.0, 2.0, 9.5, 30.0])
STEPS = st.lists(
    st.tuples(DAYS, st.sampled_from([REQUESTS, ACTS, ACTS]).flatmap(lambda kind: kind)),
    min_size=8,
    max_size=20,
)
"""Twice as often somebody acts as somebody instructs: most courses go on, and few end early."""


def walk(steps: list[tuple[float, Request | ActionName]]) -> Case:
    """Pass the days, and do or instruct what each step says; what is refused changes nothing."""
    case = Case()
    for days, step in steps:
        case.pass_days(days)
        try:
            _take(case, step)
        except ActionRefused:
            continue
        case.catch_up()
    return case


def _take(case: Case, step: Request | ActionName) -> None:
    if not isinstance(step, str):
        case.instruct(step)
        return
    who = case.state.person("approver" if step == "reject" else "owner")
    delivered = case.now.date() if step == "tender" else None
    case.act(step, who, note="because", delivered=delivered)
