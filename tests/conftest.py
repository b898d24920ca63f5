"""A stage for tests: a real Temporal server with a clock of its own, a ledger, a worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stage import Stage, stage_in


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """One server, one ledger and one running worker, for one test."""
    async with stage_in(tmp_path) as built:
        yield built
