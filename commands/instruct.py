"""Instructions to a contract as a whole: extend, waive, toll, resume, reassign, close."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from rich.console import Console

from commands.act import operator
from commands.introducing import introduced
from commands.preview import counted
from contracts.words import Unreadable, email
from desk.applying import NotAppliedYet
from desk.casebook import Casebook, UnknownCase, display_name
from desk.door import Desk, click_key
from desk.foresight import Foreseen, Outlook, foresee
from desk.members import Members
from ladders import entries as kinds
from ladders.contract import Person
from ladders.entries import ROOM
from ladders.errors import ActionRefused, HoldfastError
from ladders.instructions import Amend, Instruction, Reassign, Remark, Request
from ladders.prose import PersonRef, Prose
from ladders.watch import STREAM

Prospect = dict[str, Any]
"""What follows from an instruction, as a program reads it; ``entry`` is none until recorded."""


class NotConfirmed(HoldfastError):
    """Nobody confirmed what was about to be recorded."""


class RefusedEverywhere(HoldfastError):
    """What several contracts have against an instruction, or why it waits there, all at once."""


class NotAnAddress(HoldfastError):
    """Somebody named by what is no e-mail address."""


class Successor(NamedTuple):
    """Whoever takes over, as typed."""

    email: str
    name: str | None = None
    slack: str | None = None


@dataclass(frozen=True)
class Counter:
    """Where instructions are handed in: in the right of ``person``, an address.

    ``confirm`` asks whoever sits at the terminal whether to go on, once what would follow has
    been shown; nothing is recorded unless it agrees. ``members`` looks up in Slack whoever is new.
    Where it is to be read by a program, ``as_json``, one document says all at the end.
    """

    desk: Desk
    casebook: Casebook
    person: str
    clock: Callable[[], datetime]
    console: Console
    confirm: Callable[[], bool]
    members: Members | None = None
    as_json: bool = False

    def say(self, line: str) -> None:
        """Print a line that may hold anything, to a person."""
        if not self.as_json:
            self._print(line)

    def conclude(self, document: object) -> None:
        """Print what was done, to a program."""
        if self.as_json:
            self._print(json.dumps(document, indent=2, ensure_ascii=False))

    def _print(self, text: str) -> None:
        self.console.print(text, soft_wrap=True, highlight=False, markup=False)


async def instruct(counter: Counter, contract: str, request: Request) -> int:
    """Show what would follow from ``request``, and carry it out once that is confirmed.

    Raises HoldfastError where it is refused, by a rule or by whoever was asked to confirm.
    """
    prospect = _show(counter, contract, prepare(counter, contract, request))
    _require_confirmed(counter, prospect)
    if isinstance(request, Amend):
        terms = request.terms
        prospect["slack"] = await _introduce(counter, terms.people, terms.slack_channel)
    try:
        # It counts from the moment at which it was agreed to, not from when it was thought of.
        await _carry_out(counter, prospect, prepare(counter, contract, request))
    finally:
        counter.conclude(prospect)
    return 0


def _show(counter: Counter, contract: str, instruction: Instruction) -> Prospect:
    """Say what would be recorded and what would follow from it. Raises ActionRefused."""
    foreseen = foresee(counter.casebook, contract, instruction, counter.clock())
    prospect = _prospect(counter.casebook, contract, instruction, foreseen)
    if not isinstance(instruction.request, Remark):
        for line in _lines(counter, prospect):
            counter.say(line)
    return prospect


def _require_confirmed(counter: Counter, prospect: object) -> None:
    if not counter.confirm():
        counter.conclude(prospect)
        raise NotConfirmed("nothing was recorded", "say it again with --yes once you are sure")


async def _carry_out(counter: Counter, prospect: Prospect, instruction: Instruction) -> None:
    contract = prospect["contract"]
    answer = await counter.desk.administer(contract, instruction)
    recorded = answer.entry or counter.casebook.ledger.find(contract, instruction.key)
    prospect["entry"] = number = None if recorded is None else recorded.seq
    counter.say(f"{instruction.request.name}: recorded as entry {number} of {contract}")


def prepare(counter: Counter, contract: str, request: Request) -> Instruction:
    """The instruction that is typed now. Raises UnknownCase."""
    person = counter.casebook.person(contract, counter.person)
    by = operator(counter.casebook.private, on_behalf_of=person)
    now = counter.clock()
    return Instruction(
        key=click_key(contract, STREAM, request.name, by, now),
        by=by,
        received_at=now,
        request=request,
    )


def _prospect(
    casebook: Casebook, contract: str, instruction: Instruction, foreseen: Foreseen
) -> Prospect:
    """What would be recorded, what becomes of every open ladder, and which begins next."""
    people = {person.id: person for person in casebook.terms(contract).people}
    words = foreseen.fact and foreseen.fact.body.sentence(
        lambda ref: display_name(people.get(PersonRef(ref)), ref)
    )
    return {
        "contract": contract,
        "instruction": instruction.request.name,
        "words": words,
        "ladders": [
            {
                "ladder": f"{contract}/{ladder.state.stream}",
                "phase": ladder.state.phase,
                "becomes": _becomes(ladder),
            }
            for ladder in foreseen.ladders
        ],
        "next": foreseen.next
        and {"milestone": foreseen.next.milestone, "at": foreseen.next.at.isoformat()},
        "entry": None,
    }


def _lines(counter: Counter, prospect: Prospect) -> Iterator[str]:
    contract, following = prospect["contract"], prospect["next"]
    if prospect["words"] is not None:
        yield f"{contract}: would be recorded: {prospect['words']}"
    for each in prospect["ladders"]:
        yield f"  {each['ladder']} ({each['phase']}): {each['becomes']}"
    if following is not None:
        at = datetime.fromisoformat(following["at"])
        day = counter.casebook.watch(contract).calendar.local(at)
        when = f"on {day:%F} at {day:%R}" if at > counter.clock() else "at once"
        yield f"  Next ladder to begin: {following['milestone']}, {when}"


def _becomes(ladder: Outlook) -> str:
    for entry in ladder.entries:
        match entry.body:
            case kinds.LadderWithdrawn():
                return "is withdrawn, without admission"
            case kinds.LadderWaived():
                return "is closed, its right waived"
            case kinds.TermsFollowed() as followed:
                told = len({message.to for message in followed.tell} - {ROOM})
                return f"follows: {followed.effect}; people told: {told}"
            case _:
                continue
    return "goes on as it is"


async def reassign(
    counter: Counter,
    contracts: list[str],
    leaver: str,
    successor: Successor,
    roles: tuple[str, ...],
) -> int:
    """Put ``successor`` in the place of ``leaver``, in these contracts or wherever one stands.

    Refused as a whole, with what every contract has against it, before anything is recorded.
    """
    try:
        email(successor.email)
    except Unreadable as fault:
        raise NotAnAddress(fault.what, fault.remedy) from None
    found = contracts or standing_in(counter.casebook, leaver)
    requests = {ref: _handover(counter.casebook, ref, leaver, successor, roles) for ref in found}
    prospects, faults = _shown(counter, requests)
    if faults:
        raise RefusedEverywhere("\n".join(faults), "nothing was recorded anywhere")
    counter.say(f"{leaver} hands over to {successor.email} in {counted(len(found), 'contract')}")
    _require_confirmed(counter, {"contracts": prospects})
    slack = await _introduce(counter, [request.successor for request in requests.values()])
    try:
        await _hand_over(counter, prospects, requests)
    finally:
        counter.conclude({"contracts": prospects, "slack": slack})
    return 0


async def _hand_over(
    counter: Counter, prospects: list[Prospect], requests: dict[str, Reassign]
) -> None:
    """Carry out all of them: what waits or is refused in one contract keeps no other waiting."""
    faults: list[str] = []
    for prospect, (contract, request) in zip(prospects, requests.items(), strict=True):
        try:
            await _carry_out(counter, prospect, prepare(counter, contract, request))
        except (NotAppliedYet, ActionRefused) as fault:
            prospect["waits"] = isinstance(fault, NotAppliedYet)
            faults.append(f"{contract}: {fault.what}; {fault.remedy}")
    if faults:
        done = len(prospects) - len(faults)
        raise RefusedEverywhere("\n".join(faults), f"recorded in {counted(done, 'contract')}")


async def _introduce(
    counter: Counter, people: Iterable[Person], channel: str | None = None
) -> list[str]:
    """Look these people up in Slack, if there is one, before the first message to them goes out.

    Returns what was found, in words; also of the ``channel``, if there is one.
    """
    introduction = await introduced(counter.members, people, [channel])
    found = [] if introduction is None else list(introduction.lines())
    for line in found:
        counter.say(line)
    return found


def standing_in(casebook: Casebook, address: str) -> list[str]:
    """The contracts on whose roster an address stands. Raises UnknownCase if there is none."""
    found = [
        contract
        for contract in casebook.ledger.contracts()
        if any(str(p.email).lower() == address.lower() for p in casebook.terms(contract).people)
        and not casebook.watch(contract).is_over
    ]
    if not found:
        raise UnknownCase(f"{address} stands in no contract under watch", "check the address")
    return found


def _handover(
    casebook: Casebook, contract: str, leaver: str, successor: Successor, roles: tuple[str, ...]
) -> Reassign:
    address = successor.email.lower()
    people = {str(p.email).lower(): p for p in casebook.as_written(contract).people}
    known = people.get(address)
    if known is None:
        # Whoever stood in for the leaver stands in for somebody of whom nothing else is said.
        left = people.get(leaver.strip().lower())
        deputies = () if left is None else tuple(ref for ref in left.deputies if ref != address)
        known = Person(id=PersonRef(address), email=Prose(address), deputies=deputies)
    said = {"name": successor.name, "slack": successor.slack}
    texts = {field: Prose(text) for field, text in said.items() if text is not None}
    return Reassign(
        leaver=PersonRef(leaver.strip().lower()),
        successor=known.model_copy(update=texts),
        roles=roles,
    )


def _shown(counter: Counter, requests: dict[str, Reassign]) -> tuple[list[Prospect], list[str]]:
    """What would follow in each contract, and what any of them has against it."""
    prospects, faults = list[Prospect](), list[str]()
    for contract, request in requests.items():
        try:
            prospects.append(_show(counter, contract, prepare(counter, contract, request)))
        except (ActionRefused, UnknownCase) as refusal:
            faults.append(f"{contract}: {refusal}")
    return prospects, faults
