"""Finding the people of contracts in Slack as they are registered, and saying who was not found."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from channels.message import ChannelError
from commands.preview import counted
from desk.members import Members, Sighting
from ladders.contract import Person


class Introduction(NamedTuple):
    """Who was looked for in Slack; ``away`` is why nobody could be, Slack's own code for it.

    ``channels`` are the contracts' channels in which nothing can be posted, why, and what mends it.
    """

    sightings: tuple[Sighting, ...] = ()
    away: str | None = None
    channels: tuple[tuple[str, str, str], ...] = ()

    def lines(self) -> Iterator[str]:
        """One line for each who was not found, and what follows; or that all were."""
        if self.away is not None:
            yield (
                f"Slack did not say who is who ({self.away}). That stops nothing else; "
                "holdfast doctor looks people up later."
            )
        lacking = [each for each in self.sightings if each.trouble]
        for each in lacking:
            yield f"{_named(each)}: {each.trouble}; {each.remedy}."
        found = len(self.sightings) - len(lacking)
        if found:
            yield f"Known to Slack: {counted(found, 'member')}."
        for channel, trouble, mends in self.channels:
            yield f"Channel {channel} {trouble}, so what is said there waits; {mends}."

    def as_data(self) -> dict[str, Any]:
        """The same for programs."""
        people = [_as_data(each) for each in self.sightings]
        channels = [
            {"channel": channel, "trouble": trouble, "remedy": mends}
            for channel, trouble, mends in self.channels
        ]
        return {"slack_problem": self.away, "people": people, "channels": channels}


async def introduced(
    members: Members | None, people: Iterable[Person], channels: Iterable[str | None] = ()
) -> Introduction | None:
    """Look these people up in Slack, and whether these channels can be posted in.

    None where there is no Slack. Never fails what is done.
    """
    if members is None:
        return None
    named = dict.fromkeys(str(channel) for channel in channels if channel is not None)

    def look_up() -> Introduction:
        sightings = members.introduce(tuple(people))
        troubles = (
            (channel, *trouble) for channel in named for trouble in members.troubles_of(channel)
        )
        return Introduction(tuple(sightings), channels=tuple(troubles))

    try:
        return await asyncio.to_thread(look_up)
    except ChannelError as error:
        return Introduction(away=error.code)


def _named(each: Sighting) -> str:
    return each.person if each.person == each.address else f"{each.person} ({each.address})"


def _as_data(each: Sighting) -> dict[str, Any]:
    return {
        "person": each.person,
        "address": each.address,
        "slack": None if each.member is None else each.member.model_dump(include={"team", "id"}),
        "trouble": each.trouble or None,
        "remedy": each.remedy or None,
    }
