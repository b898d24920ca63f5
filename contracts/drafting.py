"""Writing a contract file as a person would: short forms, and nothing that goes without saying."""

from __future__ import annotations

from datetime import date
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from contracts.source import Fields, Node, Scalar
from contracts.words import Unreadable, day

_WIDTH = 100


def written(node: Fields) -> str:
    """The text of a contract file that says what ``node`` says, in its order."""
    out = StringIO()
    writer = YAML()
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.width = _WIDTH
    writer.dump(_plain(node), out)
    return out.getvalue()


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return _value(node.text)
    if isinstance(node, Fields):
        return {name: _plain(entry) for name, entry in node.entries.items()}
    return [_plain(item) for item in node.items]


def _value(text: str) -> str | date:
    """A date as such, so that it stands without quotes."""
    try:
        return day(text)
    except Unreadable:
        return text
