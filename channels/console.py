"""The console channel: one readable block per message, for whoever has no Slack yet."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from channels.inert import lines, one_line
from channels.message import Letter, Posted, Surface


class ConsoleChannel:
    """Writes messages to a console. It remembers nothing: sent twice is shown twice."""

    name = "console"
    surface: Surface = "console"

    def __init__(self, console: Console) -> None:
        """Write to this console."""
        self._console = console

    async def post(self, letter: Letter) -> Posted:
        """Write the letter; the receipt is its key.

        What is said in a room is one line: each person is told in full besides.
        """
        if letter.to is None:
            head = f"── in {one_line(letter.address)}: {one_line(letter.subject)}"
            self._console.print(Text(head, "dim"), soft_wrap=True)
            return Posted(channel=self.name, receipt=letter.key)
        head = f"── to {one_line(str(letter.to))}: {one_line(letter.subject)}"
        # As Text, because markup in a contract's words must stay words; unwrapped, because the
        # commands in it are there to be copied.
        block = Text.assemble((head, "bold"), "\n", lines(letter.body), "\n")
        self._console.print(block, soft_wrap=True)
        return Posted(channel=self.name, receipt=letter.key)
