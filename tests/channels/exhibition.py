"""Every message as Slack would get it; written anew when run."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from commands.gallery import pictures
from contracts.reading import read_contract
from ladders.contract import Contract

SNAPSHOTS = Path(__file__).parent / "gallery"
EXAMPLE = Path(__file__).parents[2] / "examples" / "kss-2026-014.yaml"
"""The contract that is shown."""


def example() -> Contract:
    """The contract of the examples."""
    contract = read_contract(EXAMPLE, today=date(2026, 12, 1)).contract
    assert contract is not None
    return contract


def messages(contract: Contract) -> dict[str, dict[str, Any]]:
    """Every message of the gallery of a contract, by name."""
    return {picture.name: picture.slack for picture in pictures(contract)}


def written(message: dict[str, Any]) -> str:
    """A message as its snapshot has it."""
    return json.dumps(message, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    for path in SNAPSHOTS.glob("*.json"):
        path.unlink()
    for name, message in messages(example()).items():
        (SNAPSHOTS / f"{name}.json").write_text(written(message), encoding="utf-8")
