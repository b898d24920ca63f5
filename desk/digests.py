"""Digests: which are due at an instant, and what each says; from the standings alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from functools import cached_property

from channels.digest_facts import Digest, DigestFacts, PortfolioFacts
from desk.compiling import View, compile_digest
from desk.office import Office
from desk.overlooking import Overlooking
from desk.portfolio import compile_portfolio
from desk.readers import Reader, readers
from ladders.calendar import Calendar
from ladders.errors import HoldfastError
from ladders.standings import ContractStanding


class UnknownReader(HoldfastError):
    """Nobody on any roster, or nobody who is there, has that address."""


class Digests:
    """Compiles digests. Each of the methods reads the standings anew."""

    def __init__(self, office: Office) -> None:
        """Read from this office."""
        self._office = office

    def due(self, now: datetime) -> list[Digest]:
        """The digests for whose readers it is the day and the hour, whether or not sent before."""
        morning = _Morning(self._office, now)
        return [digest for reader in morning.awake for digest in morning.digests(reader)]

    def of(
        self, address: str, now: datetime, *, weekly: bool
    ) -> DigestFacts | PortfolioFacts | None:
        """What the digest of somebody would say now, whatever the day; None if it were empty.

        Raises UnknownReader.
        """
        morning = _Morning(self._office, now)
        wanted = address.strip().casefold()
        found = (each for each in morning.readers if each.to.email.casefold() == wanted)
        reader = next(found, None)
        if reader is None:
            known = ", ".join(sorted(each.to.email for each in morning.readers)) or "nobody yet"
            what = f"nobody with the address {address} reads digests now"
            raise UnknownReader(what, f"whoever is away reads none; readers are: {known}")
        if weekly:
            return compile_portfolio(morning.view, reader)
        return compile_digest(morning.view, reader)[0]


class _Morning:
    """Everything that is read for the digests of one instant, and only if it is needed."""

    def __init__(self, office: Office, now: datetime) -> None:
        self._office = office
        self._now = now
        office.standings.catch_up()
        self._contracts: list[ContractStanding] = office.standings.contracts()
        self._calendars: dict[str, Calendar] = {}
        self.readers = readers(self._contracts, office.private, now)

    @property
    def awake(self) -> Iterator[Reader]:
        """The readers for whom it is the hour."""
        return (reader for reader in self.readers if reader.is_in_time)

    @cached_property
    def view(self) -> View:
        """The overview that they are told of."""
        zones = {each.contract: each.calendar.zone for each in self._contracts}
        return View.over(Overlooking(self._office, self._now), zones, self._now)

    def digests(self, reader: Reader) -> Iterator[Digest]:
        """Those of the reader's that are due on this day."""
        today = reader.local.date()
        told, about = compile_digest(self.view, reader)
        if told is not None and self._is_worked(about, today):
            yield Digest(f"digest/{today}/{reader.ref}", reader.to, told)
        if self._begins_week(reader.approves, today):
            portfolio = compile_portfolio(self.view, reader)
            year, week, _ = today.isocalendar()
            if portfolio is not None:
                yield Digest(f"portfolio/{year}-W{week:02}/{reader.ref}", reader.to, portfolio)

    def _begins_week(self, contracts: Iterable[str], day: date) -> bool:
        """Whether ``day`` is the first of its week that is worked under any of ``contracts``."""
        known = [*contracts]
        before = (day - timedelta(days=back) for back in range(1, day.isoweekday()))
        return self._is_worked(known, day) and not any(
            self._is_worked(known, earlier) for earlier in before
        )

    def _is_worked(self, contracts: Iterable[str], day: date) -> bool:
        calendars = (self._calendar(contract) for contract in contracts)
        return any(day >= each.first and each.is_business_day(day) for each in calendars)

    def _calendar(self, contract: str) -> Calendar:
        """The contract's calendar with its holidays, which its standing leaves out."""
        if contract not in self._calendars:
            self._calendars[contract] = self._office.casebook.watch(contract).calendar
        return self._calendars[contract]
