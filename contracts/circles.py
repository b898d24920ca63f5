"""Finding circles among things that name each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter


def circles(named: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Circles without a common member, each from its first-listed member back to it.

    ``named`` says which others each thing names; those that are no keys themselves do not matter.
    """
    left = {name: [other for other in others if other in named] for name, others in named.items()}
    while True:
        try:
            TopologicalSorter(left).prepare()
        except CycleError as error:
            members: list[str] = error.args[1][:0:-1]  # a predecessor comes first; the end repeats
            start = min(members, key=list(named).index)
            turn = members.index(start)
            yield [*members[turn:], *members[:turn], start]
            left = {
                name: [other for other in others if other not in members]
                for name, others in left.items()
                if name not in members
            }
        else:
            return
