"""The published schema: committed as it is generated, and true of what can be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from contracts.forms import CONTRACT
from contracts.reading import read_contract
from contracts.schema import json_schema, text
from contracts.writing import expand
from tests.contracts.conftest import TODAY

ROOT = Path(__file__).parents[2]


def plain(document: str) -> Any:
    """A document as an editor's validator sees it: YAML 1.2, where dates are text."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(document), default=str))


def faults(document: str) -> list[str]:
    """The paths of what the schema finds wrong."""
    validator = Draft202012Validator(json_schema())
    return sorted(error.json_path for error in validator.iter_errors(plain(document)))


def test_the_committed_schema_is_the_generated_one() -> None:
    """``make schema`` writes it anew."""
    assert (ROOT / "docs" / "contract.schema.json").read_text(encoding="utf-8") == text()


def test_the_schema_is_one() -> None:
    """It is valid by its own standard, and every field is described."""
    Draft202012Validator.check_schema(json_schema())
    properties = json_schema()["properties"]
    assert set(properties) == set(CONTRACT.fields)
    assert all(field["description"] for field in properties.values())


def test_the_example_is_valid_in_its_short_and_its_long_form() -> None:
    """What reads without problems is not underlined by an editor."""
    path = ROOT / "examples" / "kss-2026-014.yaml"
    contract = read_contract(path, today=TODAY).contract
    assert contract is not None
    assert faults(path.read_text(encoding="utf-8")) == []
    assert faults(expand(contract)) == []


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("titel: x", "$"),
        ("title: 12", "$.title"),
        ("zone: Europe Berlin", "$.zone"),
        ("notices: here", "$.notices"),
        ("roles: {Lead: a@b.example}", "$.roles"),
        ("people: [{email: a@b.example, absences: [soon]}]", "$.people[0].absences[0]"),
        ("ladders: [{id: a, situation: x, rungs: []}]", "$.ladders[0].rungs"),
    ],
)
def test_the_schema_finds_what_the_reader_finds(line: str, path: str) -> None:
    """A mistake of form is underlined where it stands."""
    sound = "contract: X\nsupplier: Y\nmilestones: [{id: m, due: 2026-10-01}]\n"
    assert faults(sound) == []
    assert faults(sound + line) == [path]
