"""Who reads digests: everybody on the rosters, with the hour it is where they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from channels.message import Address
from ladders.contract import Person
from ladders.presence import present
from ladders.prose import PersonRef
from ladders.standings import ContractStanding
from ledger.private import ERASED, PrivateRows

FIRST, LAST = time(8, 30), time(11)
"""The local hours within which a digest is sent; after them that of the day is left out."""


@dataclass(frozen=True)
class Reader:
    """Somebody who may get a digest. ``local`` is what the clock shows where they are, naive.

    ``serves`` names by contract the addresses, in lower case, for whom they answer: their own and
    those of the absent; ``approves`` the contracts of whose authority they are.
    """

    ref: PersonRef
    to: Address
    local: datetime
    serves: dict[str, set[str]] = field(default_factory=dict)
    approves: set[str] = field(default_factory=set)

    @property
    def is_in_time(self) -> bool:
        """Whether it is the time of day for a digest."""
        return FIRST <= self.local.time() < LAST

    def answers_for(self, contract: str, address: str | None) -> bool:
        """Whether what is asked of ``address`` under ``contract`` is theirs to answer."""
        return address is not None and address.casefold() in self.serves.get(contract, ())


def readers(
    contracts: Iterable[ContractStanding],
    private: PrivateRows,
    now: datetime,
) -> list[Reader]:
    """Everybody who stands in for themselves or for somebody on a contract, by pseudonym.

    The zone is the one they have set in Slack, else that of the first of their contracts. Whoever
    is away on the contract's local day is none of its readers; nor is one whose address is erased.
    """
    standings = list(contracts)
    people = private.open(tuple(standing.people for standing in standings))
    found: dict[PersonRef, Reader] = {}
    for standing, roster in zip(standings, people, strict=True):
        known = {person.id: person for person in roster if person.email != ERASED}
        for ref, served in _served(standing, roster, now):
            if ref not in known:
                continue
            reader = found.setdefault(ref, _reader(known[ref], standing, private, now))
            addresses = (known[each].email.casefold() for each in served if each in known)
            reader.serves.setdefault(standing.contract, set()).update(addresses)
            if served & {*standing.approvers}:
                reader.approves.add(standing.contract)
    return sorted(found.values(), key=lambda reader: reader.ref)


def _served(
    standing: ContractStanding, roster: tuple[Person, ...], now: datetime
) -> Iterator[tuple[PersonRef, AbstractSet[PersonRef]]]:
    today = standing.calendar.local(now).date()
    served: dict[PersonRef, set[PersonRef]] = {}
    for person in roster:
        for ref in present(roster, person.id, today):
            served.setdefault(ref, set()).add(person.id)
    return iter(served.items())


def _reader(
    person: Person, standing: ContractStanding, private: PrivateRows, now: datetime
) -> Reader:
    known = private.slack_of(person.id)
    zone = _zone(known and known[2])
    local = standing.calendar.local(now) if zone is None else now.astimezone(zone)
    name, slack = (None if text == ERASED else text for text in (person.name, person.slack))
    to = Address(email=person.email, name=name, slack=known[1] if known else slack)
    return Reader(ref=person.id, to=to, local=local.replace(tzinfo=None))


def _zone(name: str | None) -> ZoneInfo | None:
    """The zone of that name; None where there is none, or where this machine does not know it."""
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
