"""Names for the people and suppliers of many contracts, opened at one go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from ladders.contract import Person
from ladders.prose import Prose
from ladders.standings import ContractStanding, LadderStanding
from ladders.turn import NOBODY
from ledger.identities import shown
from ledger.private import ERASED, PrivateRows


class Roster:
    """Who is who. People are opened as far as it is, or may become, their turn."""

    def __init__(
        self,
        private: PrivateRows,
        contracts: Mapping[str, ContractStanding],
        ladders: Iterable[LadderStanding],
    ) -> None:
        """Open the names, addresses and suppliers that ``contracts`` and ``ladders`` mention."""
        self._private = private
        self._suppliers = {ref: contract.supplier for ref, contract in contracts.items()}
        self._people: dict[tuple[str, str | None], Person] = {
            (ref, person.id): person
            for ref, contract in contracts.items()
            for person in contract.people
        }
        sealed = {*self._suppliers.values(), *self._texts(contracts, ladders)}
        self._opened = dict(zip(sealed, private.open(tuple(sealed)), strict=True))

    def supplier(self, contract: str) -> str:
        """The supplier of a contract."""
        return self._open(self._suppliers[contract])

    def name(self, contract: str, ref: str | None) -> str:
        """How somebody is shown: by name, else by address, else by pseudonym; ``-`` is nobody."""
        if ref is None:
            return NOBODY
        person = self._people.get((contract, ref))
        texts = [] if person is None else [person.name, person.email]
        shown = (self._open(text) for text in texts if text is not None)
        return next((text for text in shown if text != ERASED), None) or self._elsewhere(ref)

    def address(self, contract: str, ref: str | None) -> str | None:
        """Somebody's e-mail address, as far as it is not erased."""
        person = self._people.get((contract, ref))
        found = ERASED if person is None else self._open(person.email)
        return None if found == ERASED else found

    def everyone(self) -> set[tuple[str, str]]:
        """Name and address of all people of all contracts."""
        texts = {text for person in self._people.values() for text in _texts_of(person)}
        missing = tuple(texts - self._opened.keys())
        self._opened |= zip(missing, self._private.open(missing), strict=True)
        return {(self.name(*key), self.address(*key) or "") for key in self._people}

    def stand_ins(self, contract: str, ref: str | None, day: date) -> tuple[str, ...]:
        """Who stands in for somebody who is away on that local day."""
        person = self._people.get((contract, ref))
        if person is None or not person.is_away(day):
            return ()
        return tuple(self.name(contract, deputy) for deputy in person.deputies)

    def _elsewhere(self, ref: str) -> str:
        return shown(self._private.identity_of(ref) or f"person {ref} (erased)")

    def _open(self, text: Prose) -> str:
        if text not in self._opened:
            self._opened[text] = self._private.open(text)
        # What people typed must not break the lines it is shown in.
        return " ".join(self._opened[text].split())

    def _texts(
        self, contracts: Mapping[str, ContractStanding], ladders: Iterable[LadderStanding]
    ) -> Iterator[Prose]:
        for person in self._mentioned(contracts, ladders):
            yield from _texts_of(person)

    def _mentioned(
        self, contracts: Mapping[str, ContractStanding], ladders: Iterable[LadderStanding]
    ) -> Iterator[Person]:
        refs = {
            *((each.contract, each.person) for each in ladders),
            *((each.contract, coming.person) for each in ladders for coming in each.coming),
            *((each.contract, ask.person) for each in ladders for ask in each.asks),
            *((ref, each.owner) for ref, c in contracts.items() for each in c.milestones),
        }
        for contract, ref in refs:
            person = self._people.get((contract, ref))
            if person is not None:
                yield person


def _texts_of(person: Person) -> Iterator[Prose]:
    yield person.email
    if person.name is not None:
        yield person.name
