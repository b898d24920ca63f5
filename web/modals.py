"""Modals: the form of each answer that needs words, a day or files; one pure function for each.

Everything that a contract says is made inert; instants are marked, so that they are shown in the
reader's time too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from slack_sdk.models.blocks import Block, Option
from slack_sdk.models.views import View

from channels.answers import ANSWERS
from channels.blocks import plain
from channels.inert import clip, one_line, unended
from channels.moments import Moment, spoken
from ladders.actions import DEFAULT_PAUSE
from ladders.contract import APPROVER, Contract
from ladders.entries import Names
from ladders.events import ActionName
from ladders.ladder import Rung
from ladders.state import LadderState
from ladders.values import Ref
from ladders.watched import ContractState
from web.blocks import (
    choice_input,
    choices_input,
    day_input,
    files_input,
    option,
    paragraphs,
    words_input,
)
from web.payloads import FORM, Carried

_TITLE = 24
_TEXT = 300
_EVENT = 64


class Scene(NamedTuple):
    """What a form is filled in about. Texts are opened; ``rung`` is the one it is about.

    ``names`` tells how people are shown.
    """

    terms: Contract
    watch: ContractState
    state: LadderState
    now: datetime
    names: Names
    rung: Ref | None = None

    @property
    def today(self) -> date:
        """The local day."""
        return self.state.opened.calendar.local(self.now).date()

    @property
    def stopped(self) -> dict[Ref, date]:
        """The events that stop time for milestones of the contract, and since which day."""
        running = (toll.interval for toll in self.watch.tolled if toll.interval.until is None)
        return {interval.event: interval.since for interval in running}

    def name(self, role: str) -> str:
        """Who holds a role, with the role, such as ``the lead Jonas Lind``."""
        return f"the {role} {_inert(self.names(self.state.person(role)))}"

    def when(self, at: datetime) -> str:
        """An instant in the contract's own time, marked."""
        return Moment.on(self.state.opened.calendar, at).marked


Body = Callable[[Scene], tuple[list[str], list[Block]]]


class Form(NamedTuple):
    """How an answer is asked for: title and button, and what stands between them."""

    title: str
    submit: str
    body: Body


def form(scene: Scene, carried: Carried) -> View:
    """The form of the answer that ``carried`` names."""
    wanted = FORMS[carried.action]
    said, fields = wanted.body(scene)
    return View(
        type="modal",
        callback_id=FORM,
        private_metadata=str(carried),
        title=plain(wanted.title, _TITLE),
        submit=plain(wanted.submit, _TITLE),
        close=plain("Cancel", _TITLE),
        blocks=[paragraphs([heading(scene), *said]), *fields],
    )


def heading(scene: Scene) -> str:
    """Which ladder a modal is about."""
    milestone = scene.state.opened.milestone
    title = f" ({_inert(milestone.title)})" if milestone.title else ""
    what = f"{scene.terms.contract} · {milestone.id}{title} · {_inert(scene.terms.supplier)}"
    return f"{what} · due {spoken(milestone.due)}"


def _inert(text: str) -> str:
    return clip(one_line(text), _TEXT)


def _rung(scene: Scene) -> tuple[int, Rung] | None:
    rungs = scene.state.opened.ladder.rungs
    wanted = scene.rung
    if wanted is None and scene.state.current is not None:
        wanted = rungs[scene.state.current].id
    return next(((n, rung) for n, rung in enumerate(rungs) if rung.id == wanted), None)


def _note(label: str, hint: str, *, needed: bool = False) -> Block:
    return words_input("note", label, hint, needed=needed)


_PROOF = "Files that prove it are attached by More…, Note… on a ladder."
_FILES = files_input("files", "Evidence", "Up to 10 files; they are fetched, hashed and kept.")


def _acknowledge(_scene: Scene) -> tuple[list[str], list[Block]]:
    said = f"Pauses reminders for {DEFAULT_PAUSE}. It stops no deadline and no ladder."
    return [said], [_note("Note", "What you are about to do; may stay empty.")]


def _complete(scene: Scene) -> tuple[list[str], list[Block]]:
    said, found = list[str](), _rung(scene)
    if found is not None:
        number, rung = found
        until = scene.state.rungs[number].deadline
        due = f"; due {scene.when(until)}" if until else ""
        count = len(scene.state.rungs)
        said.append(f"Rung {number + 1} of {count}: {_inert(unended(rung.action))}{due}.")
    said.append("Reports this done. The ladder itself ends only with an accepted delivery.")
    return said, [_note("What was done", "May stay empty, if the files say it."), _FILES]


def _confirm(scene: Scene) -> tuple[list[str], list[Block]]:
    milestone = scene.state.opened.milestone
    said = f"Says that {milestone.id} was not delivered. The miss counts from the due date, and "
    return [said + "the ladder is climbed from then on."], [_note("Note", "May stay empty.")]


