"""What stands in a modal's inputs when it is submitted, and what cannot be submitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.slack.kit.blocks import elements_of
from tests.slack.world import Json

_TEXTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
_PICKED = {
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
    "users_select": ("selected_user", "initial_user"),
    "channels_select": ("selected_channel", "initial_channel"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_users_select": ("selected_users", "initial_users"),
}
_ONE = frozenset({"static_select", "radio_buttons"})
_MANY = frozenset({"multi_static_select", "checkboxes"})


class NotSubmittable(AssertionError):
    """Slack's client would not have let anybody submit this."""


def state_of(view: Json, values: Mapping[str, Any]) -> Json:
    """A modal's state when ``values`` are entered. Raises NotSubmittable.

    Values are named by the action id or the block id of their input: a text or a date for inputs
    and pickers, an option's value for menus and radio buttons, a list of them for checkboxes and
    multiple menus, a list of ``FakeSlack.attach``'s files for files. What is not named keeps its
    initial value.
    """
    state: Json = {}
    left = dict(values)
    for block in view["blocks"]:
        for element in elements_of(block):
            if element["type"] in {"button", "overflow"}:
                continue
            given = _taken(left, element, block)
            entry = _entered(element, given)
            if block["type"] == "input" and not block.get("optional"):
                _check_filled(block, entry)
            state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    if left:
        raise NotSubmittable(f"the modal has no inputs {sorted(left)}")
    return state


def _taken(values: dict[str, Any], element: Json, block: Json) -> Any:
    """What is entered into an input; an Ellipsis where nothing is said about it."""
    for name in (element["action_id"], block["block_id"]):
        if name in values:
            return values.pop(name)
    return ...


def _entered(element: Json, given: Any) -> Json:
    kind = element["type"]
    if kind in _TEXTS:
        value = element.get("initial_value") if given is ... else given
        _check_length(element, value or "")
        return {"type": kind, "value": value or None}
    if kind in _PICKED:
        name, initial = _PICKED[kind]
        return {"type": kind, name: element.get(initial) if given is ... else given}
    if kind in _ONE:
        chosen = element.get("initial_option") if given is ... else _option(element, given)
        return {"type": kind, "selected_option": chosen}
    if kind in _MANY:
        return {"type": kind, "selected_options": _options(element, given)}
    if kind == "file_input":
        return {"type": kind, "files": _files(element, [] if given is ... else given)}
    raise NotSubmittable(f"the fake does not know how to fill a {kind}")


def _check_length(element: Json, value: str) -> None:
    least, most = element.get("min_length", 0), element.get("max_length", 3000)
    if value and not least <= len(value) <= most:
        raise NotSubmittable(f"{element['action_id']}: {len(value)} is not {least} to {most}")


def _option(element: Json, value: str | None) -> Json | None:
    if value is None:
        return None
    groups = element.get("option_groups", [])
    options = [*element.get("options", []), *(each for g in groups for each in g["options"])]
    for option in options:
        if option["value"] == value:
            return dict(option)
    raise NotSubmittable(f"{element['action_id']}: there is no option {value!r}")


def _options(element: Json, given: Any) -> list[Json]:
    if given is ...:
        return list(element.get("initial_options", []))
    chosen = [each for each in (_option(element, value) for value in given) if each]
    if len(chosen) > element.get("max_selected_items", 100):
        raise NotSubmittable(f"{element['action_id']}: too many are chosen")
    return chosen


def _files(element: Json, files: list[Json]) -> list[Json]:
    if len(files) > element.get("max_files", 10):
        raise NotSubmittable(f"{element['action_id']}: too many files")
    wanted = element.get("filetypes")
    for file in files:
        if wanted and file["filetype"] not in wanted:
            raise NotSubmittable(f"{element['action_id']}: {file['name']} is none of {wanted}")
    return files


def _check_filled(block: Json, entry: Json) -> None:
    filled = [value for name, value in entry.items() if name != "type"]
    if not any(filled):
        raise NotSubmittable(f"{block['block_id']}: please complete this required field")
