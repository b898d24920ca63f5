"""What the tests of contract files share: a folder to write into, and a day to read on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from contracts.reading import Reading, read_contract

TODAY = date(2026, 9, 1)

Read = Callable[..., Reading]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Write a contract file, and a house file if there is one, into a folder of its own; read."""

    def write_and_read(contract: str, house: str | None = None, today: date = TODAY) -> Reading:
        folder = tmp_path / "house" / "contracts"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kss.yaml").write_text(contract, encoding="utf-8")
        (folder / "kss.pdf").write_bytes(b"%PDF signed")
        if house is not None:
            (tmp_path / "house" / "house.yaml").write_text(house, encoding="utf-8")
        return read_contract(folder / "kss.yaml", today=today)

    return write_and_read
