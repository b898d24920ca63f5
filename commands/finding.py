"""What ``holdfast doctor`` finds."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """One thing that was looked at. ``remedy`` is empty where nothing is wrong."""

    what: str
    remedy: str = ""
