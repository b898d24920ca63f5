"""The ledger: an append-only, hash-chained book, the rows that may be erased, and the inbox."""
