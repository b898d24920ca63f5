"""Forms: what each action asks for, and how what a browser sends is read."""

from __future__ import annotations

from datetime import date
from typing import get_args
from urllib.parse import urlencode

import pytest

from ladders.actions import ACTIONS
from ladders.events import ActionName
from ladders.prose import Prose
from web.forms import FORMS, fields, read_form

TODAY = date(2026, 10, 2)


@pytest.mark.parametrize("name", get_args(ActionName))
def test_every_action_has_a_form_with_a_field_for_all_it_needs(name: ActionName) -> None:
    """What the table of actions requires can be given."""
    form, needs = FORMS[name], ACTIONS[name].needs
    assert form.note is not None or "note" not in needs
    assert form.is_dated == ("delivered" in needs)


@pytest.mark.parametrize("name", get_args(ActionName))
def test_an_empty_form_lacks_exactly_what_the_action_needs(name: ActionName) -> None:
    """All of it is said at once, field by field."""
    assert set(read_form(name, {}, TODAY).errors) == set(ACTIONS[name].needs)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    """A day that has not come, and words beyond what one entry can hold."""
    sent = {"delivered": "2026-10-03", "note": "x" * 2_001}
    assert read_form("tender", sent, TODAY).errors == {
        "delivered": "This day has not come yet; today is 2026-10-02.",
        "note": "This has 2,001 characters; write at most 2,000, and say where the rest can be "
        "found.",
    }


def test_words_that_look_sealed_are_asked_for_again() -> None:
    """They would be opened as the text of somebody else."""
    note, _, errors = read_form("note", {"note": f" sealed:{'0' * 64}\n"}, TODAY)
    assert note is None
    assert errors == {"note": "This cannot be recorded as it is; write it in other words."}


@pytest.mark.parametrize("day", ["", "tomorrow", "02/10/2026", "2026-13-01", "2026-10-02T00:00"])
def test_a_day_that_cannot_be_read_is_asked_for_again(day: str) -> None:
    """With an example."""
    errors = read_form("tender", {"delivered": day}, TODAY).errors
    assert errors == {"delivered": "Give the day of delivery, such as 2026-10-02."}


def test_words_are_taken_as_written_but_cannot_act() -> None:
    """Line ends are ours, controls and bidi overrides are gone, and space around is no text."""
    note = read_form("note", {"note": " a\r\nb\tc\x00\u202e\x07 \r\n"}, TODAY).note
    assert note == "a\nb c"
    assert isinstance(note, Prose)


@pytest.mark.parametrize("blank", ["", "  ", "\r\n\t", "\u202e\x00"])
def test_nothing_that_can_be_read_is_nothing(blank: str) -> None:
    """White space and what cannot be seen are no reason."""
    assert "note" in read_form("reject", {"note": blank}, TODAY).errors
    assert read_form("accept", {"note": blank}, TODAY) == (None, None, {})


def test_fields_that_a_form_does_not_have_are_not_read() -> None:
    """An acknowledgement takes no note, whatever is sent."""
    assert read_form("acknowledge", {"note": "x", "delivered": "x"}, TODAY) == (None, None, {})


def test_a_body_is_read_as_browsers_write_it() -> None:
    """Including an empty one."""
    sent = {"note": "Grüße & 1+1=2\r\n", "shown": ""}
    assert fields(urlencode(sent).encode()) == sent
    assert fields(b"") == {}


@pytest.mark.parametrize(
    "body",
    [b"note", b"note=%ff", b"\xff=1", b"note=a&note=b", b"&".join(b"a%d=1" % n for n in range(11))],
)
def test_a_body_that_no_browser_writes_is_refused(body: bytes) -> None:
    """Not guessed at."""
    with pytest.raises(ValueError, match=r"\w"):
        fields(body)