def _escalate(scene: Scene) -> tuple[list[str], list[Block]]:
    index = scene.state.next_pending
    said = "Opens the next rung now."
    if index is not None:
        rung = scene.state.opened.ladder.rungs[index]
        action = _inert(unended(rung.action))
        said = f"Opens rung {index + 1} of {len(scene.state.rungs)}: {action}. "
        said += f"Notifies {scene.name(rung.owner)} now."
    return [said], [_note("Reason", "Why this cannot wait.", needed=True)]


def _tender(scene: Scene) -> tuple[list[str], list[Block]]:
    within = scene.state.opened.milestone.respond_within
    authority = next(iter(scene.state.standing.authority), APPROVER)
    said = f"Asks {scene.name(authority)} to accept or reject within {within}."
    return [said], [
        day_input("delivered", "Day of delivery", "Not later than today.", scene.today),
        _note("What was delivered", "May stay empty."),
        _FILES,
    ]


def _accept(scene: Scene) -> tuple[list[str], list[Block]]:
    tender = scene.state.tender
    said = "Accepts what was tendered, and closes the ladder."
    if tender is not None:
        said = f"Accepts tender {tender.number}, and closes the ladder from the day of delivery, "
        said += f"{spoken(tender.delivered)}."
    said += " Reserve rights here if damages are to be kept; acceptance is final."
    hint = "Rights that are reserved in accepting; may stay empty."
    return [said], [_note("Reservation or note", hint)]


def _reject(scene: Scene) -> tuple[list[str], list[Block]]:
    tender = scene.state.tender
    number = "" if tender is None else f" {tender.number}"
    said = f"Rejects tender{number}. The ladder goes on, and whoever is to act is told why."
    return [said], [_note("Reasons", "What is lacking.", needed=True)]


def _withdraw(_scene: Scene) -> tuple[list[str], list[Block]]:
    said = "Closes the ladder as opened in error: without admission, neither cured nor waived. "
    return [said + "This is final."], [_note("Reason", "Why it was an error.", needed=True)]


def _add_note(_scene: Scene) -> tuple[list[str], list[Block]]:
    said = "Recorded as it is, for everybody who may read this ladder. It changes nothing else."
    return [said], [_note("Note", "At most 2,000 characters.", needed=True), _FILES]


def _toll(scene: Scene) -> tuple[list[str], list[Block]]:
    said = "Stops time for milestones of this contract until somebody lets it run again."
    open_ones = [
        milestone.id
        for milestone in scene.terms.milestones
        if scene.watch.milestones[milestone.id].status != "settled"
    ]
    own = scene.state.opened.milestone.id
    ordered = sorted(open_ones, key=lambda each: each != own)
    titles = {each.id: each.title for each in scene.terms.milestones}
    offered = [option(each, _titled(each, titles[each])) for each in ordered]
    chosen = offered[:1] if own in open_ones else []
    ways = _ways()
    milestones = "Those for which time stops; none means all."
    picked = choices_input("milestones", "Milestones", milestones, offered, chosen)
    return [said], [
        words_input(
            "event", "Event", "A reference of yours, such as FM-2026-1: letters, digits, . _ -",
            needed=True, lines=False, most=_EVENT,
        ),
        day_input("since", "First day that does not count", "", scene.today),
        words_input(
            "clause", "Clause", "That lets time stop; may stay empty.",
            needed=False, lines=False, most=_TEXT,
        ),
        *([picked] if offered else []),
        choice_input("ladders", "Ladders past their miss", "", ways, ways[0]),
        _note("Note", f"May stay empty. {_PROOF}"),
    ]  # fmt: skip


def _titled(milestone: Ref, title: str | None) -> str:
    return f"{milestone}: {one_line(title)}" if title else milestone


def _ways() -> list[Option]:
    return [
        option("keep", "Escalation goes on", "Their own clocks run on: nobody is silenced."),
        option("move", "Escalation stops too", "Their own clocks stop until time runs again."),
    ]


def _resume(scene: Scene) -> tuple[list[str], list[Block]]:
    offered = [
        option(event, event, f"has stopped time since {since}")
        for event, since in scene.stopped.items()
    ]
    said = "Lets time run again. Deadlines move by the days that did not count."
    first = offered[0] if len(offered) == 1 else None
    events = choice_input("event", "Event", "What had stopped time.", offered, first)
    return [said], [
        *([events] if offered else []),
        day_input("on", "First day that counts again", "", scene.today),
        _note("Note", f"May stay empty. {_PROOF}"),
    ]


_BODIES: dict[ActionName, Body] = {
    "acknowledge": _acknowledge,
    "complete": _complete,
    "confirm": _confirm,
    "escalate": _escalate,
    "tender": _tender,
    "accept": _accept,
    "reject": _reject,
    "withdraw": _withdraw,
    "note": _add_note,
}

FORMS: dict[str, Form] = {
    **{name: Form(ANSWERS[name].title, ANSWERS[name].submit, _BODIES[name]) for name in ANSWERS},
    "toll": Form("Stop time", "Stop time", _toll),
    "resume": Form("Let time run again", "Resume", _resume),
}
"""Every form, by what it asks for."""
