"""Writing into a contract file what somebody has said of the milestones whose date has passed."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import Literal

from ruamel.yaml import YAML
from ruamel.yaml.util import load_yaml_guess_indent

PastDue = Literal["open", "delivered"]

_NO_WRAPPING = 10_000


def answered(text: str, answers: Mapping[str, PastDue]) -> str:
    """``text`` with ``past_due`` said of the milestones in ``answers``; all else stays as it was.

    The text is that of a contract file in which nothing is wrong but that this is not said.
    """
    writer = YAML()
    writer.preserve_quotes = True
    writer.width = _NO_WRAPPING
    contract, indent, offset = load_yaml_guess_indent(text, yaml=writer)
    writer.indent(sequence=indent or 4, offset=2 if offset is None else offset)
    for milestone in contract["milestones"]:
        if milestone["id"] in answers:
            after = list(milestone).index("due") + 1
            milestone.insert(after, "past_due", answers[milestone["id"]])
    out = StringIO(newline="\r\n" if "\r\n" in text else "\n")
    writer.dump(contract, out)
    return out.getvalue()
