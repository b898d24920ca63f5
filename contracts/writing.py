"""Writing a contract out in full: every default said, every short form in its long one."""

from __future__ import annotations

from datetime import date
from io import StringIO
from typing import Any

from pydantic import BaseModel
from ruamel.yaml import YAML

from ladders.contract import Contract, Milestone, Person
from ladders.damages import LiquidatedDamages

_WIDTH = 100


def expand(contract: Contract) -> str:
    """The contract as YAML that reads back as the same contract, beside the same document.

    Written for a contract whose people are known by their e-mail addresses, as one that was read.
    """
    document = contract.document
    people = [_person(person) for person in contract.people]
    milestones = [_milestone(milestone) for milestone in contract.milestones]
    fields = _fields(contract) | {
        "document": None if document is None else str(document.name),
        "counting": _fields(contract.counting)
        | {
            name: None if at is None else f"{at:%H:%M}"
            for name, at in (
                ("opens", contract.counting.opens),
                ("closing_time", contract.counting.closing_time),
            )
        },
        "people": people,
        "milestones": milestones,
    }
    out = StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.allow_unicode = True
    writer.width = _WIDTH
    writer.dump(_said(fields), out)
    return out.getvalue()


def _fields(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json")


def _person(person: Person) -> dict[str, Any]:
    absences = [f"{absence.first}..{absence.last}" for absence in person.absences]
    return {**_fields(person), "id": None, "absences": absences}


def _milestone(milestone: Milestone) -> dict[str, Any]:
    damages = milestone.damages
    written = None if damages is None else _damages(damages)
    return {**_fields(milestone), "due": milestone.due, "damages": written}


def _damages(damages: LiquidatedDamages) -> dict[str, Any]:
    cap = None if damages.cap is None else f"{damages.cap:f}%"
    return {**_fields(damages), "rate": f"{damages.rate:f}%", "cap": cap}


def _said(value: Any) -> Any:
    """``value`` without what is not said, as plain data."""
    if isinstance(value, dict):
        kept = {name: _said(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item is not None and item != []}
    if isinstance(value, list):
        return [_said(item) for item in value]
    return value if isinstance(value, bool | int | date) or value is None else str(value)
