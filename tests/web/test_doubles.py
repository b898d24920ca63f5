"""Doubles: what Slack's own time of two presses says of them, whatever form it has."""

from __future__ import annotations

import pytest

from web.doubles import Doubles
from web.payloads import Press, Pressed


def press(*times: str) -> Press:
    """One button, pressed at these times."""
    actions = tuple(Pressed(action_id="holdfast.acknowledge", action_ts=each) for each in times)
    return Press.model_validate({"type": "block_actions", "user": {"id": "U1"}, "actions": actions})


def test_two_presses_in_a_moment_are_one_click() -> None:
    """Less than three seconds apart; three are not."""
    doubles, pressed = Doubles(), press("1700000000.5", "1700000003.4", "1700000003.5")
    first, soon, later = (doubles.key(pressed, each) for each in pressed.actions)
    assert first == soon != later


@pytest.mark.parametrize("time", ["NaN", "sNaN", "Infinity", "-1", "9e999999", "noon"])
def test_a_press_whose_time_is_no_time_is_a_click_of_its_own(time: str) -> None:
    """It cannot be compared with any other; the same payload again is the same click."""
    doubles, pressed = Doubles(), press("1700000000", time, time, "1700000001")
    first, odd, again, soon = (doubles.key(pressed, each) for each in pressed.actions)
    assert odd == again == pressed.key(pressed.actions[1])
    assert first == soon != odd
