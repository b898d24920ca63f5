"""Entered: what somebody sent in a form, checked field by field; all that is wrong at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import ValidationError

from ladders.actions import BEARS_EVIDENCE
from ladders.contract import Attachment
from ladders.entries import Doer
from ladders.events import Action, ActionName
from ladders.instructions import Instruction, Resume, Toll
from ladders.prose import Prose
from ladders.values import Instant, Value
from web.menus import rung_of
from web.modals import Scene
from web.payloads import Carried, Entered
from web.words import Unfit, words

_EVENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MISSING = {
    "escalate": "Say why this cannot wait.",
    "reject": "Say what is lacking.",
    "withdraw": "Say why it was an error.",
    "note": "Write something.",
}
_NO_DAY = "Choose a day."


class FieldErrors(Exception):
    """What is wrong with a form: an error for each field, by the id of its block."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        """Keep them."""
        super().__init__("; ".join(f"{name}: {error}" for name, error in errors.items()))
        self.errors = dict(errors)


class Sender(Value):
    """Who sent a form, when it was received, and its one key."""

    key: str
    by: Doer
    received_at: Instant


class _Fields:
    """Reads fields, and gathers what is wrong with them."""

    def __init__(self, fields: Mapping[str, Entered]) -> None:
        self._fields = fields
        self.errors: dict[str, str] = {}

    def words(self, name: str, missing: str | None = None) -> Prose | None:
        """What was written; ``missing`` is the error where nothing was."""
        try:
            text = words(self._of(name).value or "")
        except Unfit as fault:
            self.errors[name] = str(fault)
            return None
        if text is None and missing is not None:
            self.errors[name] = missing
        return text

    def day(self, name: str, latest: date | None = None) -> date:
        """The day that was chosen, which may not be after ``latest``."""
        text = self._of(name).selected_date
        try:
            day = date.fromisoformat(text or "")
        except ValueError:
            self.errors[name] = "This is not a day." if text else _NO_DAY
            return date.min
        if latest is not None and day > latest:
            self.errors[name] = f"{day} has not come yet; today is {latest}."
        return day

    def files(self, name: str) -> tuple[Attachment, ...]:
        """The files that were attached."""
        try:
            return tuple(
                Attachment(id=file.id, name=_file_name(file.name), size=file.size)
                for file in self._of(name).files
            )
        except ValidationError:
            self.errors[name] = "A file here cannot be read; remove it and attach it again."
            return ()

    def one(self, name: str, allowed: tuple[str, ...], otherwise: str | None = None) -> str:
        """The one value that was chosen, which must be one of ``allowed``."""
        option = self._of(name).selected_option
        value = otherwise if option is None else option.value
        if value not in allowed:
            self.errors[name] = "Choose one."
            return allowed[0] if allowed else ""
        return value

    def some(self, name: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """The values that were chosen, each of which must be one of ``allowed``."""
        values = tuple(option.value for option in self._of(name).selected_options)
        if any(value not in allowed for value in values):
            self.errors[name] = "Choose among those that are offered."
        return values

    def event(self, name: str) -> str:
        """A reference that somebody made up."""
        text = (self._of(name).value or "").strip()
        if not _EVENT.fullmatch(text):
            self.errors[name] = "Write 1 to 64 letters, digits, dots, dashes or underscores."
            return "-"
        return text

    def _of(self, name: str) -> Entered:
        return self._fields.get(name, Entered())


def _file_name(name: str | None) -> Prose:
    # The name is shown and sealed; what no text may hold is no part of it.
    return Prose((name or "").replace("\0", "")[: Prose.max_length] or "file")


def action(
    carried: Carried,
    name: ActionName,
    fields: Mapping[str, Entered],
    sender: Sender,
    scene: Scene,
) -> Action:
    """What was sent, as an action. Raises FieldErrors."""
    read = _Fields(fields)
    note = read.words("note", _MISSING.get(name))
    delivered = read.day("delivered", scene.today) if name == "tender" else None
    attached = read.files("files") if name in BEARS_EVIDENCE else ()
    if read.errors:
        raise FieldErrors(read.errors)
    return Action(
        key=sender.key,
        name=name,
        by=sender.by,
        received_at=sender.received_at,
        rung=rung_of(name, carried.handle),
        note=note,
        delivered=delivered,
        attached=attached,
        about=carried.handle.about,
    )


def instruction(
    name: Literal["toll", "resume"], fields: Mapping[str, Entered], sender: Sender, scene: Scene
) -> Instruction:
    """What was sent, as an instruction. Raises FieldErrors."""
    read = _Fields(fields)
    request = _toll(read, scene) if name == "toll" else _resume(read, scene)
    if request is None:
        raise FieldErrors(read.errors)
    return Instruction(
        key=sender.key, by=sender.by, received_at=sender.received_at, request=request
    )


def _toll(read: _Fields, scene: Scene) -> Toll | None:
    milestones = tuple(milestone.id for milestone in scene.terms.milestones)
    given = {
        "event": read.event("event"),
        "since": read.day("since"),
        "milestones": read.some("milestones", milestones),
        "ladders": read.one("ladders", ("keep", "move"), "keep"),
        "clause": read.words("clause"),
        "note": read.words("note"),
    }
    since = scene.stopped.get(str(given["event"]))
    if since is not None:
        read.errors["event"] = f"This event stops time already, since {since}; name another."
    return None if read.errors else Toll.model_validate(given)


def _resume(read: _Fields, scene: Scene) -> Resume | None:
    event, on = read.one("event", tuple(scene.stopped)), read.day("on")
    given = {"event": event, "on": on, "note": read.words("note")}
    since = scene.stopped.get(event)
    if since is not None and on <= since and "on" not in read.errors:
        read.errors["on"] = f"Time has stopped on {since}; choose a later day."
    return None if read.errors else Resume.model_validate(given)
