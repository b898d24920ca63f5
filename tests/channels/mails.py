"""A letter as the postman hands it over, and the channel that makes a mail of it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from channels.mail import MailChannel, MailServer
from channels.message import Address, ChannelError, Handle, Letter, Mark, Offer
from ladders.events import ActionName

NOW = datetime(2026, 10, 2, 7, 30, tzinfo=UTC)
HANDLE = Handle(contract="KSS-2026-014", stream="tooling/1", rung="plan")
LETTER = Letter(
    key="KSS-2026-014/tooling/1/rung/plan>p-mira",
    to=Address(email="mira@ardent.example", name="Mira Roth"),
    subject="tooling: rung 1 of 3 is yours",
    text="Mira Roth (owner), please act.\n\nAt stake: 0.5% per week.",
    offers=(
        Offer(action="complete", label="Action done…", meaning="the action is done", handle=HANDLE),
        Offer(action="acknowledge", label="Acknowledge", meaning="reminders pause", handle=HANDLE),
        Offer(action="more", label="More…", meaning="other answers", handle=HANDLE),
    ),
    mark=Mark(reference="KSS-2026-014/tooling/1", seq=17, hash="a" * 64, prev="b" * 64),
)


def link(handle: Handle, action: ActionName, to: Address) -> str:
    """Where a link would lead."""
    return f"https://holdfast.example/answer/{handle.rung}.{action}?x=1&y={to.email[:4]}"


def channel(server: MailServer, sender: str = "Holdfast <holdfast@ardent.example>") -> MailChannel:
    """The channel, pointed at a server."""
    return MailChannel(server, sender, link, lambda: NOW)


def readings(mail: EmailMessage) -> tuple[str, str]:
    """The plain text and the HTML of a mail, with our own line ends."""
    text, html = (part.get_content().replace("\r\n", "\n") for part in mail.iter_parts())
    return text, html


async def fail(server: MailServer, letter: Letter = LETTER) -> ChannelError:
    """Post, and return the failure."""
    with pytest.raises(ChannelError) as caught:
        await channel(server).post(letter)
    return caught.value


def named(name: str) -> Address:
    """Mira, by another name."""
    return Address(email="mira@ardent.example", name=name)
