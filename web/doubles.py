"""Doubles: a button that is pressed twice in a moment was meant once."""

from __future__ import annotations

import re
from collections import OrderedDict
from decimal import Decimal

from web.payloads import Press, Pressed

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")
_A_MOMENT = Decimal(3)
_REMEMBERED = 1000


class Doubles:
    """Remembers who pressed what last. A courtesy to nervous hands; it may forget."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._last: OrderedDict[tuple[str, ...], tuple[Decimal, str]] = OrderedDict()

    def key(self, press: Press, pressed: Pressed) -> str:
        """The key of the click: that of the click just before on the same button, if there is one.

        Slack's own time of both tells, so no clock is asked.
        """
        button, own = press.button(pressed), press.key(pressed)
        if not _SECONDS.fullmatch(pressed.action_ts):
            return own
        at = Decimal(pressed.action_ts)
        first, key = self._last.get(button, (at, own))
        if not abs(at - first) < _A_MOMENT:
            first, key = at, own
        self._last[button] = (first, key)
        self._last.move_to_end(button)
        if len(self._last) > _REMEMBERED:
            self._last.popitem(last=False)
        return key
