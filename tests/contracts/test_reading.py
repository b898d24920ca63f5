"""Reading whole contract files: what they say, and everything that is wrong at once."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.reading import read_contract, read_house, read_text
from ladders.contract import Absence, Contract
from ladders.damages import LiquidatedDamages
from ladders.prose import PersonRef
from ladders.values import Period
from tests.contracts.conftest import TODAY, Read

SHORT = """\
contract: KSS-2026-014
supplier: Kitano Sealing Systems
notices: notices@kitano.example
document: kss.pdf
owner: mira@ardent.example
approver: cpo@ardent.example
zone: Europe/Berlin
calendar: DE-BW
closing_time: 17:00
milestones:
  - id: tooling
    due: 2026-10-01
  - id: ppap
    due: 5 weeks after tooling
    clause: "6.1"
    damages: 0.5% of 400000 EUR per started week, cap 5%
"""

LONG = """\
contract: KSS-2026-014
supplier: Kitano Sealing Systems
notices: {email: notices@kitano.example}
document: kss.pdf
roles:
  owner: mira@ardent.example
  lead: cpo@ardent.example
  approver: cpo@ardent.example
counting: {zone: Europe/Berlin, calendar: DE-BW, opens: 09:00, closing_time: 17:00}
authority: [approver]
people:
  - email: mira@ardent.example
  - email: cpo@ardent.example
milestones:
  - id: tooling
    due: 2026-10-01
    ladder: launch
    confirm_within: 2 business days
  - id: ppap
    due: 2026-11-05
    clause: "6.1"
    respond_within: 5 business days
    damages: {rate: 0.5%, base: 400000 EUR, per: week, part: started, cap: 5%}
"""

HOUSE = """\
buyer: Ardent Motors
zone: Europe/Berlin
calendar: DE-BW
opens: 08:00
slack_channel: "#escalations"
people:
  - email: mira@ardent.example
    name: Mira
    deputies: [jonas@ardent.example]
  - email: jonas@ardent.example
    absences: [2026-12-20..2027-01-06, 2027-03-01]
  - email: cpo@ardent.example
roles:
  approver: cpo@ardent.example
  lead: jonas@ardent.example
"""

BARE = """\
contract: KSS-2026-014
supplier: Kitano
owner: Mira@ardent.example
milestones: [{id: tooling, due: 2026-10-01}]
"""


OWN_WORD = """\
counting: {zone: Europe/Paris}
calendar: FR
roles: {lead: ines@ardent.example}
people:
  - {email: ines@ardent.example}
  - {email: MIRA@ardent.example, slack: U1}
