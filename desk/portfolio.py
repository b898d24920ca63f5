"""Compiling portfolios: where the contracts of one approver stand, the late ones first."""

from __future__ import annotations

from datetime import timedelta

from channels.digest_facts import (
    ClosedFacts,
    ContractFacts,
    DueFacts,
    LadderFacts,
    PortfolioFacts,
)
from channels.inert import clip
from desk.compiling import FORTNIGHT, View, ask_facts, beyond, urgent
from desk.overview import Closed, Milestone, OpenLadder
from desk.readers import Reader

_ASKS_SHOWN = 5
_CONTRACTS_SHOWN = 9
_BESIDE = 30
_LADDERS_SHOWN = 5
_LONGEST_NAME = 100
_DECISIONS = {"answer", "decision"}


def compile_portfolio(view: View, reader: Reader) -> PortfolioFacts | None:
    """Where the contracts that ``reader`` approves stand; None where no ladder of them is open."""
    ladders = [each for each in view.overview.ladders if each.contract in reader.approves]
    ladders = [each for each in ladders if each.phase != "closed"]
    if not ladders:
        return None
    asked = urgent(
        each
        for each in view.asked
        if each.what in _DECISIONS and reader.answers_for(each.contract, each.address)
    )
    contracts = _contracts(view, reader, ladders)
    return PortfolioFacts(
        recipient=str(reader.to),
        on=reader.local.date(),
        open=len(ladders),
        late=sum(each.overdue for each in ladders),
        tendered=len({each.ladder for each in ladders} & _tendered(view)),
        parked=sum(each.parked > 0 for each in ladders),
        asks=tuple(ask_facts(view, reader, each) for each in asked[:_ASKS_SHOWN]),
        more_asks=beyond(asked, _ASKS_SHOWN),
        contracts=tuple(contracts[:_CONTRACTS_SHOWN]),
        beside=tuple(contracts[_CONTRACTS_SHOWN:][:_BESIDE]),
        more_contracts=beyond(contracts, _CONTRACTS_SHOWN + _BESIDE),
    )


def _tendered(view: View) -> set[str]:
    return {each.ladder for each in view.asked if each.what == "answer"}


def _contracts(view: View, reader: Reader, ladders: list[OpenLadder]) -> list[ContractFacts]:
    """The contracts of which there is something to tell: those with somebody late first."""
    told: tuple[OpenLadder | Milestone | Closed, ...] = (
        *ladders, *view.overview.milestones, *view.closed,
    )  # fmt: skip
    suppliers = {e.contract: e.supplier for e in told if e.contract in reader.approves}
    late = {each.contract for each in ladders if each.overdue}
    ordered = sorted(suppliers, key=lambda contract: (contract not in late, contract))
    found = (_contract(view, contract, suppliers[contract], ladders) for contract in ordered)
    return [each for each in found if each.ladders or each.due or each.closed]


def _contract(view: View, contract: str, supplier: str, of_all: list[OpenLadder]) -> ContractFacts:
    ladders = sorted(
        (each for each in of_all if each.contract == contract),
        key=lambda each: (not each.overdue, each.ladder),
    )
    return ContractFacts(
        contract=contract,
        supplier=clip(supplier, _LONGEST_NAME),
        zone=view.zones[contract],
        ladders=tuple(_ladder(view, each) for each in ladders[:_LADDERS_SHOWN]),
        more_ladders=beyond(ladders, _LADDERS_SHOWN),
        due=tuple(_due(view, contract)),
        closed=tuple(
            ClosedFacts(reference=each.ladder, outcome=each.outcome, on=each.at.day)
            for each in view.closed
            if each.contract == contract
        ),
    )


def _ladder(view: View, each: OpenLadder) -> LadderFacts:
    return LadderFacts.model_validate(
        {
            "reference": each.ladder,
            "phase": each.phase,
            "day": each.day,
            "person": each.person,
            "role": each.role,
            "until": view.moment(each.contract, each.until),
            "late": each.overdue,
            "tendered": each.ladder in _tendered(view),
            "stands_still": each.stands_still,
            "waits": each.awaits is not None,
            "parked": each.parked,
            "board": view.board(each.ladder),
        }
    )


def _due(view: View, contract: str) -> list[DueFacts]:
    """The milestones, missed ones apart, that are due within a fortnight; by day."""
    today = view.overview.today[contract]
    ahead = {
        each.milestone: each.due
        for each in view.overview.ladders
        if each.contract == contract and each.phase == "watching"
    }
    ahead |= {
        each.milestone: each.due
        for each in view.overview.milestones
        if each.contract == contract and each.status == "waiting"
    }
    soon = {name: due for name, due in ahead.items() if timedelta(0) <= due - today <= FORTNIGHT}
    return [
        DueFacts(milestone=name, due=due)
        for name, due in sorted(soon.items(), key=lambda item: (item[1], item[0]))
    ]
