"""Wording a digest so that it fits into one message: the least urgent is counted, not told."""

from __future__ import annotations

from channels.digest_facts import DigestFacts, PortfolioFacts
from channels.rendering import Wording, render

LONGEST = 5_800
"""Characters in all passages, so that no channel has to cut them."""

MOST_PASSAGES = 20
"""Paragraphs, for the same reason."""

_ALWAYS_TOLD = 3


def word(facts: DigestFacts | PortfolioFacts) -> Wording:
    """The words of a digest, as much of it as fits."""
    told: DigestFacts | PortfolioFacts | None = facts
    while told is not None:
        wording = render(told.template, told)
        if _fits(wording):
            return wording
        told = _shorter(told) if isinstance(told, DigestFacts) else _shorter_portfolio(told)
    return wording


def _fits(wording: Wording) -> bool:
    passages = wording.passages
    return len(passages) <= MOST_PASSAGES and sum(map(len, passages)) <= LONGEST


def _shorter(facts: DigestFacts) -> DigestFacts | None:
    if len(facts.coming) > _ALWAYS_TOLD:
        update = {"coming": facts.coming[:-1], "more_coming": facts.more_coming + 1}
        return facts.model_copy(update=update)
    if len(facts.asks) > 1:
        update = {"asks": facts.asks[:-1], "more_asks": facts.more_asks + 1}
        return facts.model_copy(update=update)
    return None


def _shorter_portfolio(facts: PortfolioFacts) -> PortfolioFacts | None:
    if len(facts.asks) > _ALWAYS_TOLD:
        update = {"asks": facts.asks[:-1], "more_asks": facts.more_asks + 1}
        return facts.model_copy(update=update)
    if len(facts.contracts) > 1:
        beside = (facts.contracts[-1], *facts.beside)
        return facts.model_copy(update={"contracts": facts.contracts[:-1], "beside": beside})
    if facts.beside:
        more = facts.more_contracts + 1
        return facts.model_copy(update={"beside": facts.beside[:-1], "more_contracts": more})
    return None
