"""``holdfast picture``: a ladder as a staircase over its days, drawn as SVG from a contract file.

Days and deadlines are those that the ladder would count if its milestone were missed.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console

from channels.inert import clip, one_line
from commands.check import check
from contracts.calendars import resolve
from contracts.reading import read_contract
from ladders.contract import Contract, Milestone
from ladders.decision import RULES
from ladders.entries import Doer, Entry, LadderOpened
from ladders.errors import HoldfastError, StaleEntry
from ladders.folding import begin
from ladders.ladder import LAST_DAY, Rung
from ladders.prose import replace_leaves
from ladders.state import LadderState
from ladders.watch import standing

_TEMPLATES = Path(__file__).parent / "templates"
_FAR_PAST = date(2000, 1, 1)
_REACH = timedelta(days=800)

_WIDTH, _LEFT, _RIGHT, _TOP, _BAND, _FOOT = 840, 34, 806, 98, 84, 62
_GAP = 16
_LETTER = 6.7
"""Generous for the text's size: whatever font a reader has, lines must not run off."""
_ACTION_LINES = 2
_DENSE = 30
"""With more days of warning than these, every tenth day has no room for its date."""


class NoPicture(HoldfastError):
    """The contract has no such milestone, or the picture cannot be written."""


class Step(NamedTuple):
    """One rung as drawn: the corner of its step, where its deadline ends, and its text beside."""

    x: float
    y: int
    due_x: float
    is_early: bool
    text_x: float
    text_y: float
    anchor: Literal["start", "end"]
    day: int
    title: str
    owner: str
    action: tuple[str, ...]
    remedy: str | None
    due: str


class Tick(NamedTuple):
    """A day on the axis."""

    x: float
    day: int
    date: str
    is_due: bool


class Drawing(NamedTuple):
    """Everything the template needs; lengths are in the picture's own units, about a pixel."""

    title: str
    parties: str
    ladder: str
    width: int
    height: int
    left: int
    right: int
    base: int
    steps: tuple[Step, ...]
    ticks: tuple[Tick, ...]


class _Axis(NamedTuple):
    first: int

    def x(self, day: float) -> float:
        share = (day - self.first) / (LAST_DAY - self.first)
        return round(_LEFT + share * (_RIGHT - _LEFT), 1)


def picture(file: Path, milestone: str | None, out: Path, *, console: Console) -> int:
    """Draw the ladder of ``milestone``, by default the contract's first, into ``out``.

    Returns 1, having said why, if the contract file is not correct; dates may be past. Raises
    NoPicture where the contract has no such milestone, or ``out`` cannot be written.
    """
    reading = read_contract(file, today=_FAR_PAST)
    if reading.contract is None:
        return check([file], today=_FAR_PAST, expand=False, as_json=False, console=console)
    drawn = draw(reading.contract, milestone)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise NoPicture(f"{out}: {error.strerror}", "name a file that can be written") from None
    console.print(f"wrote {out}", soft_wrap=True, highlight=False, markup=False)
    return 0


def draw(contract: Contract, milestone: str | None = None) -> str:
    """The ladder of a milestone as SVG; the same contract always gives the same text."""
    inert = replace_leaves(contract, str, one_line)
    drawing = _drawing(_opened(inert, _find(inert, milestone)), inert)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("ladder.svg.j2").render(drawing=drawing)


def _find(contract: Contract, milestone: str | None) -> Milestone:
    found = contract.milestone(milestone) if milestone else contract.milestones[0]
    if found is None:
        known = ", ".join(one.id for one in contract.milestones)
        raise NoPicture(
            f"{contract.contract} has no milestone {milestone!r}", f"name one of: {known}"
        )
    return found.model_copy(update={"past_due": None})


def _opened(contract: Contract, milestone: Milestone) -> LadderState:
    """The ladder as it would stand on the day it opens."""
    calendar = resolve(contract.counting, milestone.due - _REACH, milestone.due + _REACH)
    at = calendar.opening(milestone.due - timedelta(days=LAST_DAY))
    stream = f"{milestone.id}/1"
    body = LadderOpened(
        rules=RULES,
        milestone=milestone,
        ladder=contract.ladder(milestone.ladder),
        calendar=calendar,
        standing=standing(contract),
        day_zero=milestone.due,
    )
    return begin(
        Entry(
            contract=contract.contract,
            stream=stream,
            key=f"{stream}/opened",
            occurred_at=at,
            deemed_at=at,
            by=Doer(),
            body=body,
        )
    )


