"""The console channel: one readable block per message."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from channels.console import ConsoleChannel
from channels.message import Address, Letter


async def write(letter: Letter) -> str:
    """What a console of forty columns, which is no terminal, shows of a letter."""
    written = StringIO()
    posted = await ConsoleChannel(Console(file=written, width=40)).post(letter)
    assert (posted.channel, posted.receipt) == ("console", letter.key)
    return written.getvalue()


async def test_a_letter_is_one_block_and_its_commands_stay_whole() -> None:
    """The head names recipient and subject, and a long command is not wrapped."""
    command = '  holdfast act KSS-2026-014/tooling/1 complete --rung plan --note "what was done"'
    to = Address(email="mira@ardent.example", name="Mira Roth")
    shown = await write(
        Letter(key="k", to=to, subject="rung 1 of 3", text=f"Please act.\n{command}")
    )
    assert shown == f"── to Mira Roth: rung 1 of 3\nPlease act.\n{command}\n\n"


async def test_markup_and_controls_in_a_letter_do_nothing() -> None:
    """Console markup, emoji codes and escape sequences are shown or dropped, never obeyed."""
    to = Address(email="mira@ardent.example")
    shown = await write(Letter(key="k", to=to, subject="[red]a\nb", text="[bold]:smile: \x1b[2Jx"))
    assert shown == "── to mira@ardent.example: [red]a b\n[bold]:smile: [2Jx\n\n"
