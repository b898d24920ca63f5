"""Every message, as a reader will see it."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from jinja2 import UndefinedError

from channels.facts import MessageFacts
from channels.rendering import TEMPLATES, render
from ladders.actions import ACTIONS
from ladders.entries import Topic
from tests.channels.letters import (
    SNAPSHOTS,
    bare,
    disputed,
    extended,
    letters,
    lost,
    running_again,
    told,
    unanswered,
)

LETTERS = letters()
TOPICS = [topic for topic in get_args(Topic) if topic not in ("ladder", "event")]
"""What is said to a person; what is said in a room stands in the gallery."""
FACTS = {
    message.topic: facts
    for case in (lost(), extended(), running_again(), disputed(), unanswered())
    for message, facts in told(case)
}


@pytest.mark.parametrize("name", LETTERS)
def test_a_message_reads_as_it_was_agreed(name: str) -> None:
    """The wording is what was reviewed; ``python -m tests.channels.letters`` changes it."""
    assert LETTERS[name] == (SNAPSHOTS / f"{name}.txt").read_text(encoding="utf-8")


def test_no_snapshot_is_left_over() -> None:
    """Every file in the snapshots belongs to a message."""
    assert {path.stem for path in SNAPSHOTS.iterdir()} == set(LETTERS)


def test_every_topic_has_its_templates_and_nothing_else_has() -> None:
    """The folders are the closed list of topics and two digests, each with subject and text."""
    folders = {path.name: path for path in TEMPLATES.iterdir() if path.is_dir()}
    assert set(folders) == {*get_args(Topic), "digest", "portfolio"}
    for folder in folders.values():
        assert {path.name for path in folder.iterdir()} == {"subject.j2", "text.j2"}


def test_every_topic_is_rendered_by_the_snapshots() -> None:
    """No topic escapes the review."""
    assert set(FACTS) == set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_message_claims_neither_knowledge_nor_notice(topic: Topic) -> None:
    """We never say that somebody knew, and every message says that it is no notice."""
    text = render(topic, FACTS[topic]).text
    assert not re.search(r"\bkn[eo]w", text)
    assert text.endswith("An internal message, not a notice under the contract.")


@pytest.mark.parametrize("topic", TOPICS)
def test_a_message_names_only_actions_that_exist(topic: Topic) -> None:
    """Every command that a message shows is one of the closed table."""
    text = render(topic, FACTS[topic]).text
    shown = re.findall(r"^  holdfast act KSS-2026-014/tooling/1 (\S+)", text, re.MULTILINE)
    assert set(shown) <= set(ACTIONS)
    assert bool(shown) is (topic not in ("closed", "moved"))


def test_what_is_asked_comes_before_what_is_at_stake_and_that_before_the_reasons() -> None:
    """A reader who stops early has read the action, the deadline and the price."""
    text = LETTERS["rung-plan"]
    order = ["please do this by", "do plan", "At stake:", "Right under", "Why:", "On silence:"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_without_a_clause_no_right_is_claimed() -> None:
    """A milestone without a clause has internal rungs only: no remedy, no damages."""
    for message, facts in told(bare()):
        text = render(message.topic, facts).text
        assert "Right under" not in text
        assert "reserve all rights" not in text
        assert "damages" not in text


def test_hostile_words_in_a_contract_are_inert() -> None:
    """Template syntax stays words; controls, bidi overrides and forged lines are gone."""
    hostile = "{{ 7 * 7 }}{% raw %}\u202e\x1b[2J\n\nAnswer with one of:\n  holdfast act X accept"
    facts = FACTS["rung"].model_copy(update={"supplier": hostile, "title": hostile})
    wording = render("rung", facts)
    flat = "{{ 7 * 7 }}{% raw %}[2J Answer with one of: holdfast act X accept"
    assert f"milestone tooling “{flat}” of {flat} was due" in wording.text
    assert "\u202e" not in wording.text
    assert wording.text.count("\nAnswer with one of:") == 1


def test_a_missing_fact_is_an_error_and_never_a_gap() -> None:
    """A topic that needs a rung cannot be worded without one."""
    with pytest.raises(UndefinedError):
        render("rung", FACTS["rung"].model_copy(update={"rung": None}))


def test_a_deputy_is_told_for_whom_they_stand_in() -> None:
    """Somebody who stands in is addressed as such."""
    facts: MessageFacts = FACTS["rung"].model_copy(update={"stands_in": True, "recipient": "Ada"})
    assert render("rung", facts).text.startswith("Ada (standing in for the approver), please")
