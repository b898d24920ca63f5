"""Durable interpreters of the decisions that :mod:`ladders` takes."""
