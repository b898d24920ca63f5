"""Forms: what each answer by link asks for, and how what was sent is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from urllib.parse import parse_qsl

from channels.answers import ANSWERS
from ladders.actions import ACTIONS
from ladders.events import ActionName
from ladders.prose import Prose
from web.words import Unfit, words

_MOST_FIELDS = 10


class Form(NamedTuple):
    """What a page asks for. ``note`` is the label of the text field, if there is one.

    ``more`` goes beyond what the answer means everywhere; ``files`` says that evidence would be of
    use.
    """

    name: ActionName
    note: str | None = None
    more: str = ""
    is_dated: bool = False
    files: bool = False

    @property
    def title(self) -> str:
        """What the answer is called."""
        return ANSWERS[self.name].title

    @property
    def button(self) -> str:
        """What stands on the button that sends it."""
        return ANSWERS[self.name].submit

    @property
    def meaning(self) -> str:
        """What follows, in sentences."""
        return f"{ANSWERS[self.name].consequence} {self.more}".strip()


_FORMS = (
    Form("acknowledge"),
    Form("complete", note="What was done", files=True),
    Form("confirm", more="The ladder climbs from then on."),
    Form("escalate", note="The reason"),
    Form("tender", note="What was delivered", is_dated=True, files=True),
    Form(
        "accept",
        note="Reservation or note",
        more="Reserve rights here if damages are to be kept: acceptance is final.",
    ),
    Form("reject", note="Your reasons", more="Whoever tendered is told your reasons."),
    Form("withdraw", note="The reason", more="It closes for good, neither cured nor waived."),
    Form("note", note="Your note", files=True),
)
FORMS = {form.name: form for form in _FORMS}
"""The form of each action. Which fields must be filled stands in the table of actions."""


class Filled(NamedTuple):
    """What a form brought, as far as it can be used, and what is wrong, by field."""

    note: Prose | None
    delivered: date | None
    errors: dict[str, str]


def fields(body: bytes) -> dict[str, str]:
    """The fields of a form as a browser sends it (URL-encoded, UTF-8).

    Raises ValueError where it is anything else, or holds a field twice.
    """
    pairs = parse_qsl(
        body.decode("ascii"),
        keep_blank_values=True,
        strict_parsing=bool(body),
        errors="strict",
        max_num_fields=_MOST_FIELDS,
    )
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a field is there twice")
    return found


def read_form(name: ActionName, sent: Mapping[str, str], today: date) -> Filled:
    """Read what was ``sent`` for the action ``name``, finding everything that is wrong with it.

    ``today`` is the day it is under the contract; a delivery cannot be reported ahead.
    """
    form, errors = FORMS[name], dict[str, str]()
    note = _note(name, sent.get("note", ""), errors) if form.note is not None else None
    day = _day(sent.get("delivered", ""), today, errors) if form.is_dated else None
    return Filled(note=note, delivered=day, errors=errors)


def _note(name: ActionName, text: str, errors: dict[str, str]) -> Prose | None:
    try:
        note = words(text)
    except Unfit as fault:
        errors["note"] = str(fault)
        return None
    if note is None and "note" in ACTIONS[name].needs:
        errors["note"] = "Write something here: it is put on record with your answer."
    return note


def _day(text: str, today: date, errors: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        errors["delivered"] = f"Give the day of delivery, such as {today}."
        return None
    if day > today:
        errors["delivered"] = f"This day has not come yet; today is {today}."
        return None
    return day
