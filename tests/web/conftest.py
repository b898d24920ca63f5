"""People in Slack around a stage, for tests of what they click."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.stage import Stage
from tests.web.people import Floor, floor_on


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback is reached directly, whatever proxy the machine names."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def floor(stage: Stage) -> AsyncIterator[Floor]:
    """Clicks that come in by HTTP."""
    async with floor_on(stage) as built:
        yield built


@pytest.fixture
async def socket_floor(stage: Stage) -> AsyncIterator[Floor]:
    """Clicks that come in over a socket."""
    async with floor_on(stage, socket=True) as built:
        yield built
