"""The shipped ladders."""

from __future__ import annotations

from contracts.shipped import shipped
from ladders.ladder import faults


def test_the_launch_ladder_needs_three_people_and_ninety_days() -> None:
    """Its days, owners and deadlines are those a launch is escalated by."""
    launch = shipped()["launch"]
    assert [(rung.day, rung.owner, str(rung.due)) for rung in launch.rungs] == [
        (-10, "owner", "2 business days"),
        (0, "owner", "2 business days"),
        (14, "lead", "10 business days"),
        (35, "approver", "14 days"),
        (60, "lead", "20 days"),
        (85, "approver", "day 90"),
    ]
    assert launch.rungs[1].notice == "cure"
    assert launch.rungs[-1].requires == "cure period expired"
    assert all(rung.action.endswith(".") for rung in launch.rungs)


def test_every_shipped_ladder_can_be_walked() -> None:
    """None has a fault, and each is found under its own id."""
    for name, ladder in shipped().items():
        assert ladder.id == name
        assert list(faults(ladder)) == []
