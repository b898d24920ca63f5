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
_MARKED = re.compile(f"{_OPEN}(\\d+)\\|([^{_CLOSE}]*){_CLOSE}")


def mark(at: datetime, words: str) -> str:
    """``words``, by which a text names the instant ``at``, marked."""
    return f"{_OPEN}{int(at.timestamp())}|{words}{_CLOSE}"


def link(url: str) -> str:
    """``url``, marked as one that people may follow."""
    return f"{_LINK}{url}{_LINK}"


def plain(text: str) -> str:
    """``text`` without its marks."""
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


def _unmarked(text: str) -> str:
    # A text that was cut may end within a mark.
    return text.replace(_OPEN, "").replace(_CLOSE, "")
