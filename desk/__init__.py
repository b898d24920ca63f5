"""The only door in: a request becomes an inbox row first, then one Temporal Update."""
