"""Each check by itself: one mistake in a contract that is otherwise sound."""

from __future__ import annotations

from datetime import date

import pytest

from tests.contracts.conftest import Read

HEAD = """\
contract: X-1
supplier: Kitano
zone: Europe/Berlin
calendar: DE-BW
"""
PEOPLE = """\
owner: mira@ardent.example
approver: cpo@ardent.example
"""
MILESTONES = """\
milestones:
  - id: tooling
    clause: "1"
    due: 2026-10-01
"""
LADDERS = """\
ladders:
  - id: own
    situation: Ours
    rungs:
      - {id: a, day: 5, owner: owner, action: Call., due: 2 business days, notice: cure}
      - {id: b, day: 40, owner: approver, action: Decide., due: day 90}
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # what is missing
        (HEAD + PEOPLE, "1:1 milestones: the contract has no 'milestones'"),
        (HEAD + PEOPLE + "milestones:\n", "7:1 milestones: nothing stands where a list"),
        (HEAD + PEOPLE + "milestones: []\n", "7:13 milestones: the list is empty"),
        (HEAD + PEOPLE + "milestones: [{id: m}]\n", "7:14 milestones[0].due: the milestone has no"),
        (HEAD + MILESTONES + "owner: a@b.example\n", "1:1 approver: nobody is the contract's"),
        (PEOPLE + MILESTONES + HEAD.replace("zone: Europe/Berlin\n", ""), "1:1 zone: neither the"),
        (HEAD.replace("calendar: DE-BW\n", "") + PEOPLE + MILESTONES, "1:1 calendar: neither"),
        # what is of the wrong type
        (
            HEAD + PEOPLE + "milestones: soon\n",
            "7:13 milestones: the text soon stands where a list",
        ),
        (HEAD + PEOPLE + MILESTONES + "title: 12\n", "11:8 title: the number 12 stands where a te"),
        (HEAD + PEOPLE + MILESTONES + "law: true\n", "11:6 law: the truth value true stands where"),
        (HEAD + PEOPLE + MILESTONES + "title: [a]\n", "11:8 title: a list stands where a text"),
        (HEAD + PEOPLE + MILESTONES + "roles: [a]\n", "11:8 roles: a list stands where a group"),
        (HEAD + PEOPLE + MILESTONES + "title: ' '\n", "11:8 title: the text is blank"),
        (HEAD + PEOPLE + MILESTONES + 'title: "a\\0"\n', "11:8 title: the text holds the control"),
        (HEAD + PEOPLE + MILESTONES + f"title: {'a' * 2001}\n", "11:8 title: the text is 2001"),
        (
            HEAD + PEOPLE + MILESTONES + f"title: sealed:{'0' * 64}\n",
            "11:8 title: the text has the form of a sealed text",
        ),
        (HEAD + PEOPLE + MILESTONES + "cisg: maybe\n", "11:7 cisg: 'maybe' is not one of the cho"),
        (HEAD + PEOPLE + MILESTONES + "cisg: 3\n", "11:7 cisg: the number 3 stands where a choi"),
        # what means nothing
        (HEAD + PEOPLE + MILESTONES + "kpis: []\n", "11:1 kpis: the contract has no field 'kpis'"),
        (HEAD + PEOPLE + MILESTONES + "    price: 1,5 EUR\n", "11:12 milestones[0].price: '1,5"),
        (HEAD + PEOPLE + MILESTONES + "    cure: soon\n", "11:11 milestones[0].cure: 'soon' is n"),
        (HEAD + PEOPLE + MILESTONES + "    cure: 0 days\n", "11:11 milestones[0].cure: '0 days'"),
        (
            HEAD + PEOPLE + MILESTONES + "    confirm_within: 91 days\n",
            "11:21 milestones[0].confirm_within: 91",
        ),
        (HEAD + PEOPLE + MILESTONES + "    cure: 9999 weeks\n", "11:11 milestones[0].cure: '9999"),
        (HEAD + PEOPLE + MILESTONES + "    damages: 5%\n", "11:14 milestones[0].damages: '5%' is"),
        (
            HEAD + PEOPLE + MILESTONES + "    damages: {rate: 150%, base: 1 EUR, per: day}\n",
            "11:21 milestones[0].damages.rate: 150% is not between",
        ),
        (
            HEAD + PEOPLE + MILESTONES + "    damages: 150% of 1 EUR per day\n",
            "11:14 milestones[0].damages: rate 150% is not between",
        ),
        (HEAD + PEOPLE + MILESTONES + "notices: mail\n", "11:10 notices: 'mail' is not an e-mail"),
        (HEAD + PEOPLE + MILESTONES + "opens: 9am\n", "11:8 opens: '9am' is not a time of day"),
        (HEAD + PEOPLE + MILESTONES + "document: a.pdf\n", "11:11 document: the signed document"),
        (HEAD.replace("DE-BW", "XX") + PEOPLE + MILESTONES, "4:11 calendar: 'XX' is not a holiday"),
        (HEAD.replace("DE-BW", "de") + PEOPLE + MILESTONES, "4:11 calendar: 'de' is not a holiday"),
        (HEAD.replace("X-1", "X 1") + PEOPLE + MILESTONES, "1:11 contract: 'X 1' is not an ident"),
        # dates
        (HEAD + PEOPLE + MILESTONES.replace("10-01", "13-01"), "10:10 milestones[0].due: '2026-1"),
        (HEAD + PEOPLE + MILESTONES.replace("2026-", "26-"), "10:10 milestones[0].due: '26-10-01"),
        (HEAD + PEOPLE + MILESTONES.replace("2026", "1926"), "10:10 milestones[0].due: 1926-10-0"),
        (HEAD + PEOPLE + MILESTONES.replace("10-01", "08-31"), "10:10 milestones[0].due: 2026-08"),
        (HEAD + PEOPLE + MILESTONES + "    past_due: open\n", "11:15 milestones[0].past_due: past"),
        (
            HEAD + PEOPLE + MILESTONES + "  - {id: b, clause: x, due: 3 days after bb}\n",
            "11:29 milestones[1].due: unknown milestone 'bb'",
        ),
        (
            HEAD + PEOPLE + MILESTONES + "  - {id: b, clause: x, due: 3 business days after b}\n",
            "11:29 milestones[1].due: 3 business days after a milestone cannot be counted",
        ),
        (
            HEAD + PEOPLE + MILESTONES + "  - {id: b, clause: x, due: 3 days after b}\n",
            "11:29 milestones[1].due: due dates in a circle: b after b",
        ),
        (
            HEAD + PEOPLE + MILESTONES + "  - {id: b, clause: x, due: 9999 weeks after tooling}\n",
            "11:29 milestones[1].due: '9999 weeks' is not a number of days",
        ),
        # what is said twice
        (HEAD + PEOPLE + MILESTONES + "title: a\ntitle: b\n", "12:1 title: 'title' is said twice"),
        (
            HEAD + PEOPLE + MILESTONES + "counting: {zone: UTC}\n",
            "11:12 counting.zone: 'zone' is sa",
        ),
        (
            HEAD + PEOPLE + MILESTONES + "roles: {owner: mira@ardent.example}\n",
            "11:9 roles.owner: 'owner' is said here and on line 5",
        ),
        (
            HEAD + PEOPLE + MILESTONES + "  - {id: tooling, clause: x, due: 2026-10-01}\n",
            "11:10 milestones[1].id: milestone id 'tooling' is used twice, first on line 8",
        ),
        (
            HEAD + PEOPLE + MILESTONES + LADDERS + LADDERS.removeprefix("ladders:\n"),
            "17:9 ladders[1].id: ladder id 'own' is used twice, first on line 12",
        ),
        # roles and ladders
        (
            HEAD + PEOPLE + MILESTONES + "roles: {Lead: a@b.example}\n",
            "11:9 roles.Lead: 'Lead' is ",
        ),
        (
            HEAD + PEOPLE + MILESTONES + "authority: [lead]\n",
            "11:13 authority[0]: nobody fills the",
        ),
        (HEAD + PEOPLE + MILESTONES + "    ladder: lunch\n", "11:13 milestones[0].ladder: unknown"),
        (
            HEAD + PEOPLE + MILESTONES + LADDERS.replace("day: 40", "day: 4"),
            "16:22 ladders[0].rungs[1].day: day 4 does not come after day 5",
        ),
        (
            HEAD
            + PEOPLE
            + MILESTONES
            + LADDERS.replace("day: 40", "day: 91").replace("day 90", "1 day"),
            "16:22 ladders[0].rungs[1].day: day 91 is beyond day 90",
        ),
        (
            HEAD + PEOPLE + MILESTONES + LADDERS.replace("day: 40", "day: 4.5"),
            "16:22 ladders[0].rungs[1].day: the number 4.5 stands where a whole number",
        ),
        (
            HEAD + PEOPLE + MILESTONES + LADDERS.replace("id: b", "id: a"),
            "16:14 ladders[0].rungs[1].id: rung id 'a' is used twice",
        ),
        (
            HEAD + PEOPLE + MILESTONES + LADDERS.replace("day 90", "day 30"),
            "16:65 ladders[0].rungs[1].due: due on day 30, but the rung opens on day 40",
        ),
        (
            HEAD + PEOPLE + MILESTONES + LADDERS.replace("40", "-2").replace("day: 5", "day: -5"),
            "15:7 ladders[0].rungs: no rung stands on or after the due date",
        ),
    ],
)
def test_one_mistake_is_one_problem(read: Read, text: str, expected: str) -> None:
    """It is named with its place and its field, and nothing else is blamed."""
    problems = read(text).problems
    shown = [f"{p.line}:{p.column} {p.field}: {p.what}" for p in problems]
    assert [line[: len(expected)] for line in shown] == [expected]


ROSTER = """\
people:
  - {email: mira@ardent.example}
  - {email: cpo@ardent.example}
