"""Foreign text made harmless."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from channels.inert import clip, lines, one_line

_JOINERS = "\u200c\u200d"


@given(st.text())
def test_one_line_holds_no_control_of_any_kind(text: str) -> None:
    """Whatever goes in, one visible line comes out, and again the same."""
    inert = one_line(text)
    assert len(inert.splitlines()) <= 1
    assert not {unicodedata.category(c) for c in inert if c not in _JOINERS} & {"Cc", "Cf", "Cs"}
    assert one_line(inert) == inert


def test_bidi_overrides_and_forged_lines_go_words_stay() -> None:
    """What reorders or breaks a line is dropped; letters, joiners and marks are kept."""
    assert one_line("Kitano\u202e\u2066 GmbH\r\n\u2028Paid:\tyes\x00") == "Kitano GmbH Paid: yes"
    assert one_line("\u0645\u06cc\u200c\u062e") == "\u0645\u06cc\u200c\u062e"
    assert lines("a\x07\nb\u2069") == "a\nb"


@given(st.text(), st.integers(min_value=10, max_value=40))
def test_clipping_is_exact_and_visible(text: str, length: int) -> None:
    """A text that fits is untouched; one that does not ends with a mark and fits."""
    clipped = clip(text, length)
    assert len(clipped) <= length
    assert clipped == text or clipped.endswith("[…]")
