"""The page that ``holdfast status`` prints: plain lines in columns, as wide as they need to be.

Where the paper is too narrow for a row, the row takes two lines. Nothing is cut off, so that a
pipe can be searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from desk.choosing import WEEK
from desk.overview import Milestone, Moment, OpenLadder, Overview, Request
from ladders.errors import HoldfastError
from ladders.turn import NOBODY

_GAP = "  "
_INDENT = "    "
_MIDNIGHT = time(0)
_RED = "red"
_BOLD = "bold"
_NOTHING = "No contract is registered yet: holdfast register FILE"
_OVERDUE = "overdue"
_STANDS_STILL = "time stands still"
_PREPOSITIONS = {"for", "until"}


class Row(NamedTuple):
    """One row: its cells, and what in it is shown in red, if anything."""

    cells: tuple[str, ...]
    red: str = ""


class Section(NamedTuple):
    """Rows under a heading. Cells from ``folds_at`` on go into a second line where need be."""

    heading: str
    rows: list[Row]
    folds_at: int
    columns: tuple[str, ...] = ()


def page(
    overview: Overview,
    now: datetime,
    width: int,
    *,
    everything: bool,
    is_whole: bool,
    parked: bool = False,
) -> Text:
    """What is due, every ladder, what has no open ladder, what waits; for ``width`` columns.

    Only a page that ``is_whole`` says that nothing is due; on another it may have been left out.
    A page of ladders with ``parked`` messages says so if there is none.
    """
    sections = [*_due(overview, is_whole=is_whole), _ladders(overview.ladders, now)]
    if everything:
        sections.append(_milestones(overview.milestones))
    sections += [_requests(overview.requests), _unreadable(overview.unreadable)]
    text = Text(f"{_summary(overview, parked=parked) if overview.today else _NOTHING}\n")
    for section in sections:
        _append(text, section, width)
    if overview.milestones and not everything:
        text.append(f"\n{_nothing_open(overview)}\n")
    text.rstrip()
    return text


def _append(text: Text, section: Section, width: int) -> None:
    if not section.rows:
        return
    text.append(f"\n{section.heading}\n", _BOLD)
    columns = zip(*(row.cells for row in section.rows), strict=True)
    filled = [index for index, column in enumerate(columns) if any(column)]
    headed = [Row(section.columns), *section.rows] if section.columns else section.rows
    widths = {index: max(cell_len(row.cells[index]) for row in headed) for index in filled}
    if sum(widths.values()) + len(_GAP) * len(widths) <= width:
        for row in headed:
            _append_line(text, row, _aligned(row, widths))
        return
    short = {index: widths[index] for index in filled if index < section.folds_at}
    for row in section.rows:
        _append_line(text, row, _aligned(row, short))
        _append_line(text, row, _worded(row, section))


def _append_line(text: Text, row: Row, line: str) -> None:
    before, red, after = line.rpartition(row.red) if row.red else (line, "", "")
    text.append(before)
    text.append(red, _RED)
    text.append(f"{after}\n")


def _aligned(row: Row, widths: Mapping[int, int]) -> str:
    cells = [set_cell_size(row.cells[index], width) for index, width in widths.items()]
    return f"{_GAP}{_GAP.join(cells)}".rstrip()


def _worded(row: Row, section: Section) -> str:
    """The second line of a row that takes two: without headings, so prepositions stand in it."""
    names = section.columns or ("",) * len(row.cells)
    words = [
        f"{name} {cell}" if name in _PREPOSITIONS else cell
        for name, cell in list(zip(names, row.cells, strict=True))[section.folds_at :]
        if cell
    ]
    return f"{_INDENT}{_GAP.join(words)}"


def _summary(overview: Overview, *, parked: bool) -> str:
    if parked and not overview.ladders:
        return "No message is parked"
    refused = sum(each.refused is not None for each in overview.requests)
    waiting = len(overview.requests) - refused
    closed = sum(each.phase == "closed" for each in overview.ladders)
    overdue = sum(each.overdue for each in overview.ladders)
    waiting_for_help = sum(each.parked > 0 for each in overview.ladders)
    said = [
        f"{_count(len(overview.ladders) - closed, 'ladder')} open",
        f"{closed} closed with messages owed" if closed else "",
        f"{overdue} overdue" if overdue else "",
        f"{waiting_for_help} with parked messages" if waiting_for_help else "",
        f"{_count(waiting, 'request')} not applied yet" if waiting else "",
        f"{_count(refused, 'request')} refused" if refused else "",
    ]
    return ", ".join(filter(None, said))


def _due(overview: Overview, *, is_whole: bool) -> Iterator[Section]:
    today: list[Row] = []
    week: list[Row] = []
    later: list[Row] = []
    for each in overview.falls:
        ahead = each.day - overview.today[each.contract]
        rows = today if ahead <= timedelta(0) else week if ahead <= WEEK else later
        who = f"{each.person} ({each.role})"
        at = f"{each.at.local:%F %R}" if each.begins else _shown(each.at)
        rows.append(Row((f"{each.day:%a} {at}", each.ladder, each.what, who)))
    if is_whole and overview.today and not today:
        today.append(Row(("nothing falls due",)))
    yield Section("Today", today, folds_at=2)
    yield Section("This week", week, folds_at=2)
    yield Section("Later", later, folds_at=2)


def _ladders(ladders: Iterable[OpenLadder], now: datetime) -> Section:
    rows = [Row(_cells(each, now), red=_OVERDUE if each.overdue else "") for each in ladders]
    columns = ("ladder", "phase", "rung", "day", "whose turn", "for", "until", "messages")
    return Section("Open ladders", rows, folds_at=4, columns=columns)


def _cells(each: OpenLadder, now: datetime) -> tuple[str, ...]:
    until = _STANDS_STILL if each.stands_still else ""
    until = until if each.until is None else _ends(each, each.until)
    parked = f"{each.parked} parked: {', '.join(each.problems)}" if each.parked else ""
    owed = f"{each.owed} owed" if each.owed else ""
    return (
        each.ladder,
        each.phase,
        NOBODY if each.rung is None else f"{each.rung} {each.step}/{each.steps}",
        f"day {each.day}",
        _turn(each),
        _length(now - each.since.utc) if each.awaits is None else "",
        f"{until} {_OVERDUE}" if each.overdue else until,
        ", ".join(filter(None, (owed, parked))),
    )


def _ends(each: OpenLadder, until: Moment) -> str:
    """Until when somebody's turn lasts; where it is nobody's, what comes next and when."""
    match each.awaits:
        case None:
            return _shown(until)
        case "rung":
            return f"opens {until.local:%F %R}"
        case "ask":
            return f"asked {until.local:%F %R}"
        case "miss":
            return f"missed {_shown(until)}"
        case cause:
            return f"{cause} {_shown(until)}"


def _turn(each: OpenLadder) -> str:
    if each.person == NOBODY or each.awaits is not None:
        return NOBODY
    away = f", away: {' and '.join(each.deputies)}" if each.deputies else ""
    return f"{each.person} ({each.role}{away})"


def _begins(each: Milestone) -> str:
    if each.starts is not None:
        return f"ladder begins {_shown(each.starts)}"
    return _STANDS_STILL if each.stands_still and each.outcome is None else ""


def _milestones(milestones: Iterable[Milestone]) -> Section:
    return Section(
        "Without an open ladder",
        [
            Row(
                (
                    f"{each.contract}/{each.milestone}",
                    f"due {each.due}",
                    each.outcome or each.status,
                    _begins(each),
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
    rows = [Row((stream, f"{error}"), red=f"{error}") for stream, error in unreadable.items()]
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