"""
THREE_IN_A_CIRCLE = """\
  - {email: a@y.de, deputies: [cpo@ardent.example, b@y.de]}
  - {email: b@y.de, deputies: [c@y.de]}
  - {email: c@y.de, deputies: [a@y.de]}
"""


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        ("  - {name: X}\n", ["14:5 people[2].email: the person has no 'email'"]),
        ("  - {email: x at y}\n", ["14:13 people[2].email: 'x at y' is not an e-mail address"]),
        (
            "  - {email: Mira@ardent.example}\n",
            ["14:13 people[2].email: Mira@ardent.example is listed twice, first on line 12"],
        ),
        (
            "  - {email: x@y.example, deputies: [mirra@ardent.example]}\n",
            ["14:37 people[2].deputies[0]: unknown deputy mirra@ardent.example"],
        ),
        (
            "  - {email: x@y.example, deputies: [x@y.example]}\n",
            ["14:37 people[2].deputies[0]: deputies in a circle: x@y.example -> x@y.example"],
        ),
        (
            THREE_IN_A_CIRCLE,
            ["14:52 people[2].deputies[1]: deputies in a circle: a@y.de -> b@y.de -> c@y.de -> a"],
        ),
        (
            "  - {email: x@y.example, absences: [2026-12-24..2026-12-20]}\n",
            ["14:37 people[2].absences[0]: the absence ends on 2026-12-20, before it begins"],
        ),
        ("roles: {lead: jonas@ardent.example}\n", ["14:15 roles.lead: unknown lead jonas@ardent"]),
    ],
)
def test_mistakes_about_people(read: Read, people: str, expected: list[str]) -> None:
    """Who is listed, who stands in for whom, and who is named without being listed."""
    problems = read(HEAD + PEOPLE + MILESTONES + ROSTER + people).problems
    shown = [f"{p.line}:{p.column} {p.field}: {p.what}" for p in problems]
    assert [a[: len(b)] for a, b in zip(shown, expected, strict=True)] == expected


def test_an_unknown_owner_is_shown_the_nearest_address(read: Read) -> None:
    """Of the contract and of a milestone alike."""
    text = HEAD + PEOPLE.replace("mira", "myra") + MILESTONES + "    owner: cpp@ardent.example\n"
    assert [p.remedy for p in read(text + ROSTER).problems] == [
        "did you mean 'mira@ardent.example'?",
        "did you mean 'cpo@ardent.example'?",
    ]
    stranger = HEAD + PEOPLE.replace("mira", "wolfgang") + MILESTONES + ROSTER
    (found,) = read(stranger).problems
    assert found.remedy == "known are: cpo@ardent.example, mira@ardent.example"


@pytest.mark.parametrize(
    ("cure", "what"),
    [
        # Day 5 is Tuesday 6 October, two business days end on the 8th; day 40 is 10 November.
        ("32 days", None),
        ("33 days", "ends on 2026-11-10, day 40, not before rung 'b' on day 40"),
        ("768 hours", None),
        ("769 hours", "ends on 2026-11-10, day 40"),
        ("22 business days", None),
        ("23 business days", "ends on 2026-11-10, day 40"),
        ("900 business days", "ends on 2030-"),
    ],
)
def test_a_cure_period_must_end_before_the_rung_that_needs_it(
    read: Read, cure: str, what: str | None
) -> None:
    """Counted from the end of the notice's own deadline, and strictly before."""
    text = HEAD + PEOPLE + MILESTONES + f"    ladder: own\n    cure: {cure}\n" + LADDERS
    problems = read(text).problems
    assert [p.field for p in problems] == ([] if what is None else ["milestones[0].cure"])
    assert what is None or what in problems[0].what


