"""Reading: what the ledger says of contracts and ladders, folded into their states."""

from __future__ import annotations

from collections.abc import Iterator

from desk.settled import named
from ladders.contract import Contract, Document, Person
from ladders.entries import ContractAmended, ContractRegistered, Names
from ladders.errors import ActionRefused, HoldfastError
from ladders.folding import fold
from ladders.prose import PersonRef, replace_leaves
from ladders.state import LadderState
from ladders.watch import STREAM, fold_watch
from ladders.watched import ContractState
from ledger.book import Ledger
from ledger.identities import shown
from ledger.private import PrivateRows


class UnknownCase(HoldfastError):
    """A contract or ladder of which the ledger holds nothing."""


class Casebook:
    """States as the ledger has them, and the texts behind their commitments."""

    def __init__(self, ledger: Ledger, private: PrivateRows) -> None:
        """Read from this ledger and these rows."""
        self.ledger = ledger
        self.private = private

    def watch(self, contract: str) -> ContractState:
        """Where the contract stands. Raises UnknownCase if it is not registered."""
        state = fold_watch(line.entry for line in self.ledger.lines(contract, STREAM))
        if state is None:
            known = ", ".join(self.ledger.contracts()) or "none yet"
            raise UnknownCase(
                f"contract {contract!r} is not registered", f"registered contracts: {known}"
            )
        return state

    def source(self, contract: str) -> Document | None:
        """The file that holds the terms in force, its name sealed; None if none was registered."""
        source = None
        for line in self.ledger.lines(contract, STREAM):
            if isinstance(line.entry.body, ContractRegistered | ContractAmended):
                source = line.entry.body.source
        return source

    def ladder(self, contract: str, stream: str) -> LadderState:
        """Where a ladder stands, such as ``tooling/1``. Raises UnknownCase if there is none."""
        state = fold(line.entry for line in self.ledger.lines(contract, stream))
        if state is None:
            known = ", ".join(self.streams(contract)) or "none yet"
            raise UnknownCase(
                f"contract {contract} has no ladder {stream!r}", f"its ladders: {known}"
            )
        return state

    def streams(self, contract: str) -> list[str]:
        """The ladders that have begun under the contract, in the order of its milestones."""
        return [
            f"{milestone}/{number}"
            for milestone, watched in self.watch(contract).milestones.items()
            for number in range(1, watched.number + 1)
        ]

    def ladders(self, contract: str) -> Iterator[LadderState]:
        """Every ladder of the contract whose first entry is recorded."""
        for stream in self.streams(contract):
            state = fold(line.entry for line in self.ledger.lines(contract, stream))
            if state is not None:
                yield state

    def terms(self, contract: str) -> Contract:
        """The registered contract with its texts opened; erased ones read ``[erased]``."""
        return self.private.open(self.watch(contract).contract)

    def as_written(self, contract: str) -> Contract:
        """The opened terms with addresses where pseudonyms stand, as a contract file has them."""
        terms = self.terms(contract)
        addresses = {person.id: str(person.email) for person in terms.people}
        return replace_leaves(terms, PersonRef, lambda ref: addresses.get(PersonRef(ref), ref))

    def named(self, contract: str, refusal: ActionRefused) -> ActionRefused:
        """The refusal for a person's eyes; what is stored and sent names pseudonyms only."""
        name = self.names(contract)
        what, remedy = (named(text, name) for text in (refusal.what, refusal.remedy))
        return ActionRefused(what, remedy)

    def names(self, contract: str) -> Names:
        """How people are shown under the contract; who has left the roster, by address."""
        people = {person.id: person for person in self.terms(contract).people}

        def name(ref: str) -> str:
            person = people.get(PersonRef(ref))
            elsewhere = self.private.identity_of(PersonRef(ref)) if person is None else None
            return display_name(person, shown(elsewhere or ref))

        return name

    def person(self, contract: str, email: str) -> PersonRef:
        """The pseudonym of somebody on the contract's roster, by e-mail address."""
        people = self.terms(contract).people
        for person in people:
            if person.email.lower() == email.lower():
                return person.id
        raise UnknownCase(
            f"nobody with the address {email} stands on the roster of {contract}",
            f"name one of: {', '.join(person.email for person in people)}",
        )


def display_name(person: Person | None, ref: str) -> str:
    """How a person is shown: by name, by address, or by pseudonym."""
    return ref if person is None else str(person.name or person.email)