"""


def sound(reading_contract: Contract | None) -> Contract:
    """The contract, which must be there."""
    assert reading_contract is not None
    return reading_contract


def test_short_and_long_forms_say_the_same(read: Read) -> None:
    """A contract of sixteen lines is the one that says everything."""
    short, long = read(SHORT), read(LONG)
    assert short.problems == long.problems == ()
    assert sound(short.contract) == sound(long.contract)


def test_a_short_contract_has_every_default(read: Read) -> None:
    """Dates, money, hashes and roles are what the lines mean."""
    reading = read(SHORT)
    contract = sound(reading.contract)
    ppap = contract.milestones[1]
    assert ppap.due == date(2026, 11, 5)
    assert ppap.confirm_within == Period(count=2, unit="business days")
    assert ppap.damages == LiquidatedDamages.parse("0.5% of 400000 EUR per started week, cap 5%")
    assert ppap.damages.rate == Decimal("0.5")
    assert contract.counting.closing_time == time(17)
    assert contract.document is not None
    assert contract.document.sha256 == sha256(b"%PDF signed").hexdigest()
    assert contract.document.size == 11
    assert [ladder.id for ladder in contract.ladders] == ["launch"]
    assert contract.roles == {
        "owner": "mira@ardent.example",
        "approver": "cpo@ardent.example",
        "lead": "cpo@ardent.example",
    }
    assert reading.source.name == "kss.yaml"
    assert reading.source.size > 300


def test_remarks_tell_what_a_correct_contract_lacks(read: Read) -> None:
    """A role that climbs and a milestone without a clause are said, in place."""
    assert [(r.line, r.column, r.what) for r in read(SHORT).remarks] == [
        (11, 5, "no clause: rungs nag and escalate, no right is claimed"),
        (11, 5, "role 'lead' is filled by nobody: it climbs to the approver"),
    ]


def test_the_house_says_what_contracts_share(read: Read) -> None:
    """People, roles, zone, calendar and hours come from the folder above."""
    contract = sound(read(BARE, HOUSE).contract)
    assert contract.buyer == "Ardent Motors"
    assert contract.slack_channel == "#escalations"
    assert contract.counting.opens == time(8)
    assert contract.roles == {
        "owner": "mira@ardent.example",
        "lead": "jonas@ardent.example",
        "approver": "cpo@ardent.example",
    }
    mira = contract.person(PersonRef("mira@ardent.example"))
    assert mira is not None
    assert mira.deputies == ("jonas@ardent.example",)
    jonas = contract.person(PersonRef("jonas@ardent.example"))
    assert jonas is not None
    assert jonas.absences == (
        Absence(first=date(2026, 12, 20), last=date(2027, 1, 6)),
        Absence(first=date(2027, 3, 1), last=date(2027, 3, 1)),
    )


def test_a_contract_overrides_its_house(read: Read) -> None:
    """Its own word counts first; what it says of a person adds to what the house says."""
    contract = sound(read(BARE + OWN_WORD, HOUSE).contract)
    assert contract.counting.zone == "Europe/Paris"
    assert contract.counting.calendar == "FR"
    assert contract.roles["lead"] == "ines@ardent.example"
    mira = contract.person(contract.roles["owner"])
    assert mira is not None
    assert (mira.name, mira.slack) == ("Mira", "U1")


MISTAKES = """\
contract: KSS-2026-014
supplier: Kitano Sealing Systems
document: kss.pdf
owner: mirra@ardent.example
calendar: DE-XX
zone: Europe/Berlim
colour: green
ladders:
  - id: quick
    situation: Quick
    rungs:
      - {id: a, day: 0, owner: owner, action: Call., due: 24 hours, notice: cure}
      - {id: b, day: 50, owner: lead, action: Visit., due: 2 days}
      - {id: c, day: 40, owner: approver, action: Decide., due: day 90}
      - {id: d, day: 95, owner: approver, action: Decide., due: 1 day}
milestones:
  - id: tooling
    due: 2026-08-01
  - id: tooling
    due: 2026-10-01
    ladder: lunch
  - id: ppap
    due: 2026-12-01
    price: 400.000 euros
    damages: 0.5% of 400000 EUR per fortnight
  - id: ramp
    due: 2026-13-01
    cure: 1 fortnight
"""


def test_every_mistake_is_named_in_one_run_with_its_place(read: Read) -> None:
    """Thirteen mistakes, no two alike: each with line, column, field, what and remedy."""
    reading = read(MISTAKES, HOUSE)
    assert reading.contract is None
    named = [(p.line, p.column, p.field) for p in reading.problems]
    assert named == [
        (4, 8, "owner"),
        (5, 11, "calendar"),
        (6, 7, "zone"),
        (7, 1, "colour"),
        (14, 22, "ladders[0].rungs[2].day"),
        (15, 22, "ladders[0].rungs[3].day"),
        (18, 10, "milestones[0].due"),
        (19, 9, "milestones[1].id"),
        (21, 13, "milestones[1].ladder"),
        (24, 12, "milestones[2].price"),
        (25, 14, "milestones[2].damages"),
        (27, 10, "milestones[3].due"),
        (28, 11, "milestones[3].cure"),
    ]
    assert all(p.what and p.remedy for p in reading.problems)
    assert "did you mean 'mira@ardent.example'?" in str(reading.problems[0])
    assert "did you mean 'Europe/Berlin'?" in str(reading.problems[2])
    assert "did you mean 'launch'?" in str(reading.problems[8])


def test_mistakes_of_the_house_are_named_in_the_house(read: Read) -> None:
    """Its problems carry its own name, beside the contract's."""
    reading = read(BARE + "titel: x\n", HOUSE.replace("Europe/Berlin", "Berlin"))
    assert [(Path(p.file).name, p.field) for p in reading.problems] == [
        ("kss.yaml", "titel"),
        ("house.yaml", "zone"),
    ]


