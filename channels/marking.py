"""Instants within worded texts: marked, so that a channel may show them in the reader's own time.

The marks are private-use characters. :func:`channels.inert.one_line` takes those out of whatever a
contract or a person says, so that nothing but our own templates can set one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKED = re.compile(f"{_OPEN}(\\d+)\\|([^{_CLOSE}]*){_CLOSE}")


def mark(at: datetime, words: str) -> str:
    """``words``, by which a text names the instant ``at``, marked."""
    return f"{_OPEN}{int(at.timestamp())}|{words}{_CLOSE}"


def plain(text: str) -> str:
    """``text`` without its marks."""
    return _unmarked(_MARKED.sub(r"\2", text))


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


def _unmarked(text: str) -> str:
    # A text that was cut may end within a mark.
    return text.replace(_OPEN, "").replace(_CLOSE, "")
