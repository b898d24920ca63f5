"""The scene of tests in which a ladder speaks in Slack."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.workflows.scene import Scene, scene_in


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    """One server, one ledger, one worker, one Slack."""
    async with scene_in(tmp_path) as built:
        yield built