def test_a_house_is_found_three_folders_up_and_no_further(tmp_path: Path) -> None:
    """Contracts may be sorted into folders; a stranger's house file is not taken."""
    deep = tmp_path / "a" / "b" / "c" / "d"
    deep.mkdir(parents=True)
    text = "contract: X\nsupplier: Y\nowner: a@b.example\napprover: a@b.example\n"
    text += "milestones: [{id: m, due: 2026-10-01}]\n"
    (tmp_path / "house.yaml").write_text("zone: UTC\ncalendar: DE\n", encoding="utf-8")
    assert read_text(text, "x.yaml", deep.parent, TODAY).problems == ()
    found = {p.field for p in read_text(text, "x.yaml", deep, TODAY).problems}
    assert found == {"zone", "calendar"}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xff\xfe", "this is not UTF-8 text"),
        (b"a: 1\nb: \xe9\n", "this is not UTF-8 text"),
        (b"x" * (1024 * 1024 + 1), "the file is larger than"),
        (b"- a\n", "a list stands where the contract with its fields is needed"),
        (b"", "the file is empty"),
    ],
)
def test_a_file_that_is_no_contract_is_one_problem(
    tmp_path: Path, content: bytes, what: str
) -> None:
    """Nothing raises, and the source is still told by its hash."""
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    reading = read_contract(path, today=TODAY)
    (found,) = reading.problems
    assert found.what.startswith(what)
    assert reading.source.sha256 == sha256(content[: 1024 * 1024 + 1]).hexdigest()


def test_a_byte_that_is_not_utf_8_is_shown_where_it_stands(tmp_path: Path) -> None:
    """The place is counted in characters, as editors do."""
    path = tmp_path / "bad.yaml"
    path.write_bytes("a: ü\nü: ".encode() + b"\xe9\n")
    (found,) = read_contract(path, today=TODAY).problems
    assert (found.line, found.column) == (2, 4)


def test_a_missing_file_and_a_folder_are_problems(tmp_path: Path) -> None:
    """Neither raises."""
    (absent,) = read_contract(tmp_path / "absent.yaml", today=TODAY).problems
    (folder,) = read_contract(tmp_path, today=TODAY).problems
    assert "cannot be read" in absent.what
    assert "no contract file" in folder.what


def test_a_house_file_can_be_read_by_itself(tmp_path: Path) -> None:
    """Its own mistakes are found without any contract."""
    path = tmp_path / "house.yaml"
    path.write_text("zone: UTC\npeople:\n  - {email: a@b.example, deputies: [x@y.example]}\n")
    assert [(p.line, p.column) for p in read_house(path)] == [(3, 37)]


WORDS = st.sampled_from(
    [
        "contract: X",
        "supplier: Y",
        "owner: a@b.example",
        "approver: [a]",
        "zone: UTC",
        "calendar: DE",
        "roles:",
        "  lead: 3",
        "people:",
        "  - email: a@b.example",
        "    deputies: [a@b.example, b@b.example]",
        "    absences: [2026-01-02..2026-01-01]",
        "ladders:",
        "  - id: launch",
        "    rungs:",
        "      - id: a",
        "        day: 1",
        "        due: day 0",
        "      - {id: b, day: -3, owner: x, action: y, due: 1 hour, notice: cure}",
        "milestones:",
        "  - id: m",
        "    due: 2026-10-01",
        "    due: 3 days after m",
        "    cure: 9000 business days",
        "    damages: {rate: 5%}",
        "    ladder: launch",
        "  - {id: n, due: 9999 weeks after m, past_due: open}",
        "  - null",
        "counting: {zone: x, zone: y}",
        'document: "\\0"',
        'title: "\\uD800"',
        '"\\e[31m": 1',
    ]
)


@given(st.lists(WORDS))
def test_no_arrangement_of_lines_makes_reading_raise(lines: list[str]) -> None:
    """A contract is read exactly if there are no problems, whatever the file holds."""
    reading = read_text("\n".join(lines), "f.yaml", Path("nowhere"), TODAY)
    assert (reading.contract is None) == bool(reading.problems)
    assert all(str(p).isprintable() for p in reading.problems)
