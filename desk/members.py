"""Who is who in Slack: looks people up in its directory, and remembers whom it found.

Everything here blocks, and raises ChannelError where Slack does not answer or refuses the token.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import NamedTuple, TypeVar

from channels.message import NotSent
from channels.remedies import remedy
from channels.slack_directory import Member, Room, SlackDirectory, Team, Unfit
from desk.casebook import display_name
from ladders.contract import Person
from ladders.prose import PersonRef
from ledger.private import PrivateRows

T = TypeVar("T")

_LONGEST_PAUSE = timedelta(seconds=60)
_TRIES = 3


class Sighting(NamedTuple):
    """What Slack's directory says of somebody.

    If that is not enough to send them a message, ``trouble`` says why and ``remedy`` what to do.
    """

    person: str
    address: str
    member: Member | None = None
    trouble: str = ""
    remedy: str = ""


def room_troubles(room: Room | None) -> list[tuple[str, str]]:
    """Everything that stands against posting in a channel, in words, each with its remedy."""
    if room is None:
        return [("is not there, or is private", remedy("channel_not_found"))]
    found = [
        (room.is_archived, "is archived", remedy("is_archived")),
        (
            room.is_shared_with_outsiders,
            "is shared with people of other companies",
            remedy("channel_shared_with_outsiders"),
        ),
        (not room.is_member, "is there without the bot", f"/invite @Holdfast in #{room.name}"),
    ]
    return [(words, mends) for is_so, words, mends in found if is_so]


class Members:
    """Finds people in Slack's directory: by the member id of the contract file, else by address."""

    def __init__(
        self,
        directory: SlackDirectory,
        private: PrivateRows,
        *,
        by_mail: bool,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """Ask there and remember here; ``by_mail`` tells whether e-mail takes over from Slack.

        ``pause`` waits for some seconds where Slack asks for that.
        """
        self._directory = directory
        self._private = private
        self._pause = pause
        self._follows = (
            "messages to them go by e-mail" if by_mail else "messages to them reach nobody"
        )

    def introduce(self, people: Iterable[Person], *, anew: bool = False) -> list[Sighting]:
        """Look up whoever is not remembered yet, or with ``anew`` everybody; remember who is found.

        People are told apart by their addresses; whoever stands there twice is looked up once.
        """
        distinct = {str(person.email).strip().lower(): person for person in people}
        if not distinct:
            return []
        team = self._ask(self._directory.team)
        seen: dict[str, str] = {}
        sightings = []
        for address, person in distinct.items():
            ref = self._private.identify(address)
            sighting = self._sighted(team, ref, person, address, anew=anew)
            if sighting.member is not None and sighting.member.id in seen:
                sighting = _twice(sighting, seen[sighting.member.id])
            if sighting.member is not None:
                seen[sighting.member.id] = address
                self._remember(ref, sighting.member)
            sightings.append(sighting)
        return sightings

    def troubles_of(self, channel: str) -> list[tuple[str, str]]:
        """Everything that stands against posting in ``channel``, each with its remedy."""
        return room_troubles(self._ask(lambda: self._directory.room(channel)))

    def _sighted(
        self, team: Team, ref: PersonRef, person: Person, address: str, *, anew: bool
    ) -> Sighting:
        name = display_name(person, ref)
        try:
            member = self._found(team, ref, person, address, anew=anew)
        except Unfit as unfit:
            return Sighting(name, address, None, unfit.what, f"{self._follows}; {unfit.remedy}")
        if member is None:
            return Sighting(name, address, None, *self._unknown(person))
        if member.team != team.id:
            trouble = f"{member.name} ({member.id}) belongs to another workspace than {team.name}"
            remedy = f"{self._follows}; name a member of {team.name}"
            return Sighting(name, address, None, trouble, remedy)
        return Sighting(name, address, member)

    def _found(
        self, team: Team, ref: PersonRef, person: Person, address: str, *, anew: bool
    ) -> Member | None:
        known = self._private.slack_of(ref)
        here = known[1] if known is not None and known[0] == team.id else None
        if known and here and not anew and person.slack in {None, here}:
            return Member(team=team.id, id=here, name=address, zone=known[2])
        if person.slack is not None:
            given = str(person.slack)
            return self._ask(lambda: self._directory.info(given))
        still = None if here is None else self._still(here)
        return still or self._ask(lambda: self._directory.member(address))

    def _still(self, member: str) -> Member | None:
        """Whoever was remembered, if that is still a member who can be asked."""
        try:
            return self._ask(lambda: self._directory.info(member))
        except Unfit:
            return None

    def _unknown(self, person: Person) -> tuple[str, str]:
        if person.slack is not None:
            trouble = f"Slack knows no member {person.slack}"
            return trouble, f"{self._follows}; correct 'slack' of that person in the house file"
        remedy = (
            f"{self._follows}; correct the address in the house file, or give the member id there "
            "with 'slack', and amend the contract"
        )
        return "nobody in Slack has this address", remedy

    def _remember(self, ref: PersonRef, member: Member) -> None:
        if self._private.slack_of(ref) != (member.team, member.id, member.zone):
            self._private.remember_slack(member.team, member.id, ref, member.zone)

    def _ask(self, call: Callable[[], T]) -> T:
        """Ask, and where Slack says how long to wait, wait and ask again. Raises ChannelError."""
        for _ in range(_TRIES - 1):
            try:
                return call()
            except NotSent as refusal:
                if refusal.retry_after is None or refusal.retry_after > _LONGEST_PAUSE:
                    raise
                self._pause(refusal.retry_after.total_seconds())
        return call()


def _twice(sighting: Sighting, other: str) -> Sighting:
    """A member found for a second address: clicks could count for one of the two only."""
    trouble = f"is in Slack the same member as {other}"
    remedy = "give each person one address in all contracts: holdfast reassign changes it"
    return sighting._replace(member=None, trouble=trouble, remedy=remedy)
