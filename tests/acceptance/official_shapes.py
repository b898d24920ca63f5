"""Every message and modal has the shape that Slack itself publishes for programs in TypeScript.

Run by ``make acceptance``, which installs ``@slack/types`` beside this file; lengths and counts are
not part of those types, so they are checked elsewhere (``tests/slack/shapes.py``).
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.commands.shell import Shell

HERE = Path(__file__).parent
TYPES = HERE / "node_modules" / "@slack" / "types" / "dist" / "index.d.ts"
GENERATOR = HERE / "node_modules" / ".bin" / "ts-json-schema-generator"

Shown = dict[str, Any]


@pytest.fixture(scope="session")
def definitions() -> Any:
    """The JSON Schema of every type that Slack publishes, by the name of the type."""
    command = [str(GENERATOR), "--path", str(TYPES), "--type", "*", "--no-type-check"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["definitions"]


@pytest.fixture(scope="session")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shown]:
    """Every message of the gallery, by name."""
    shell = Shell(tmp_path_factory.mktemp("gallery"))
    out = shell.folder / "shown"
    ran = shell.type("gallery", "--out", str(out))
    assert ran.code == 0, ran.said
    return {path.stem: json.loads(path.read_text("utf-8")) for path in out.glob("*.json")}


def problems(definitions: Any, name: str, value: Any) -> Iterator[str]:
    """What keeps a value from being of the type of that name; of a union, of its nearest member."""
    schema = {"$ref": f"#/definitions/{name}", "definitions": definitions}
    for error in Draft7Validator(schema).iter_errors(value):
        nearest = [*(error.context or ()), error]
        deepest = max(nearest, key=lambda each: len(each.absolute_path))
        yield f"{name} {deepest.json_path}: {deepest.message[:300]}"


def check(definitions: Any, shown: Shown) -> list[str]:
    """What keeps a message, or a modal, from having the published shape."""
    found = [each for block in shown["blocks"] for each in problems(definitions, _BLOCK, block)]
    if shown.get("type") == "modal":
        found += problems(definitions, "ModalView", shown)
    return found


_BLOCK = "KnownBlock"


def test_every_message_has_the_published_shape(definitions: Any, gallery: dict[str, Shown]) -> None:
    """All of them at once, each fault with its message and place."""
    assert len(gallery) > 20
    found = {name: check(definitions, shown) for name, shown in gallery.items()}
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_what_has_another_shape_is_found(definitions: Any) -> None:
    """A check that refuses nothing is none: an unknown key, a mrkdwn header, a bare title."""
    plain = {"type": "plain_text", "text": "Rung 2 of 6"}
    header = {"type": "header", "text": plain}
    modal = {"type": "modal", "title": plain, "blocks": [header]}
    assert check(definitions, {"blocks": [header]}) == []
    assert check(definitions, modal) == []
    for wrong in (
        {"blocks": [{**header, "colour": "red"}]},
        {"blocks": [{**header, "text": {"type": "mrkdwn", "text": "*Rung*"}}]},
        {"blocks": [{"type": "headline", "text": plain}]},
        {**modal, "title": "Done"},
        {**modal, "blocks": [{"type": "header"}]},
    ):
        assert check(definitions, wrong), wrong
