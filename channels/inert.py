"""Making foreign text harmless: what a contract says must never act on whoever reads it."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"
"""Zero-width, but needed to spell several languages."""

_CUT = " […]"


def one_line(text: str) -> str:
    """``text`` without control and bidi characters, every run of white space one space.

    So a value can neither forge a line of a message nor reorder what stands around it.
    """
    kept = "".join(" " if character.isspace() else character for character in text)
    return " ".join(_without_controls(kept).split())


def lines(text: str) -> str:
    """``text`` without control and bidi characters; line breaks are kept."""
    return "\n".join(_without_controls(line) for line in text.split("\n"))


def unended(text: str) -> str:
    """``text`` without the full stop at its end, so that a sentence can go on after it."""
    return text.rstrip().rstrip(".")


def clip(text: str, length: int) -> str:
    """``text``, cut to at most ``length`` characters, visibly."""
    return text if len(text) <= length else text[: length - len(_CUT)] + _CUT


def _without_controls(text: str) -> str:
    return "".join(character for character in text if _is_inert(character))


def _is_inert(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co"}
