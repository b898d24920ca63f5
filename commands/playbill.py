"""What a rehearsal shows: what happens as it happens, and in the end each rung with its outcome."""

from __future__ import annotations

from datetime import datetime
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.table import Table

from desk.casebook import Casebook, display_name
from ladders import entries as kinds
from ladders.contract import Contract
from ladders.entries import Entry
from ladders.state import LadderState, RungState
from ladders.watched import ContractState
from ledger.naming import naming

_QUIET = (kinds.MessagePosted, kinds.LadderStarted, kinds.MilestoneSettled)


class Playbill:
    """Follows the ledger of one contract and shows it: a live table, or plain lines in a pipe."""

    def __init__(self, casebook: Casebook, contract: str, console: Console) -> None:
        """Follow ``contract``."""
        self._casebook = casebook
        self._contract = contract
        self._console = console
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None
        self._seen = 0
        self.compared = 0
        self.differences: list[str] = []

    def __enter__(self) -> Self:
        """Start the live table, where there is a terminal."""
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        if self._live:
            self._live.stop()

    def compare(self, state: LadderState | ContractState) -> None:
        """Compare a workflow's state with the fold of the ledger's entries (design, section 2)."""
        self.compared += 1
        if isinstance(state, LadderState):
            folded: object = self._casebook.ladder(self._contract, state.stream)
        else:
            folded = self._casebook.watch(self._contract)
        if folded != state:
            self.differences.append(f"the ledger differs from the workflow after {state.last_key}")

    def show(self, now: datetime) -> None:
        """Show what has happened since the last call."""
        lines = self._casebook.ledger.lines(self._contract)
        opened = [self._casebook.private.open(line.entry) for line in lines]
        names = naming(opened, self._casebook.private.identity_of)
        for entry in opened[self._seen :]:
            if not isinstance(entry.body, _QUIET):
                when = f"{entry.occurred_at:%F %R} UTC  {entry.stream:<10}"
                self._console.print(
                    f"{when} {_by(entry, names)}{entry.body.sentence(names)}",
                    soft_wrap=True, highlight=False, markup=False,
                )  # fmt: skip
        self._seen = len(opened)
        if self._live:
            self._live.update(self._table(now), refresh=True)

    def summarise(self) -> None:
        """Print each rung of each ladder: date, owner, action, remedy, outcome."""
        terms = self._casebook.terms(self._contract)
        for state in self._ladders():
            self._print(f"\n{self._headline(state)}", style="bold")
            for index in range(len(state.rungs)):
                for label, text in _rung_facts(state, index, terms):
                    self._print(f"{label:>9}  {text}")

    def _print(self, text: str, style: str | None = None) -> None:
        self._console.print(text, style=style, soft_wrap=True, highlight=False, markup=False)

    def _ladders(self) -> list[LadderState]:
        private = self._casebook.private
        return [private.open(state) for state in self._casebook.ladders(self._contract)]

    def _headline(self, state: LadderState) -> str:
        milestone = state.opened.milestone
        if state.closing is None:
            asked = f"decision asked again {state.decisions_asked} times"
            end = f"nobody answered: the climb has ended, {asked}, still open"
        else:
            end = f"{state.closing.outcome} on {state.closing.at:%F}"
        return f"{self._contract}/{state.stream}, due {milestone.due}: {end}"

    def _table(self, now: datetime) -> Table:
        table = Table(title=f"{self._contract} on {now:%A %F %R} UTC", title_justify="left")
        for heading in ("ladder", "rung", "day", "opened", "whose", "due", "outcome"):
            table.add_column(heading)
        terms = self._casebook.terms(self._contract)
        for state in self._ladders():
            for rung, standing in zip(state.opened.ladder.rungs, state.rungs, strict=True):
                owner = state.person(rung.owner)
                table.add_row(
                    state.stream,
                    rung.id,
                    str(rung.day),
                    _local(state, standing.opened_at),
                    display_name(terms.person(owner), owner),
                    _local(state, standing.deadline),
                    _outcome(state, standing),
                )
        return table


def _by(entry: Entry, names: kinds.Names) -> str:
    return "" if entry.by.actor == kinds.ENGINE else f"{names(entry.by.person)}: "


def _rung_facts(state: LadderState, index: int, terms: Contract) -> list[tuple[str, str]]:
    rung, standing = state.opened.ladder.rungs[index], state.rungs[index]
    owner = state.person(rung.owner)
    remedy = rung.remedy if state.opened.milestone.clause else None
    opened = _local(state, standing.opened_at)
    return [
        (f"day {rung.day}", f"{rung.id}, opened {opened}, due {_local(state, standing.deadline)}"),
        ("owner", f"{display_name(terms.person(owner), owner)} ({rung.owner})"),
        ("action", rung.action),
        ("remedy", remedy or "none"),
        ("outcome", _outcome(state, standing)),
    ]


def _outcome(state: LadderState, standing: RungState) -> str:
    match standing.status:
        case "pending":
            return "not reached"
        case "open" if standing.silent:
            return "silence"
        case "open" if state.closing is not None:
            return f"open when the ladder was {state.closing.outcome}"
        case other:
            return other


def _local(state: LadderState, instant: datetime | None) -> str:
    return "-" if instant is None else f"{state.opened.calendar.local(instant):%F %R}"
