"""The heart of Holdfast: its nouns and its decisions. No I/O, no clock, no Temporal."""
