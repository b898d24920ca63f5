"""The kinds of entries, grouped by what they are about; :mod:`ladders.entries` lists them all."""
