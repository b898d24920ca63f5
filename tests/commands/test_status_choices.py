"""``holdfast status`` with filters and orders."""

from __future__ import annotations

from typing import Any

import pytest

from desk.choosing import NotAChoice
from tests.bench.supplier_base import fill
from tests.commands.books import Shelf
from tests.commands.mornings import CONFIRMED, document, missed, page
from tests.ledger.chronicle import CONTRACT


@pytest.mark.parametrize(
    ("choice", "fits"),
    [
        ({"contracts": (CONTRACT,)}, True),
        ({"person": "mira"}, True),
        ({"person": "P-MIRA@ardent.example"}, True),
        ({"person": "carla"}, False),
        ({"phase": "climbing"}, True),
        ({"phase": "watching"}, False),
        ({"supplier": "kitano"}, True),
        ({"due": "today"}, False),
        ({"due": "week"}, True),
        ({"due": "overdue"}, False),
        ({"due": "2026-10-06"}, True),
        ({"due": "2026-10-07"}, False),
        ({"due": "2026-10-15"}, True),
        ({"due": "9999-12-31"}, False),
        ({"parked": True}, False),
        ({"phase": "climbing", "due": "week", "person": "mira"}, True),
    ],
)
def test_a_filter_leaves_what_fits(shelf: Shelf, choice: dict[str, Any], *, fits: bool) -> None:
    """A ladder whose deadline or next step is due; on 15 October the rung after this one opens."""
    case = missed()
    found = document(shelf.of(case), case.now, **choice)
    assert len(found["ladders"]) == fits


def test_a_person_sees_their_turns_and_what_concerns_them(shelf: Shelf) -> None:
    """By address or by name; also what will be theirs on ladders that are somebody else's now."""
    office = shelf.empty()
    fill(office, 25, CONFIRMED)
    found = document(office, CONFIRMED, person="JONAS@ardent.example")
    for part in ("ladders", "falls_due"):
        assert {each["person"] for each in found[part]} == {"Jonas Weber"}
    turns = {each["ladder"] for each in found["ladders"]}
    assert {each["ladder"] for each in found["falls_due"]} - turns
    assert document(office, CONFIRMED, person="jonas") == found


def test_everything_unknown_is_named_at_once(shelf: Shelf) -> None:
    """With what there is, so that a slip of the finger is seen."""
    office = shelf.of(missed())
    with pytest.raises(NotAChoice) as refusal:
        page(
            office,
            CONFIRMED,
            contracts=("KSS-2062-014",),
            person="nobody",
            phase="asleep",
            supplier="Acme",
            due="tomorow",
            sort="name",
        )
    for words in ("KSS-2062-014", "nobody", "asleep", "Acme", "tomorow", "name"):
        assert f"'{words}'" in refusal.value.what
    for words in (CONTRACT, "p-mira@ardent.example", "exhausted", "Kitano", "YYYY-MM-DD", "age"):
        assert words in refusal.value.remedy


def test_people_who_exist_but_have_no_turn_are_no_error(shelf: Shelf) -> None:
    """Dep stands on the roster, and nothing is to be done by them."""
    office = shelf.of(missed())
    assert document(office, CONFIRMED, person="p-dep")["ladders"] == []


@pytest.mark.parametrize("sort", ["until", "contract", "turn", "age", "due"])
def test_ladders_are_sorted_as_asked(shelf: Shelf, sort: str) -> None:
    """And the other way round; what is equal stays in the order of the contracts."""
    office = shelf.empty()
    fill(office, 25, CONFIRMED)
    keys = {
        "until": lambda each: each["until"]["utc"],
        "contract": lambda each: each["contract"],
        "turn": lambda each: each["person"],
        "age": lambda each: each["opened"]["utc"],
        "due": lambda each: each["due"],
    }
    ladders = document(office, CONFIRMED, sort=sort)["ladders"]
    assert len(ladders) == 25
    assert ladders == sorted(sorted(ladders, key=keys["contract"]), key=keys[sort])
    assert [keys[sort](each) for each in ladders] != [keys[sort](ladders[0])] * 25
    back = document(office, CONFIRMED, sort=sort, reverse=True)["ladders"]
    assert [keys[sort](each) for each in back] == [keys[sort](each) for each in ladders[::-1]]
