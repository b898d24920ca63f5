"""``holdfast register``: puts contracts under watch, having said what that leads to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import track

from commands.act import operator
from commands.introducing import introduced
from commands.portfolio import Candidate, Portfolio, Question, read_portfolio
from commands.preview import Prospect, and_boards, counted, prospect
from commands.registry import Outcome, Page
from contracts.answering import PastDue
from desk.applying import NotAppliedYet
from desk.casebook import Casebook
from desk.door import AlreadyRegistered, Desk
from desk.members import Members
from ladders.contract import Person
from ladders.errors import HoldfastError


class NotConfirmed(HoldfastError):
    """Messages would go out, and nobody has said that they may."""


class NotAnAnswer(HoldfastError):
    """Something that is no answer, or an answer to what no file leaves open."""


@dataclass(frozen=True)
class Typed:
    """What was typed after the files. ``asks`` tells that somebody is there to be asked.

    ``past_due`` are answers such as ``KSS-2026-014/tooling=open``.
    """

    preview: bool = False
    yes: bool = False
    past_due: Sequence[str] = ()
    asks: bool = False


async def register(
    desk: Desk,
    casebook: Casebook,
    paths: Sequence[Path],
    typed: Typed,
    *,
    now: datetime,
    today: date,
    page: Page,
    members: Members | None = None,
) -> int:
    """Read all files, say what follows, and register them; return the exit code.

    Nothing is registered if anything is wrong with any of them. ``today`` is the local date of
    ``now``. First the people of what is registered are looked up by ``members``, if there are any.

    Raises NotConfirmed, NotAnAnswer, NothingToRegister, NotAppliedYet.
    """
    portfolio = _answered(paths, casebook, typed, today)
    if portfolio.problems:
        return page.refuse(portfolio.problems)
    prospects = [prospect(one.contract, one.reading.source, now) for one in portfolio.candidates]
    page.foretell(portfolio, prospects)
    outcomes, trouble = dict[str, Outcome](), None if typed.preview else _refusal(prospects, typed)
    people = None
    if not typed.preview and trouble is None:
        # Before the first message goes out, which may be within a second of the registration.
        rooms = [one.contract.slack_channel for one in portfolio.candidates]
        people = await introduced(members, _people(portfolio.candidates), rooms)
        outcomes, trouble = await _register(desk, casebook, portfolio.candidates, page.console)
    code = page.end(portfolio, prospects, outcomes, people)
    if trouble is not None:
        raise trouble
    return code


def _people(candidates: Sequence[Candidate]) -> Iterator[Person]:
    """Everybody on the rosters of what is to be registered."""
    for one in candidates:
        yield from one.contract.people


def _answered(paths: Sequence[Path], casebook: Casebook, typed: Typed, today: date) -> Portfolio:
    """The portfolio, its questions answered by what was typed, and by whoever is there."""
    answers = dict(_answer(words) for words in typed.past_due)
    portfolio = read_portfolio(paths, casebook, answers, today)
    _refuse_others(answers, portfolio)
    asked = {question.problem for question in portfolio.questions}
    if typed.asks and asked and asked == {*portfolio.problems}:
        answers |= {question.name: _ask(question) for question in portfolio.questions}
        return read_portfolio(paths, casebook, answers, today)
    return portfolio


def _answer(words: str) -> tuple[str, PastDue]:
    name, _, said = words.partition("=")
    try:
        return name, _either(said)
    except typer.BadParameter:
        remedy = "write for example KSS-2026-014/tooling=open, or =delivered"
        raise NotAnAnswer(f"--past-due {words!r} is no answer", remedy) from None


def _either(words: str) -> PastDue:
    said: dict[str, PastDue] = {"open": "open", "delivered": "delivered"}
    try:
        return said[words.strip().lower()]
    except KeyError:
        raise typer.BadParameter("answer with one of the two words") from None


def _refuse_others(answers: Mapping[str, PastDue], portfolio: Portfolio) -> None:
    """Refuse answers that would be lost: to no milestone, to one ahead, against the file."""
    told = portfolio.said
    lost = [f"{name}={said}" for name, said in answers.items() if told.get(name) != said]
    if lost:
        left = ", ".join(question.name for question in portfolio.questions) or "nothing"
        what = f"no file leaves this open: {', '.join(lost)}"
        raise NotAnAnswer(what, f"left open is: {left}; nothing was registered")


def _ask(question: Question) -> PastDue:
    words = f"{question.name} was due on {question.due}: delivered or open?"
    said: PastDue = typer.prompt(words, value_proc=_either, prompt_suffix=" ")
    return said


def _refusal(prospects: Sequence[Prospect], typed: Typed) -> HoldfastError | None:
    """Why nothing is to be registered: messages would go out, and nobody says that they may."""
    messages = counted(sum(len(prospect.sendings) for prospect in prospects), "message")
    messages += and_boards(prospects)
    if typed.yes or not any(prospect.sendings for prospect in prospects):
        return None
    if not typed.asks:
        what = f"{messages} would be sent today, and nobody is there to confirm it"
        return NotConfirmed(what, "add --yes if that is meant; nothing was registered")
    contracts = counted(len(prospects), "contract")
    if typer.confirm(f"Register {contracts}, and send {messages} today?"):
        return None
    return NotConfirmed("nothing was registered", "say it again whenever it is meant")


async def _register(
    desk: Desk, casebook: Casebook, candidates: Sequence[Candidate], console: Console
) -> tuple[dict[str, Outcome], HoldfastError | None]:
    """Store every request, then apply one after the other, until Temporal is silent."""
    by = await asyncio.to_thread(operator, casebook.private)
    rows = []
    for one in candidates:
        if one.text is not None:
            one.path.write_bytes(one.text.encode())
        rows.append(await desk.hand_in(one.contract, one.reading.source, by))
    outcomes: dict[str, Outcome] = {row.contract: "recorded" for row in rows}
    shown = track(rows, "Registering", console=console, disable=not console.is_terminal)
    for row in shown:
        try:
            await desk.registered(row)
            outcomes[row.contract] = "registered"
        except AlreadyRegistered:
            outcomes[row.contract] = "refused"
        except NotAppliedYet as silence:
            return outcomes, silence
    return outcomes, None
