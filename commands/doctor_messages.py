"""What ``holdfast doctor`` says of messages: which are parked and why, which went another way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from channels.remedies import remedy
from commands.finding import Finding
from commands.preview import counted
from desk.office import Office

_SHOWN = 8


def message_findings(office: Office) -> Iterator[Finding]:
    """The messages that open ladders owe, by what keeps them from being sent."""
    ladders = office.standings.open_ladders()
    parked = sum(each.parked for each in ladders)
    owed = sum(each.owed for each in ladders)
    concerned: defaultdict[str, list[str]] = defaultdict(list)
    instead: Counter[str] = Counter()
    for each in ladders:
        instead.update(each.instead)
        for problem in each.problems:
            concerned[problem].append(f"{each.contract}/{each.stream}")
    yield Finding(f"messages: {owed} owed, of them {parked} parked")
    for problem, names in sorted(concerned.items()):
        yield Finding(f"messages: parked ({problem}): {_some(names)}", remedy(problem))
    if instead:
        why = ", ".join(f"{problem} {number}" for problem, number in sorted(instead.items()))
        words = counted(instead.total(), "message")
        yield Finding(f"messages: {words} went by e-mail, as Slack would not take them: {why}")


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