def test_a_cure_period_must_end_before_the_first_rung_that_requires_it(read: Read) -> None:
    """Not only before the last one."""
    ladders = LADDERS + "      - {id: c, day: 80, owner: owner, action: End., due: day 90}\n"
    text = HEAD + PEOPLE + MILESTONES + "    ladder: own\n    cure: 40 days\n"
    assert read(text + ladders).problems == ()
    early = ladders.replace("action: Decide.", "action: Decide., requires: cure period expired")
    assert "rung 'b' on day 40" in read(text + early).problems[0].what


def test_a_cure_period_needs_a_rung_that_gives_notice(read: Read) -> None:
    """A ladder that never serves the notice never starts the period."""
    text = HEAD + PEOPLE + MILESTONES + "    ladder: own\n    cure: 5 days\n" + LADDERS
    (found,) = read(text.replace(", notice: cure", "")).problems
    assert found.what == "ladder 'own' has no rung whose notice starts a cure period"


def test_a_date_that_has_passed_may_stand_where_it_is_explained(read: Read) -> None:
    """Due today is not past; due yesterday is, unless the file says what is so."""
    assert read(HEAD + PEOPLE + MILESTONES, today=date(2026, 10, 1)).problems == ()
    (found,) = read(HEAD + PEOPLE + MILESTONES, today=date(2026, 10, 2)).problems
    assert "past_due: open" in found.remedy
    explained = HEAD + PEOPLE + MILESTONES + "    past_due: delivered\n"
    assert read(explained, today=date(2026, 10, 2)).problems == ()


def test_remarks_about_ladders_of_ones_own(read: Read) -> None:
    """One that runs for nothing, and one that takes a shipped one's place, are mentioned."""
    remarks = read(HEAD + PEOPLE + MILESTONES + LADDERS).remarks
    assert "ladder 'own' runs for no milestone" in {r.what for r in remarks}
    remarks = read(HEAD + PEOPLE + MILESTONES + LADDERS.replace("id: own", "id: launch")).remarks
    assert [r.what for r in remarks] == ["ladder 'launch' takes the place of the shipped one"]


def test_a_broken_ladder_is_not_blamed_twice(read: Read) -> None:
    """A milestone that runs it hears nothing of a cure period that cannot be counted."""
    text = HEAD + PEOPLE + MILESTONES + "    ladder: own\n    cure: 80 days\n"
    problems = read(text + LADDERS.replace("notice: cure", "notice: nothing")).problems
    assert [p.field for p in problems] == ["ladders[0].rungs[0].notice"]
