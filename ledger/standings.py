"""Standings, kept beside the ledger: derived from its entries, and made anew whenever in doubt.

Nothing depends on a row but the speed of reading. One that is missing, late or of another form is
computed again from the entries, which alone are evidence.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, delete, or_, select

from ladders.entries import Entry
from ladders.errors import HoldfastError
from ladders.kinds.mending import LEDGER_STREAM
from ladders.standings import ContractStanding, LadderStanding, stand, stand_contract
from ladders.watch import STREAM
from ledger.book import Ledger, Receipt
from ledger.opening import reading, writing
from ledger.tables import EntryRow, StandingRow

FORM = 3
"""Raised whenever standings are derived in another way: rows of another number count for nothing.
"""

_LOCK = int.from_bytes(b"standing")
_LOG = logging.getLogger("holdfast.standings")


class Stream(NamedTuple):
    """The entries of a ladder, or a contract's own."""

    contract: str
    stream: str

    @property
    def has_standing(self) -> bool:
        """Whether it is a contract's or a ladder's; others tell what was done to the ledger."""
        return self.stream == STREAM or "/" in self.stream

    def __str__(self) -> str:
        """Return it as people name a ladder."""
        return f"{self.contract}/{self.stream}"


class Standings:
    """The standings of one ledger. Safe to share between threads and processes."""

    def __init__(self, ledger: Ledger) -> None:
        """Keep them in the ledger's database, though not in its chain."""
        self._ledger = ledger
        self._engine = ledger.engine

    def follow(self, contract: str, stream: str) -> None:
        """Bring one stream's standing up to its latest entry."""
        followed = Stream(contract, stream)
        row = self._derived(followed) if followed.has_standing else None
        if row is not None:
            self._save([row])

    def catch_up(self) -> dict[Stream, HoldfastError]:
        """Bring up to date whatever lags behind; return the streams that cannot be, and why."""
        return self._bring_up(self._lagging())

    def rebuild(self) -> dict[Stream, HoldfastError]:
        """Throw every standing away and derive it anew; return the streams that cannot be."""
        with writing(self._engine, lock=_LOCK) as session:
            session.connection().execute(delete(StandingRow))
        return self.catch_up()

    def astray(self) -> list[Stream]:
        """The streams whose standing is not what the entries said when it was kept.

        One that merely lags is none of them, nor one that an entry overtakes meanwhile.
        """
        query = select(StandingRow).where(StandingRow.form == FORM)
        with reading(self._engine) as session:
            kept = session.exec(query).all()
        return [Stream(row.contract, row.stream) for row in kept if not self._is_derived(row)]

    def contracts(self) -> list[ContractStanding]:
        """Where every contract stands, as far as kept; sorted."""
        query = select(StandingRow.standing).where(StandingRow.stream == STREAM)
        with reading(self._engine) as session:
            found = session.exec(query.order_by(col(StandingRow.contract))).all()
        return [ContractStanding.model_validate_json(text) for text in found]

    def open_ladders(self) -> list[LadderStanding]:
        """Where every ladder stands that is open or owes messages, as far as kept; sorted."""
        query = select(StandingRow.standing).where(StandingRow.stream != STREAM)
        order = (col(StandingRow.contract), col(StandingRow.stream))
        with reading(self._engine) as session:
            found = session.exec(query.where(col(StandingRow.is_open)).order_by(*order)).all()
        return [LadderStanding.model_validate_json(text) for text in found]

    def closed_ladders(self, since: datetime) -> list[LadderStanding]:
        """Where every ladder stands that was closed at ``since`` or later, as far as kept."""
        query = select(StandingRow.standing).where(StandingRow.stream != STREAM)
        order = (col(StandingRow.contract), col(StandingRow.stream))
        with reading(self._engine) as session:
            found = session.exec(
                query.where(col(StandingRow.standing).contains('"closed_at"')).order_by(*order)
            ).all()
        ladders = (LadderStanding.model_validate_json(text) for text in found)
        return [each for each in ladders if each.closed_at is not None and each.closed_at >= since]

    def _lagging(self) -> list[Stream]:
        head = func.max(EntryRow.seq)
        heads = (
            select(col(EntryRow.contract), col(EntryRow.stream), head.label("seq"))
            .where(col(EntryRow.stream) != LEDGER_STREAM)
            .group_by(col(EntryRow.contract), col(EntryRow.stream))
            .subquery()
        )
        kept = aliased(StandingRow)
        query = (
            select(heads.c.contract, heads.c.stream)
            .outerjoin(kept, and_(kept.contract == heads.c.contract, kept.stream == heads.c.stream))
            .where(or_(col(kept.seq).is_(None), kept.seq != heads.c.seq, kept.form != FORM))
        )
        with reading(self._engine) as session:
            streams = [Stream(*found) for found in session.exec(query)]
        return [stream for stream in streams if stream.has_standing]

    def _bring_up(self, streams: Iterable[Stream]) -> dict[Stream, HoldfastError]:
        rows: list[StandingRow] = []
        failed: dict[Stream, HoldfastError] = {}
        for stream in streams:
            try:
                row = self._derived(stream)
            except HoldfastError as error:
                failed[stream] = error
            else:
                rows += [] if row is None else [row]
        self._save(rows)
        return failed

    def _derived(self, stream: Stream, upto: int | None = None) -> StandingRow | None:
        lines = self._ledger.lines(stream.contract, stream.stream, upto)
        derive = stand_contract if stream.stream == STREAM else stand
        standing = derive(line.entry for line in lines)
        if standing is None:
            return None
        return StandingRow(
            contract=stream.contract,
            stream=stream.stream,
            seq=lines[-1].seq,
            form=FORM,
            is_open=not isinstance(standing, LadderStanding) or standing.is_open,
            standing=standing.model_dump_json(exclude_none=True),
        )

    def _is_derived(self, row: StandingRow) -> bool:
        try:
            derived = self._derived(Stream(row.contract, row.stream), row.seq)
        except HoldfastError:
            return False
        return derived is not None and derived.model_dump() == row.model_dump()

    def _save(self, rows: list[StandingRow]) -> None:
        if not rows:
            return
        with writing(self._engine, lock=_LOCK) as session:
            for row in rows:
                session.merge(row)


class FollowedLedger:
    """A ledger whose standings follow every append, as far as they can.

    They never fail an append: whatever they miss, the next reader makes good.
    """

    def __init__(self, ledger: Ledger, standings: Standings) -> None:
        """Append there, and let these follow."""
        self._ledger = ledger
        self._standings = standings

    def append(self, entry: Entry, recorded: Collection[str] = ()) -> Receipt:
        """Append as the ledger does."""
        receipt = self._ledger.append(entry, recorded)
        try:
            self._standings.follow(entry.contract, entry.stream)
        except Exception:  # noqa: BLE001
            _LOG.exception("the standing of %s %s does not follow", entry.contract, entry.stream)
        return receipt
