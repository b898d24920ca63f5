"""``holdfast digest``: what somebody's digest would say now."""

from __future__ import annotations

import json
from datetime import datetime

from rich.console import Console
from rich.text import Text

from channels.digest_facts import Board
from channels.digest_wording import word
from desk.digests import Digests
from desk.office import Office
from ladders.prose import replace_leaves


def digest(
    office: Office,
    person: str,
    *,
    now: datetime,
    weekly: bool,
    as_json: bool,
    console: Console,
) -> int:
    """Print the digest of a ``person``, by address, or that there is none; return 0.

    Raises UnknownReader.
    """
    found = Digests(office).of(person, now, weekly=weekly)
    wording = None if found is None else word(replace_leaves(found, Board, lambda _: ""))
    if as_json:
        said = None if wording is None else {"subject": wording.subject, "text": wording.text}
        console.file.write(f"{json.dumps({'digest': said}, indent=2, ensure_ascii=False)}\n")
    elif wording is None:
        console.print("Nothing waits: no digest would be sent.", soft_wrap=True)
    else:
        words = Text.assemble((wording.subject, "bold"), "\n\n", wording.text)
        console.print(words, soft_wrap=True)
    return 0
