"""Forms: what each answer by link asks for, and how what was sent is read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple
from urllib.parse import parse_qsl

from ladders.actions import ACTIONS
from ladders.events import ActionName
from ladders.prose import Prose
from web.words import Unfit, words

_MOST_FIELDS = 10


class Form(NamedTuple):
    """What a page asks for. ``note`` is the label of the text field, if there is one.

    ``meaning`` says what follows, as a sentence; ``files`` that evidence would be of use.
    """

    title: str
    meaning: str
    button: str
    note: str | None = None
    is_dated: bool = False
    files: bool = False


FORMS: dict[ActionName, Form] = {
    "acknowledge": Form(
        title="Acknowledge",
        meaning="You have seen this: reminders pause, no clock does.",
        button="I have seen this",
    ),
    "complete": Form(
        title="Report the action done",
        meaning="The action is recorded as done. The ladder itself goes on until a delivery is "
        "accepted.",
        button="Report it done",
        note="What was done",
        files=True,
    ),
    "confirm": Form(
        title="Say that it was not delivered",
        meaning="It counts as missed once the due date is over, and the ladder climbs.",
        button="It was not delivered",
    ),
    "escalate": Form(
        title="Open the next rung now",
        meaning="The next rung opens at once, and whoever it is for is told.",
        button="Open the next rung",
        note="The reason",
    ),
    "tender": Form(
        title="Report the delivery",
        meaning="It was delivered on the day you name. The authority is asked to accept.",
        button="Report the delivery",
        note="What was delivered",
        is_dated=True,
        files=True,
    ),
    "accept": Form(
        title="Accept the delivery",
        meaning="The ladder closes for good, from the day of delivery. Reserve rights here if "
        "damages are to be kept: acceptance is final.",
        button="Accept",
        note="Reservation or note",
    ),
    "reject": Form(
        title="Reject the delivery",
        meaning="The ladder goes on, and whoever tendered is told your reasons.",
        button="Reject",
        note="Your reasons",
    ),
    "withdraw": Form(
        title="Close the ladder as opened in error",
        meaning="The ladder closes for good, without admission: neither cured nor waived.",
        button="Close the ladder",
        note="The reason",
    ),
    "note": Form(
        title="Add a note",
        meaning="What you write is put on record. Nothing else changes.",
        button="Add the note",
        note="Your note",
    ),
}
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
