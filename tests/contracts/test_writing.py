"""Writing a contract out in full, and reading that back."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reading import read_contract, read_text
from contracts.shipped import shipped
from contracts.writing import expand
from ladders.contract import (
    Absence,
    Contract,
    Counting,
    Document,
    Milestone,
    Notices,
    Person,
)
from ladders.damages import LiquidatedDamages
from ladders.ladder import LAST_DAY, Due, Ladder, Rung
from ladders.prose import PersonRef, Prose
from ladders.values import Money, Period
from tests.contracts.conftest import TODAY

SIGNED = b"%PDF signed"

SAFE = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"
)
PROSE = st.text(SAFE | st.sampled_from("\n\t #:-'\"{}[]&*!|>%@`0"), min_size=1, max_size=40)
TEXTS = PROSE.filter(str.strip).map(Prose) | st.sampled_from(
    ["6.10", "true", "~", "2026-01-01"]
).map(Prose)
REFS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True)
ROLES = st.sampled_from(["owner", "lead", "approver", "counsel", "no"])
EMAILS = st.from_regex(r"[a-z0-9._+-]{1,8}@[a-z0-9-]{1,8}\.example", fullmatch=True).map(PersonRef)
PERIODS = st.builds(
    Period,
    count=st.integers(1, LAST_DAY),
    unit=st.sampled_from(["days", "business days", "hours"]),
)
CENTS = st.decimals(0, 10**14, places=2)
PERCENTS = st.decimals(Decimal("0.001"), 100, places=3)
MONEY = st.builds(Money, amount=CENTS, currency=st.sampled_from(["EUR", "USD", "CNY"]))
DAYS = st.dates(date(2020, 1, 1), date(2090, 12, 31))
CLOCKS = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@st.composite
def absences(draw: st.DrawFn) -> Absence:
    """Days away."""
    first = draw(DAYS)
    return Absence(first=first, last=first + timedelta(days=draw(st.integers(0, 60))))


@st.composite
def people(draw: st.DrawFn) -> tuple[Person, ...]:
    """Some people; those listed later stand in for those listed earlier."""
    refs = draw(st.lists(EMAILS, min_size=1, max_size=4, unique=True))
    return tuple(
        Person(
            id=ref,
            email=Prose(ref),
            name=draw(st.none() | TEXTS),
            slack=draw(st.none() | TEXTS),
            deputies=tuple(draw(st.lists(st.sampled_from(refs[n + 1 :] or [ref]), unique=True)))
            if refs[n + 1 :]
            else (),
            absences=tuple(draw(st.lists(absences(), max_size=2))),
        )
        for n, ref in enumerate(refs)
    )


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """A ladder that can be walked."""
    days = [*sorted(draw(st.sets(st.integers(-90, 89), max_size=4))), 90]
    rungs = tuple(
        Rung(
            id=f"rung-{n}",
            day=day,
            owner=draw(ROLES),
            action=draw(TEXTS),
            remedy=draw(st.none() | TEXTS),
            clause=draw(st.none() | TEXTS),
            due=draw(st.builds(Due, within=PERIODS) | st.just(Due(day=90))),
            notice=draw(st.sampled_from([None, "cure"])),
            requires=draw(st.sampled_from([None, "cure period expired"])),
            on_silence=draw(st.sampled_from(["wait", "climb"])),
        )
        for n, day in enumerate(days)
    )
    version = draw(st.integers(1, 99))
    return Ladder(id=draw(REFS), version=version, situation=draw(TEXTS), rungs=rungs)


@st.composite
def milestones(draw: st.DrawFn, ladder: str, refs: list[PersonRef], name: str) -> Milestone:
    """A milestone, its past explained."""
    due = draw(DAYS)
    damages = st.builds(
        LiquidatedDamages,
        rate=PERCENTS,
        base=MONEY,
        per=st.sampled_from(["day", "week", "month"]),
        part=st.sampled_from(["started", "completed"]),
        cap=st.none() | PERCENTS,
    )
    return Milestone(
        id=name,
        due=due,
        title=draw(st.none() | TEXTS),
        clause=draw(st.none() | TEXTS),
        acceptance=draw(st.none() | TEXTS),
        price=draw(st.none() | MONEY),
        damages=draw(st.none() | damages),
        ladder=ladder,
        owner=draw(st.none() | st.sampled_from(refs)),
        confirm_within=draw(PERIODS),
        respond_within=draw(PERIODS),
        past_due=draw(st.sampled_from(["open", "delivered"])) if due < TODAY else None,
    )


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """A contract such as a file without mistakes gives."""
    known = draw(people())
    refs = [person.id for person in known]
    climbs = draw(st.lists(ladders(), min_size=1, max_size=2, unique_by=lambda x: x.id))
    named = draw(st.lists(REFS, min_size=len(climbs), max_size=4, unique=True))
    stones = [
        draw(milestones(climbs[min(n, len(climbs) - 1)].id, refs, name))
        for n, name in enumerate(named)
    ]
    roles = {"owner", "approver"} | {r.owner for ladder in climbs for r in ladder.rungs}
    place, zone = draw(st.sampled_from([("DE-BW", "Europe/Berlin"), ("US", "America/Detroit")]))
    document = Document(name=Prose("x.pdf"), sha256=sha256(SIGNED).hexdigest(), size=len(SIGNED))
    return Contract(
        contract=draw(REFS),
        supplier=draw(TEXTS),
        buyer=draw(st.none() | TEXTS),
        title=draw(st.none() | TEXTS),
        law=draw(st.none() | TEXTS),
        cisg=draw(st.sampled_from([None, "excluded", "applies"])),
        document=draw(st.sampled_from([None, document])),
        notices=draw(st.none() | EMAILS.map(lambda email: Notices(email=Prose(email)))),
        slack_channel=draw(st.none() | TEXTS),
        counting=Counting(
            zone=zone, calendar=place, opens=draw(CLOCKS), closing_time=draw(st.none() | CLOCKS)
        ),
        people=known,
        roles={name: draw(st.sampled_from(refs)) for name in sorted(roles)},
        authority=tuple(draw(st.lists(st.sampled_from(sorted(roles)), min_size=1, unique=True))),
        ladders=tuple(climbs),
        milestones=tuple(stones),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a signed document and no house file."""
    path = tmp_path_factory.mktemp("a") / "b" / "c" / "d"
    path.mkdir(parents=True)
    (path / "x.pdf").write_bytes(SIGNED)
    return path


@given(contract=contracts())
def test_what_is_written_out_reads_back_as_the_same(folder: Path, contract: Contract) -> None:
    """Any contract: every text, date, sum and rung survives."""
    reading = read_text(expand(contract), "x.yaml", folder, TODAY)
    assert reading.problems == ()
    assert reading.contract == contract


def test_the_example_reads_back_beside_its_house() -> None:
    """Written out in full it is the same contract, in the same folder."""
    examples = Path(__file__).parents[2] / "examples"
    contract = read_contract(examples / "kss-2026-014.yaml", today=TODAY).contract
    assert contract is not None
    text = expand(contract)
    reading = read_text(text, "x.yaml", examples, TODAY)
    assert reading.contract == contract
    assert reading.contract.ladders == (shipped()["launch"],)
    assert "rate: 0.5%" in text
    assert "due: 2027-02-01" in text
