"""Channels: how a message is worded, and how it reaches a person. None of them is notice."""
