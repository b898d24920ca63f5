"""What tests of digests share: ledgers in which every day is worked, and rounds through them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from activities.newsagent import DigestNewsagent
from desk.digests import Digests
from desk.office import Office
from ladders.calendar import Calendar
from ladders.contract import Contract
from ladders.entries import ContractRegistered
from ladders.prose import Prose
from ladders.watch import begin_watch, start_ladder
from ledger.postings import Postings
from tests.ledger.chronicle import CONTRACT, registration
from tests.stage import Mailbox
from tests.world import CALENDAR, CARLA, JONAS, MIRA, Case, contract

NAMES = {MIRA: "Mira Roth", JONAS: "Jonas Weber", CARLA: "Carla Brandt"}
EVERY_DAY = CALENDAR.model_copy(update={"weekend": (), "holidays": ()})
"""A calendar on which no day is free."""


def named(terms: Contract | None = None) -> Contract:
    """The contract of the world, its people with names."""
    terms = terms or contract()
    people = (p.model_copy(update={"name": _name(p.id)}) for p in terms.people)
    return terms.model_copy(update={"people": tuple(people)})


def _name(ref: str) -> Prose | None:
    name = {str(known): name for known, name in NAMES.items()}.get(ref)
    return None if name is None else Prose(name)


def write(
    office: Office, case: Case, terms: Contract | None = None, calendar: Calendar = CALENDAR
) -> Office:
    """Write the entries of ``case`` into an empty ledger, under ``terms`` and a ``calendar``."""
    entry = registration(terms or named())
    assert isinstance(entry.body, ContractRegistered)
    body = entry.body.model_copy(update={"calendar": calendar})
    office.ledger.append(
        office.private.seal(CONTRACT, entry.model_copy(update={"body": body}))
    )  # fmt: skip
    (first,) = office.ledger.lines(CONTRACT, "contract")
    started = start_ladder(begin_watch(first.entry), "tooling", case.entries[0].occurred_at)
    for each in (started, *case.entries):
        office.ledger.append(office.private.seal(CONTRACT, each))
    return office


def newsagent(office: Office, mailbox: Mailbox, fallback: Mailbox | None = None) -> DigestNewsagent:
    """The newsagent of an office, who posts into a mailbox."""
    postings = Postings(office.ledger.engine, office.clock)
    return DigestNewsagent(Digests(office), postings, mailbox, fallback)


def asked(at: datetime) -> Case:
    """A missed milestone whose first rung waits for its owner; its due date is that of ``at``."""
    begins = (at - timedelta(days=10)).astimezone(UTC)
    case = Case(at=begins, due=at.date())
    case.move(at)
    case.act("confirm")
    case.pass_days(1.2)
    return case
