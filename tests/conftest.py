"""What all tests share: a stage with a real Temporal server, and patience with slow machines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.faults.seed import SEED
from tests.stage import Stage, stage_in

# How fast a machine is, or how busy, says nothing about what is tested.
settings.register_profile("holdfast", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("holdfast")


def pytest_report_header() -> str:
    """Name the seed; it is drawn here, before pytest starts processes of its own."""
    return f"faults: seed {SEED}"


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """One server, one ledger and one running worker, for one test."""
    async with stage_in(tmp_path) as built:
        yield built
