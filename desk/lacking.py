"""Lacking: what an operator has to hear of as a worker starts: what either store has lost."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping

from desk.office import Office
from desk.rebuilding import open_cases

_LOG = logging.getLogger("holdfast.worker")


def log_what_lacks(office: Office, known: Mapping[str, Collection[str]]) -> None:
    """Log what either store lacks; ``known`` are the keys that Temporal recorded, by contract."""
    for contract, keys in known.items():
        if any(office.ledger.find(contract, key) is None for key in keys):
            _LOG.error(
                "%s: the ledger lacks what Temporal recorded; an older backup seems to have been "
                "restored. Restore the newest one, or run holdfast reconcile",
                contract,
            )
    for contract in office.ledger.contracts():
        if contract not in known and open_cases(office, contract):
            _LOG.error(
                "%s: open in the ledger, but Temporal does not run it; holdfast rebuild starts it "
                "again from the ledger",
                contract,
            )
