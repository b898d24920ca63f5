"""Outcomes: what became of a request in the inbox, in the words that its sender is told."""

from __future__ import annotations

import asyncio

from channels.message import Handle
from channels.moments import Moment
from desk.applying import NotAppliedYet
from desk.clickers import remembered
from desk.door import Desk
from desk.office import Office
from desk.recalling import Recalled, holders, recall, recorded_as
from desk.settled import Settled
from ladders.entries import Doer
from ladders.errors import ActionRefused
from ledger.inbox import InboxRow
from web.saying import Said, done_before, pending, recorded, refused, stranger
from web.telling import LateNews, recalled_of


class Outcomes:
    """Waits for what becomes of requests, as long as its desk has patience."""

    def __init__(self, desk: Desk, office: Office, late: LateNews) -> None:
        """``late`` tells people of what is refused after they were answered."""
        self._desk = desk
        self._office = office
        self._late = late

    async def of(self, row: InboxRow, by: Doer) -> Said:
        """What ``by``, who sent the request, is to be told of it."""
        self._late.awaited.add(row.key)
        try:
            await self._desk.applied(row)
        except ActionRefused as against:
            return await asyncio.to_thread(self._refused, row, by, against)
        except NotAppliedYet:
            self._late.awaited.discard(row.key)
            return await asyncio.to_thread(self._not_yet, row, by)
        finally:
            self._late.awaited.discard(row.key)
        return await asyncio.to_thread(self._recorded, row)

    async def against(self, handle: Handle, by: Doer, refusal: ActionRefused) -> Said:
        """What ``by`` is to be told who was refused before anything was asked of the ladder."""

        def said() -> Said:
            office = self._office
            recalled = recall(office.casebook, handle.contract, handle.stream, office.clock())
            return self._say_refused(handle.contract, recalled, by, refusal)

        return await asyncio.to_thread(said)

    def _recorded(self, row: InboxRow) -> Said:
        found = recorded_as(self._office.casebook, row.contract, row.key)
        if found is None:
            return done_before()
        return recorded(row.contract, *found, recalled_of(self._office, row))

    def _not_yet(self, row: InboxRow, by: Doer) -> Said:
        # Somebody else may have sent it on in the meantime; then nobody else tells the sender.
        row = self._office.inbox.find(row.key) or row
        if row.answer is None:
            calendar = self._office.casebook.watch(row.contract).calendar
            return pending(Moment.on(calendar, row.received_at))
        settled = Settled.model_validate_json(row.answer)
        if settled.refused is None:
            return self._recorded(row)
        what, _, remedy = settled.refused.partition("; ")
        return self._refused(row, by, ActionRefused(what, remedy))

    def _refused(self, row: InboxRow, by: Doer, against: ActionRefused) -> Said:
        return self._say_refused(row.contract, recalled_of(self._office, row), by, against)

    def _say_refused(
        self, contract: str, recalled: Recalled | None, by: Doer, against: ActionRefused
    ) -> Said:
        book, by = self._office.casebook, remembered(self._office.private, by)
        if book.terms(contract).person(by.actor) is None:
            return stranger(contract, holders(book, contract), recalled)
        return refused(book.named(contract, against), recalled)
