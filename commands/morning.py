"""The page that ``holdfast status`` prints: plain lines in columns, as wide as they need to be.

Where the paper is too narrow for a row, the row takes two lines. Nothing is cut off, so that a
pipe can be searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple

from rich.cells import cell_len
from rich.text import Text

from desk.choosing import WEEK
from desk.overview import Milestone, Moment, OpenLadder, Overview, Request
from ladders.errors import HoldfastError

_GAP = "  "
_INDENT = "    "
_MIDNIGHT = time(0)
_RED = "red"
_BOLD = "bold"


class Row(NamedTuple):
    """One row: its cells, and which of them is shown in red, if any."""

    cells: tuple[str, ...]
    red: int | None = None


class Section(NamedTuple):
    """Rows under a heading. Cells from ``folds_at`` on go into a second line where need be."""

    heading: str
    rows: list[Row]
    folds_at: int
    columns: tuple[str, ...] = ()


def page(overview: Overview, now: datetime, width: int, *, everything: bool) -> Text:
    """What is due, every ladder, what has no open ladder, what waits; for ``width`` columns."""
    if not overview.today and not overview.unreadable:
        return Text("No contract is registered yet: holdfast register FILE")
    sections = [*_due(overview), _ladders(overview.ladders, now)]
    if everything:
        sections.append(_milestones(overview.milestones))
    sections += [_requests(overview.requests), _unreadable(overview.unreadable)]
    text = Text(f"{_summary(overview)}\n")
    for section in sections:
        _append(text, section, width)
    if overview.milestones and not everything:
        text.append(f"\n{_nothing_open(overview)}\n")
    text.rstrip()
    return text


def _append(text: Text, section: Section, width: int) -> None:
    if not section.rows:
        return
    rows = [Row(section.columns), *section.rows] if section.columns else section.rows
    widths = [max(map(cell_len, column)) for column in zip(*(r.cells for r in rows), strict=True)]
    is_wide = sum(widths) + len(_GAP) * (len(widths) - 1) <= width - len(_GAP)
    text.append(f"\n{section.heading}\n", _BOLD)
    for row in rows if is_wide else section.rows:
        if is_wide:
            _append_cells(text, row, widths, range(len(widths)), _GAP)
        else:
            _append_cells(text, row, widths, range(section.folds_at), _GAP)
            _append_cells(text, row, None, range(section.folds_at, len(widths)), _INDENT)


def _append_cells(
    text: Text, row: Row, widths: list[int] | None, which: range, indent: str
) -> None:
    cells = [index for index in which if row.cells[index] or widths]
    text.append(indent)
    for index in cells:
        cell = row.cells[index]
        is_last = index == cells[-1]
        pad = " " * (widths[index] - cell_len(cell)) if widths and not is_last else ""
        text.append(cell, _RED if index == row.red else None)
        text.append("" if is_last else f"{pad}{_GAP}")
    text.append("\n")


def _summary(overview: Overview) -> str:
    overdue = sum(each.overdue for each in overview.ladders)
    parked = sum(each.parked > 0 for each in overview.ladders)
    refused = sum(each.refused is not None for each in overview.requests)
    counts = {
        "overdue": overdue,
        "with parked messages": parked,
        "requests not applied yet": len(overview.requests) - refused,
        "requests refused": refused,
    }
    said = [f"{count} {words}" for words, count in counts.items() if count]
    return ", ".join([f"{_count(len(overview.ladders), 'ladder')} open", *said])


def _due(overview: Overview) -> Iterator[Section]:
    today: list[Row] = []
    week: list[Row] = []
    later: list[Row] = []
    for each in overview.falls:
        ahead = each.at.day - overview.today[each.contract]
        rows = today if ahead <= timedelta(0) else week if ahead <= WEEK else later
        who = f"{each.person} ({each.role})"
        rows.append(Row((f"{each.at.day:%a} {_shown(each.at)}", each.ladder, each.what, who)))
    yield Section("Today", today, folds_at=2)
    yield Section("This week", week, folds_at=2)
    yield Section("Later", later, folds_at=2)


def _ladders(ladders: Iterable[OpenLadder], now: datetime) -> Section:
    rows = [Row(_cells(each, now), red=6 if each.overdue else None) for each in ladders]
    columns = ("ladder", "phase", "rung", "day", "whose turn", "for", "until", "messages")
    return Section("Open ladders", rows, folds_at=4, columns=columns)


def _cells(each: OpenLadder, now: datetime) -> tuple[str, ...]:
    away = f", away: {' and '.join(each.deputies)}" if each.deputies else ""
    until = "" if each.until is None else _shown(each.until)
    parked = f"{each.parked} parked" if each.parked else ""
    owed = f"{each.owed} owed" if each.owed else ""
    return (
        each.ladder,
        each.phase,
        "-" if each.rung is None else f"{each.rung} {each.step}/{each.steps}",
        f"day {each.day}",
        f"{each.person} ({each.role}{away})",
        _length(now - each.since.utc),
        f"{until} overdue" if each.overdue else until,
        ", ".join(filter(None, (owed, parked))),
    )


def _milestones(milestones: Iterable[Milestone]) -> Section:
    return Section(
        "Without an open ladder",
        [
            Row(
                (
                    f"{each.contract}/{each.milestone}",
                    f"due {each.due}",
                    each.outcome or each.status,
                    "" if each.starts is None else f"ladder begins {_shown(each.starts)}",
                )
            )
            for each in milestones
        ],
        folds_at=2,
    )


def _nothing_open(overview: Overview) -> str:
    at_work = {each.contract for each in overview.ladders}
    idle = {each.contract for each in overview.milestones} - at_work
    waiting = sum(each.status == "waiting" for each in overview.milestones)
    return (
        f"Nothing is open on {_count(len(idle), 'contract')}. "
        f"{_count(len(overview.milestones), 'milestone')} without an open ladder, {waiting} of "
        "them waiting for its day: --all lists them."
    )


def _requests(requests: Iterable[Request]) -> Section:
    return Section(
        "Requests",
        [
            Row(
                (
                    "refused" if each.refused else "not applied yet",
                    f"{each.target}: {each.name}",
                    f"{each.person}, received {_shown(each.received)}",
                    each.refused or "",
                )
            )
            for each in requests
        ],
        folds_at=2,
    )


def _unreadable(unreadable: Mapping[str, HoldfastError]) -> Section:
    rows = [Row((stream, f"{error}"), red=1) for stream, error in unreadable.items()]
    return Section("Cannot be read", rows, folds_at=1)


def _shown(moment: Moment) -> str:
    # A day that ends at midnight is shown as that day's 24:00, or it would be read a day late.
    is_midnight = moment.local.time() == _MIDNIGHT
    return f"{moment.day} 24:00" if is_midnight else f"{moment.local:%F %R}"


def _length(past: timedelta) -> str:
    if past.days > 0:
        return f"{past.days} d"
    hours, seconds = divmod(max(past.seconds, 0), 3600)
    return f"{hours} h" if hours else f"{seconds // 60} min"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else noun + 's'}"
