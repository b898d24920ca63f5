"""What ``register`` shows: in words and tables, or as one JSON document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from commands.check import print_problems
from commands.introducing import Introduction
from commands.portfolio import Portfolio
from commands.preview import Prospect, as_data, counted, print_prospects
from contracts.source import Problem

Outcome = Literal["registered", "recorded", "refused"]
"""Under watch; safe in the inbox until Temporal answers; overtaken by another file."""

_SETTLED = "registered already"


@dataclass(frozen=True)
class Page:
    """The course of a registration in words."""

    console: Console

    def refuse(self, problems: Sequence[Problem]) -> int:
        """Show why nothing is registered; return the exit code."""
        print_problems(self.console, problems)
        return 1

    def foretell(self, portfolio: Portfolio, prospects: Sequence[Prospect]) -> None:
        """Show what registering would lead to, before anything is registered."""
        if prospects:
            print_prospects(self.console, prospects)
        remarks = [str(found) for one in portfolio.candidates for found in one.reading.remarks]
        if len(portfolio.candidates) > 1 and remarks:
            remarks = [f"{counted(len(remarks), 'remark')}: holdfast check shows them"]
        for remark in remarks:
            self._say(remark)

    def end(
        self,
        portfolio: Portfolio,
        prospects: Sequence[Prospect],
        outcomes: Mapping[str, Outcome],
        people: Introduction | None = None,
    ) -> int:
        """Show what became of each contract, and who is not in Slack; return the exit code."""
        del prospects  # told already
        if len(outcomes) > 1:
            self.console.print(_table(outcomes))
        done = [contract for contract, outcome in outcomes.items() if outcome == "registered"]
        if done:
            self._say(f"{_named(done)} registered and watched.")
        if portfolio.settled:
            self._say(f"{_named(portfolio.settled)} registered already, from the same file.")
            self._say("What a house file says otherwise since is put in force by holdfast amend.")
        for words in people.lines() if people else ():
            self._say(words)
        return _code(outcomes)

    def _say(self, words: str) -> None:
        self.console.print(Text(words), soft_wrap=True, highlight=False)


@dataclass(frozen=True)
class Document(Page):
    """The same as one JSON document, into which ``beside`` goes too."""

    beside: Mapping[str, Any] = field(default_factory=dict)

    def refuse(self, problems: Sequence[Problem]) -> int:
        """Print the problems."""
        self._print([found._asdict() for found in problems], [], {})
        return 1

    def foretell(self, portfolio: Portfolio, prospects: Sequence[Prospect]) -> None:
        """Print nothing before the end: a document is one."""

    def end(
        self,
        portfolio: Portfolio,
        prospects: Sequence[Prospect],
        outcomes: Mapping[str, Outcome],
        people: Introduction | None = None,
    ) -> int:
        """Print what was foreseen of each contract, and what became of it."""
        contracts = [
            {"file": str(one.path), "outcome": outcomes.get(foreseen.contract), **as_data(foreseen)}
            for one, foreseen in zip(portfolio.candidates, prospects, strict=True)
        ]
        settled = [{"contract": ref, "outcome": _SETTLED} for ref in portfolio.settled]
        self._print([], [*contracts, *settled], people.as_data() if people else {})
        return _code(outcomes)

    def _print(
        self, problems: Sequence[Any], contracts: Sequence[Any], people: Mapping[str, Any]
    ) -> None:
        document = {**self.beside, "problems": problems, "contracts": contracts, **people}
        self._say(json.dumps(document, indent=2, ensure_ascii=False))


def _named(contracts: Sequence[str]) -> str:
    return f"{contracts[0]} is" if len(contracts) == 1 else f"{len(contracts)} contracts are"


def _code(outcomes: Mapping[str, Outcome]) -> int:
    return 1 if "refused" in outcomes.values() else 0


def _table(outcomes: Mapping[str, Outcome]) -> Table:
    table = Table("contract", "outcome", box=None, header_style="bold")
    for contract, outcome in outcomes.items():
        table.add_row(contract, outcome)
    return table
