"""Instants and links within worded texts: marked, so that a channel may show them in its own way.

The marks are private-use characters. :func:`channels.inert.one_line` takes those out of whatever a
contract or a person says, so that nothing but our own templates can set one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

_OPEN, _CLOSE = "\ue000", "\ue001"
_LINK = "\ue002"
_MARKED = re.compile(f"{_OPEN}(\\d+)\\|([^|{_CLOSE}]*)\\|([^{_CLOSE}]*){_CLOSE}")
_CUT_OFF = re.compile(f"{_OPEN}(?:\\d+\\|?)?")

LABELS = (
    "At stake", "Right under the contract", "Why", "On silence", "What follows",
    "What follows if nothing is done", "It counts as delivered when", "Evidence", "Said with it",
    "Reason", "Reasons", "Now", "Next", "For this ladder", "Asked besides", "Still asked",
)  # fmt: skip
"""What our own templates begin a paragraph with, before a colon."""


def mark(at: datetime, words: str, full: str | None = None) -> str:
    """``words``, by which a text names the instant ``at``, marked.

    ``full`` is what a text says that cannot show it in the reader's own time.
    """
    return f"{_OPEN}{int(at.timestamp())}|{words}|{full or words}{_CLOSE}"


def link(url: str) -> str:
    """``url``, marked as one that people may follow."""
    return f"{_LINK}{url}{_LINK}"


def plain(text: str) -> str:
    """``text`` without its marks, its instants in full."""
    return _unmarked(_MARKED.sub(r"\3", text)).replace(_LINK, "")


def brief(text: str) -> str:
    """``text`` without its marks, its instants in the fewest words."""
    return _unmarked(_MARKED.sub(r"\2", text)).replace(_LINK, "")


def pieces(text: str) -> Iterator[tuple[str, int | None]]:
    """The words of ``text`` in order; those that name an instant with it, in seconds of Unix."""
    end = 0
    for found in _MARKED.finditer(text):
        if found.start() > end:
            yield _unmarked(text[end : found.start()]), None
        yield found[2], int(found[1])
        end = found.end()
    if end < len(text):
        yield _unmarked(text[end:]), None


def linked(piece: str) -> Iterator[tuple[str, bool]]:
    """The words of a piece without instants, in order, each with whether they are a link."""
    is_link = False
    for words in piece.split(_LINK):
        if words:
            yield words, is_link
        is_link = not is_link


def labelled(paragraph: str) -> tuple[str, str]:
    """A paragraph in two: its label with the colon and the space, if it has one, and the rest."""
    label, colon, rest = paragraph.partition(": ")
    return (f"{label}{colon}", rest) if colon and label in LABELS else ("", paragraph)


def _unmarked(text: str) -> str:
    # A text that was cut may end within a mark.
    return _CUT_OFF.sub("", text).replace(_CLOSE, "")
