"""Finding circles."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from contracts.circles import circles


def test_every_separate_circle_is_found_from_its_first_member() -> None:
    """Chains that lead into a circle are no part of it; unknown names do not matter."""
    named = {"x": ["b"], "b": ["c"], "c": ["b", "nobody"], "d": ["d"], "e": []}
    assert sorted(circles(named)) == [["b", "c", "b"], ["d", "d"]]


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefg"))))
def test_what_is_found_is_a_circle_and_none_is_missed(named: dict[str, list[str]]) -> None:
    """Each step follows a name; without the members found nothing turns in a circle."""
    found = list(circles(named))
    for circle in found:
        assert circle[0] == circle[-1]
        assert all(b in named[a] for a, b in pairwise(circle))
    taken = {name for circle in found for name in circle}
    rest = {name: others for name, others in named.items() if name not in taken}
    assert list(circles(rest)) == []
