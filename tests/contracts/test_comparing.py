"""What differs between two versions of a contract is said in words, and touches what it touches."""

from __future__ import annotations

from datetime import date

from contracts.comparing import affected, differences
from ladders.contract import Contract, Milestone
from ladders.prose import PersonRef, Prose
from tests.world import LAUNCH, contract, person

PPAP = Milestone(id="ppap", due=date(2026, 12, 1))


def with_milestones(terms: Contract, *milestones: Milestone) -> Contract:
    """The contract with further milestones."""
    return terms.model_copy(update={"milestones": (*terms.milestones, *milestones)})


def said(before: Contract, after: Contract) -> list[str]:
    """The differences in words."""
    return [str(difference) for difference in differences(before, after)]


def test_the_same_terms_do_not_differ() -> None:
    """Not a word, and nothing affected."""
    assert differences(contract(), contract()) == []
    assert affected(contract(), contract()) == ()


def test_a_moved_date_is_named_with_its_milestone_and_both_days() -> None:
    """The most frequent amendment reads as people say it."""
    before, after = contract(), contract(due=date(2026, 11, 1))
    assert said(before, after) == ["milestones tooling due: 2026-10-01 -> 2026-11-01"]
    assert affected(with_milestones(before, PPAP), with_milestones(after, PPAP)) == ("tooling",)


def test_what_is_new_and_what_is_gone_is_named() -> None:
    """A milestone more, and one less; only the one that is gone can be affected."""
    fewer, more = contract(), with_milestones(contract(), PPAP)
    [new] = said(fewer, more)
    assert new.startswith("milestones ppap: id ppap, due 2026-12-01")
    assert new.endswith("(new)")
    assert affected(fewer, more) == ()
    assert said(more, fewer)[0].endswith("(gone)")
    assert affected(more, fewer) == ("ppap",)


def test_people_and_roles_are_named_and_touch_no_milestone() -> None:
    """People are never frozen, so no ladder is asked about them."""
    before = contract()
    ana = person(PersonRef("p-ana"))
    after = before.model_copy(
        update={"roles": {**before.roles, "lead": ana.id}, "people": (*before.people, ana)}
    )
    words = said(before, after)
    assert "roles lead: p-jonas -> p-ana" in words
    assert any(word.startswith("people p-ana: ") for word in words)
    assert affected(before, after) == ()


def test_a_changed_ladder_affects_the_milestones_that_go_by_it() -> None:
    """A rung with another day changes what will be asked of whom."""
    longer = LAUNCH.rungs[1].model_copy(update={"action": Prose("demand a recovery plan")})
    changed = LAUNCH.model_copy(update={"rungs": (LAUNCH.rungs[0], longer, *LAUNCH.rungs[2:])})
    words = said(contract(), contract(changed))
    assert words == ["ladders launch rungs plan action: do plan -> demand a recovery plan"]
    assert affected(contract(), contract(changed)) == ("tooling",)


def test_another_calendar_affects_every_milestone() -> None:
    """Deadlines are counted from it."""
    before = with_milestones(contract(), PPAP)
    counting = before.counting.model_copy(update={"calendar": "DE-BY"})
    after = before.model_copy(update={"counting": counting})
    assert said(before, after) == ["counting calendar: DE-BW -> DE-BY"]
    assert affected(before, after) == ("tooling", "ppap")
