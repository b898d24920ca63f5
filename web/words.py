"""Words: what somebody wrote in a form, wherever that form stands, as it can be put on record."""

from __future__ import annotations

from channels.inert import lines
from ladders.prose import Prose


class Unfit(ValueError):
    """Words that cannot be put on record; it says why, to whoever wrote them."""


def cleaned(text: str) -> str:
    """What somebody wrote: line ends are ours, controls are gone, and space around it."""
    return lines("\n".join(text.replace("\t", " ").splitlines())).strip()


def words(text: str) -> Prose | None:
    """What somebody wrote, if they wrote anything. Raises Unfit."""
    text = cleaned(text)
    if not text:
        return None
    if len(text) > Prose.max_length:
        raise Unfit(
            f"This has {len(text):,} characters; write at most {Prose.max_length:,}, and say where "
            "the rest can be found."
        )
    if Prose(text).is_sealed:
        # What looks like the seal of a text would be opened as if it were one.
        raise Unfit("This cannot be recorded as it is; write it in other words.")
    return Prose(text)
