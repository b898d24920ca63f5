"""Answers: every one has one name, whichever surface offers it or asks for it."""

from __future__ import annotations

from typing import get_args

import pytest

from channels.answers import ANSWERS
from ladders.events import ActionName
from web.forms import FORMS
from web.modals import FORMS as MODALS

SLACKS_MOST = 24


@pytest.mark.parametrize("name", get_args(ActionName))
def test_an_answer_is_called_the_same_by_link_and_in_slack(name: ActionName) -> None:
    """Title and button of both forms; the page says what follows as every message does."""
    answer, by_link, in_slack = ANSWERS[name], FORMS[name], MODALS[name]
    assert by_link.title == in_slack.title == answer.title
    assert by_link.button == in_slack.submit == answer.submit
    assert answer.meaning.lower() in by_link.meaning.lower()


@pytest.mark.parametrize("name", get_args(ActionName))
def test_slack_shows_all_of_it(name: ActionName) -> None:
    """Nothing of a title or a button is cut off."""
    assert max(len(ANSWERS[name].title), len(ANSWERS[name].submit)) <= SLACKS_MOST
