"""The published JSON Schema of contract files, from which editors complete and explain fields.

Run as a module, it prints the schema.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from contracts.forms import CONTRACT


def json_schema() -> dict[str, Any]:
    """The schema (2020-12) of a contract file, short and long forms.

    It knows one file: what stands in a house file, and what fields say together, is ``check``'s.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Holdfast contract file",
        "description": "One vendor contract: who, what, by when, and under which ladder.",
        **CONTRACT.schema(),
    }


def text() -> str:
    """The schema as it is committed."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
