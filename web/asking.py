"""Asking: what a link is about, as the ledger has it now, in words for whoever opened it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from channels.facts import gather
from channels.inert import one_line, unended
from channels.moments import Moment, spoken
from desk.casebook import Casebook
from desk.links import Link
from ladders.actions import ACTIONS, permit
from ladders.contract import OWNER, Contract
from ladders.entries import AnyBody, CureAccepted, CureTendered, Doer, Entry, Message, Names
from ladders.errors import ActionRefused
from ladders.events import Action
from ladders.people import holders
from ladders.prose import Prose
from ladders.requirements import addressed
from ladders.state import LadderState

Rows = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Asked:
    """What is asked. ``rows`` are terms and what is so of them.

    ``today`` is the day it is under the contract. ``in_slack`` says that whoever the link was made
    for is known there. ``refusal`` says why the answer would be refused now, if it would be.
    """

    rows: tuple[tuple[str, str], ...]
    today: date
    in_slack: bool
    refusal: ActionRefused | None


class Recorded(NamedTuple):
    """The entry that an answer became. ``rows`` say who gave it, when, and what it said."""

    seq: int
    hash: str
    rows: tuple[tuple[str, str], ...]


def answer_to(link: Link, key: str, now: datetime, **said: object) -> Action:
    """The action that ``link`` gives a right to, received ``now``."""
    by = Doer(actor=link.person, authenticated_by="email-link", via="email")
    return Action.model_validate(
        {
            "key": key,
            "name": link.action,
            "by": by,
            "received_at": now,
            "rung": link.handle.rung,
            "about": link.handle.about,
            **said,
        }
    )


def look_up(casebook: Casebook, link: Link, now: datetime) -> Asked:
    """What ``link`` asks for as it stands ``now``. Raises UnknownCase."""
    contract = link.handle.contract
    state = casebook.private.open(casebook.ladder(contract, link.handle.stream))
    entries = [line.entry for line in casebook.ledger.lines(contract, link.handle.stream)]
    today = state.opened.calendar.local(now).date()
    probe = answer_to(link, "", now, note=Prose("-"), delivered=today)
    by, refusal = probe.by, None
    try:
        by = permit(state, probe, now)
    except ActionRefused as refused:
        refusal = casebook.named(contract, refused)
    terms, names = casebook.terms(contract), casebook.names(contract)
    case = _Case(state, casebook.private.open(tuple(entries)), probe, terms, names)
    rows = [*case.what()]
    if refusal is None:
        rows += [*case.why(), *case.when()]
    rows += case.who(by, may=refusal is None)
    if refusal is not None:
        rows += case.latest()
    in_slack = casebook.private.slack_of(link.person) is not None
    return Asked(_inert(rows), today, in_slack, refusal)


def _inert(rows: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((term, one_line(text)) for term, text in rows)


class _Case:
    """A ladder with its entries, their texts opened, and the answer that is in question."""

    def __init__(
        self,
        state: LadderState,
        entries: tuple[Entry, ...],
        probe: Action,
        terms: Contract,
        names: Names,
    ) -> None:
        self._state = state
        self._entries = entries
        self._probe = probe
        self._terms = terms
        self._name = names
        self._index = self._addressed()

    def what(self) -> Rows:
        """What is asked about, and of which milestone."""
        tender = self._tendered()
        if tender is not None:
            day = spoken(tender.delivered)
            yield "Reported", f"delivered on {day} (tender {tender.number})"
            if tender.note:
                yield "Said with it", tender.note
        index = self._in_question()
        if index is not None and tender is None:
            rung = self._state.opened.ladder.rungs[index]
            term = f"Rung {index + 1} of {len(self._state.rungs)}"
            yield term, f"{unended(rung.action)}, by the {rung.owner}"
        milestone = self._state.opened.milestone
        title = f" “{milestone.title}”" if milestone.title else ""
        yield "Milestone", f"{milestone.id}{title} of {self._terms.supplier}"
        yield "Due date", spoken(milestone.due)

    def why(self) -> Rows:
        """What is at stake, and which right the rung in question is about."""
        index = self._in_question()
        rung = None if index is None else self._state.opened.ladder.rungs[index].id
        told = Message(key="-", topic="rung", to=self._probe.by.actor, role=OWNER, rung=rung)
        facts = gather(self._state, self._entries[-1], told, self._terms)
        if facts.stake or facts.clause:
            yield "At stake", facts.stake or f"no amount is named (clause {facts.clause})"
        if facts.right:
            yield "Right under the contract", facts.right

    def when(self) -> Rows:
        """Since when it is asked, and until when; else since when the milestone is missed."""
        since, until = self._span()
        if since is not None:
            yield "Asked since", self._moment(since)
        elif self._state.missed_at is not None:
            yield "Missed since", self._moment(self._state.missed_at)
        if until is not None:
            yield "Answer by", self._moment(until)

    def who(self, by: Doer, *, may: bool) -> Rows:
        """Who may answer, and whether that is ``by``, whom the link was made for."""
        rights = ACTIONS[self._probe.name].rights
        entitled = (who for right in rights for who in holders(self._state, right, self._index))
        yield "Who may answer", ", ".join(map(self._name, dict.fromkeys(entitled)))
        yield "You answer as" if may else "Link made for", _named(by, self._name)

    def latest(self) -> Rows:
        """What was recorded last, apart from messages."""
        course = [each for each in self._entries if not each.body.kind.startswith("message.")]
        last = course[-1]
        by = "" if last.by.via == "timer" else f", by {self._name(last.by.actor)}"
        when = self._moment(last.occurred_at)
        yield "Recorded last", f"{last.body.sentence(self._name)} Recorded {when}{by}."

    def _in_question(self) -> int | None:
        """The rung that the answer is about, or would open."""
        return self._state.next_pending if self._probe.name == "escalate" else self._index

    def _addressed(self) -> int | None:
        known = {rung.id for rung in self._state.opened.ladder.rungs}
        if self._probe.rung is not None and self._probe.rung not in known:
            return None
        if self._probe.rung is None and self._probe.name not in {"complete", "acknowledge"}:
            return None
        return addressed(self._state, self._probe)

    def _tendered(self) -> CureTendered | None:
        if self._probe.name not in {"accept", "reject"}:
            return None
        bodies = [entry.body for entry in reversed(self._entries)]
        return next((body for body in bodies if isinstance(body, CureTendered)), None)

    def _span(self) -> tuple[datetime | None, datetime | None]:
        tender = self._tendered()
        if tender is not None:
            asked = [entry for entry in self._entries if isinstance(entry.body, CureTendered)]
            return asked[-1].occurred_at, tender.respond_by
        if self._index is not None:
            rung = self._state.rungs[self._index]
            return rung.opened_at, rung.deadline
        if self._state.phase == "watching":
            return self._state.asked_at, self._state.presumed_at
        return None, None

    def _moment(self, at: datetime) -> str:
        return str(Moment.on(self._state.opened.calendar, at))


def receipt_of(casebook: Casebook, contract: str, key: str) -> Recorded | None:
    """The entry that an action became, if it became one."""
    line = casebook.ledger.find(contract, key)
    if line is None:
        return None
    entry, names = casebook.private.open(line.entry), casebook.names(contract)
    at = str(Moment.on(casebook.watch(contract).calendar, entry.deemed_at))
    rows = [("Answered by", _named(entry.by, names)), ("Received", at), *_said(entry.body)]
    return Recorded(line.seq, line.hash, _inert(rows))


def _named(by: Doer, names: Names) -> str:
    behalf = by.on_behalf_of
    standing = "" if behalf is None else f", standing in for {names(behalf)}"
    return f"{names(by.actor)}{standing}"


def _said(body: AnyBody) -> Rows:
    """What an answer said, in its own words."""
    if isinstance(body, CureTendered | CureAccepted):
        yield "Delivered on", spoken(body.delivered)
    written = getattr(body, "note", None) or getattr(body, "reason", None)
    if written:
        yield "Written", written
