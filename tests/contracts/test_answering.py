"""What somebody said of past dates, in the file: that and nothing else changes."""

from __future__ import annotations

import difflib

import pytest

from contracts.answering import answered

COMMENTED = """\
# ours
contract: X-1       # the number
title: "Seals: all"
milestones:
  - id: tooling
    due: 2026-01-01    # agreed in May
    clause: "6.1"

  - id: ppap
    due: 2026-02-01
law: 'DE'
"""
FLUSH = "milestones:\n- id: tooling\n  due: 2026-01-01\n- due: 2026-02-01\n  id: ppap\n"
FLOW = "milestones: [{id: tooling, due: 2026-01-01}, {id: ppap, due: 2026-02-01}]\n"


@pytest.mark.parametrize(
    ("text", "added"),
    [
        (COMMENTED, ["+    past_due: open\n", "+    past_due: delivered\n"]),
        (FLUSH, ["+  past_due: open\n", "+  past_due: delivered\n"]),
    ],
)
def test_a_line_is_added_for_each_answer(text: str, added: list[str]) -> None:
    """Comments, quotes, blank lines, order and indentation stay."""
    after = answered(text, {"tooling": "open", "ppap": "delivered"})
    changes = [*difflib.unified_diff(text.splitlines(True), after.splitlines(True), n=0)]  # noqa: FBT003
    assert [line for line in changes[2:] if not line.startswith("@@")] == added


def test_a_milestone_on_one_line_stays_there() -> None:
    """The answer follows the date; of what nobody said anything, nothing is written."""
    expected = FLOW.replace("due: 2026-02-01", "due: 2026-02-01, past_due: open")
    assert answered(FLOW, {"ppap": "open"}) == expected


def test_line_ends_stay_what_they_were() -> None:
    """A file from Windows shows one added line, not a change of every line."""
    windows = FLUSH.replace("\n", "\r\n")
    expected = windows.replace("2026-02-01\r\n", "2026-02-01\r\n  past_due: open\r\n")
    assert answered(windows, {"ppap": "open"}) == expected
