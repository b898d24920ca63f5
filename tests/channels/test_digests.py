"""The words of digests: whole at every size, inert, and with links that only we can set."""

from __future__ import annotations

from datetime import UTC, date, datetime

from channels import blocks as slack
from channels.blocks import as_json, blocks
from channels.digest_facts import (
    AskFacts,
    Board,
    ComingFacts,
    ContractFacts,
    DigestFacts,
    DueFacts,
    LadderFacts,
    PortfolioFacts,
)
from channels.digest_wording import LONGEST, MOST_PASSAGES, word
from channels.message import Address, Letter
from channels.moments import Moment
from channels.rendering import render
from tests.world import CALENDAR

AT = Moment.on(CALENDAR, datetime(2026, 10, 6, 22, tzinfo=UTC))
DAY = date(2026, 10, 5)
LINK = "https://ardent.slack.example/archives/C1/p1"


def ask(number: int = 1, **more: object) -> AskFacts:
    """Something that waits for its reader."""
    return AskFacts.model_validate(
        {
            "reference": f"KSS-{number}/tooling/1",
            "supplier": "Kitano Sealing Systems",
            "milestone": "tooling",
            "what": "rung",
            "rung": "plan",
            "action": "Demand a plan.",
            "role": "owner",
            "until": AT,
            **more,
        }
    )


def contract(number: int) -> ContractFacts:
    """A contract with as much to tell as there can be."""
    ladder = LadderFacts(
        reference=f"KSS-{number}/tooling/1", phase="climbing", day=4, person="Mira Roth",
        role="owner", until=AT, late=True, tendered=True, parked=2, board=Board(LINK),
    )  # fmt: skip
    return ContractFacts(
        contract=f"KSS-{number}",
        supplier="Kitano Sealing Systems",
        zone="Europe/Berlin",
        ladders=(ladder,) * 5,
        more_ladders=3,
        due=(DueFacts(milestone="ppap", due=DAY),),
    )


def shown(facts: DigestFacts | PortfolioFacts) -> str:
    """What Slack is given to show, as text."""
    wording = word(facts)
    assert len(wording.passages) <= MOST_PASSAGES <= slack._MOST_PASSAGES
    assert sum(map(len, wording.passages)) <= LONGEST <= slack._LONGEST
    assert "\n\n\n" not in wording.text
    letter = Letter(
        key="k", to=Address(email="a@b.example"), subject=wording.subject, text=wording.text,
        passages=wording.passages,
    )  # fmt: skip
    return str(as_json(blocks(letter)))


def test_an_ask_says_what_until_when_for_whom_and_where() -> None:
    """Each kind in its own words, overdue first of all."""
    asks = (
        ask(overdue=True, holder="Mira Roth", board=Board(LINK)),
        ask(what="question", until=None),
        ask(what="answer"),
        ask(what="decision"),
    )
    wording = render("digest", DigestFacts(recipient="Ana", on=DAY, asks=asks, overdue=1))
    assert wording.subject == "Today: 4 things wait for you, 1 overdue"
    reference = "KSS-1/tooling/1 of Kitano Sealing Systems, milestone tooling"
    first, *others = wording.text.split("\n\n")[1:5]
    assert first.split("\n") == [
        f"OVERDUE: {reference}: Demand a plan (rung plan).",
        f"It was due by {AT}. You stand in for Mira Roth (owner).",
        LINK,
    ]
    assert others[0].endswith(
        "please say whether it was delivered.\nNo date runs: time stands still."
    )
    assert "please accept or reject what was tendered.\nUntil the end of" in others[1]
    assert "please decide how to go on; the climb has ended." in others[2]


def test_what_only_falls_due_is_told_as_such() -> None:
    """And where there is more than is shown, its number is."""
    coming = ComingFacts(reference="KSS-1/tooling/1", what="rung audit opens", at=AT)
    quiet = DigestFacts(recipient="Ana", on=DAY, coming=(coming,), more_coming=2)
    wording = render("digest", quiet)
    assert "nothing waits for you on Monday 5 October 2026." in wording.text
    assert f"- {AT}: KSS-1/tooling/1, rung audit opens\n- and 2 more, later" in wording.text
    many = DigestFacts(recipient="Ana", on=DAY, asks=(ask(),), more_asks=3)
    assert "And 3 more, less urgent." in render("digest", many).text


def test_the_largest_digests_fit_into_a_message() -> None:
    """No paragraph is left out, and the link to a board is one that can be followed."""
    asks = tuple(ask(number, board=Board(LINK)) for number in range(12))
    coming = (ComingFacts(reference="KSS-1/tooling/1", what="rung audit opens", at=AT),) * 10
    daily = shown(
        DigestFacts(
            recipient="Ana", on=DAY, asks=asks, more_asks=1, coming=coming, more_coming=1
        )
    )  # fmt: skip
    weekly = shown(
        PortfolioFacts(
            recipient="Ana", on=DAY, open=99, late=9, tendered=9, parked=9,
            asks=asks[:5], more_asks=1,
            contracts=tuple(contract(number) for number in range(9)),
            beside=tuple(contract(number) for number in range(30)), more_contracts=5,
        )
    )  # fmt: skip
    for said in (daily, weekly):
        assert f"'url': '{LINK}'" in said
        assert "This repeats what was asked before" in said
        assert "[…]" not in said
    assert "more contracts" in weekly
    assert "\\n- KSS-8, Kitano Sealing Systems: 8 open, 5 or more late\\n- " in weekly
    assert "less urgent" in daily


def test_a_contracts_words_set_no_link_and_no_mark() -> None:
    """What a supplier is called stays text."""
    evil = ask(supplier=f"\ue002{LINK}\ue002 \ue0001|x\ue001")
    said = shown(DigestFacts(recipient="Ana", on=DAY, asks=(evil,)))
    assert "'type': 'link'" not in said
    assert LINK in said
