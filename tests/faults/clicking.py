"""What people do while everything under them fails: they leave notes on ladders."""

from __future__ import annotations

from contextlib import suppress

from commands.act import operator
from desk.applying import NotAppliedYet
from desk.door import Desk, click_key
from desk.office import Office
from ladders.events import Action
from ladders.prose import Prose


async def leave_note(desk: Desk, office: Office, ladder: tuple[str, str], words: str) -> str:
    """Leave a note as the ladder's owner, whether or not it can be applied now; return its key.

    Raises UnknownCase where the ladder has not begun.
    """
    contract, stream = ladder
    owner = office.casebook.ladder(contract, stream).person("owner")
    by = operator(office.private, on_behalf_of=owner)
    now = office.clock()
    key = click_key(contract, stream, "note", by, now)
    action = Action(key=key, name="note", by=by, received_at=now, note=Prose(words))
    with suppress(NotAppliedYet):
        await desk.act(contract, stream, action)
    return key