def _drawing(state: LadderState, contract: Contract) -> Drawing:
    milestone, ladder = state.opened.milestone, state.opened.ladder
    axis = _Axis(min(0, ladder.rungs[0].day))
    clause = f", clause {milestone.clause}" if milestone.clause else ""
    parties = " for ".join(name for name in (contract.supplier, contract.buyer) if name)
    base = _TOP + len(ladder.rungs) * _BAND
    return Drawing(
        title=clip(f"{milestone.title or milestone.id}, due {_date(milestone.due)}", 60),
        parties=clip(f"{contract.contract}, {parties}{clause}", 80),
        ladder=f"ladder {ladder.id}, version {ladder.version}",
        width=_WIDTH,
        height=base + _FOOT,
        left=_LEFT,
        right=_RIGHT,
        base=base,
        steps=tuple(_step(state, contract, axis, index) for index in range(len(ladder.rungs))),
        ticks=tuple(_ticks(state, axis)),
    )


def _step(state: LadderState, contract: Contract, axis: _Axis, index: int) -> Step:
    rungs = state.opened.ladder.rungs
    rung = rungs[index]
    x, y = axis.x(rung.day), _TOP + (len(rungs) - 1 - index) * _BAND
    last = _last_day(state, index)
    is_right = _RIGHT - x >= x - _LEFT
    columns = int((max(_RIGHT - x, x - _LEFT) - _GAP) / _LETTER)
    return Step(
        x=x,
        y=y,
        due_x=axis.x(min((last - state.opened.day_zero).days + 1, LAST_DAY)),
        is_early=rung.is_early_warning,
        text_x=round(x + _GAP if is_right else x - _GAP, 1),
        text_y=y + 23 if is_right else y + 5,
        anchor="start" if is_right else "end",
        day=rung.day,
        title=rung.id,
        owner=_owner(state, contract, rung),
        action=_wrapped(rung.action, columns),
        remedy=clip(rung.remedy, 60) if rung.remedy and state.opened.milestone.clause else None,
        due=f"{'within' if rung.due.day is None else 'by'} {rung.due}, {_date(last)}",
    )


def _last_day(state: LadderState, index: int) -> date:
    """The local day on which the action of a rung is due."""
    opens = _known(state.scheduled(index))
    deadline = _known(state.rung_deadline(state.opened.ladder.rungs[index], opens))
    # A deadline at midnight belongs to the day that ends there.
    return (state.opened.calendar.local(deadline) - timedelta(microseconds=1)).date()


def _known(at: datetime | None) -> datetime:
    if at is None:
        raise StaleEntry("the ladder's clock stands still", "draw a ladder whose time runs")
    return at


def _owner(state: LadderState, contract: Contract, rung: Rung) -> str:
    ref = state.person(rung.owner)
    person = contract.person(ref)
    return clip(f"{ref if person is None else person.name or person.email}, {rung.owner}", 45)


def _wrapped(text: str, columns: int) -> tuple[str, ...]:
    wide = any(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    width = columns // 2 if wide else columns
    lines = textwrap.wrap(text, width)
    if len(lines) > _ACTION_LINES:
        return (*lines[: _ACTION_LINES - 1], f"{lines[_ACTION_LINES - 1]} …")
    # The narrowest that needs no more lines fills them evenly.
    narrower = next(w for w in range(1, width + 1) if len(textwrap.wrap(text, w)) <= len(lines))
    return tuple(textwrap.wrap(text, narrower))


def _ticks(state: LadderState, axis: _Axis) -> Iterator[Tick]:
    every = 10 if axis.first >= -_DENSE else 30
    for day in range(-(-axis.first // every) * every, LAST_DAY + 1, every):
        on = state.opened.day_zero + timedelta(days=day)
        yield Tick(x=axis.x(day), day=day, date=f"{on.day} {on:%b}", is_due=day == 0)


def _date(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
