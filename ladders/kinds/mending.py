"""Entries about the ledger itself, on a stream of their own that no workflow follows."""

from __future__ import annotations

from typing import Literal

from ladders.kinds.common import Body, Names

LEDGER_STREAM = "ledger"
"""The stream of what was done to a contract's ledger, beside those of contract and ladders."""


class LedgerMended(Body):
    """Entries that an older backup lacked were chained again, from Temporal's histories.

    They are the entries from ``first`` to ``last`` by number. ``restored`` of them stand exactly
    as they stood before, hash included; ``renumbered`` were recorded anew, under numbers and
    hashes of their own.
    """

    kind: Literal["ledger.mended"] = "ledger.mended"
    first: int
    last: int
    restored: int
    renumbered: int

    def sentence(self, names: Names) -> str:
        """One sentence."""
        return (
            f"Ledger mended from Temporal's histories: entries {self.first} to {self.last}, "
            f"{self.restored} exactly as they stood, {self.renumbered} recorded anew."
        )
