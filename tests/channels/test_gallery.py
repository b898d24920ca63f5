"""Every message as Slack gets it: as it was reviewed, valid, and inert whatever a contract says."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import pytest
from rich.console import Console
from slack_sdk.models.blocks import Block

from commands.gallery import gallery, pictures
from ladders.contract import Contract
from ladders.entries import Topic
from ladders.prose import Prose, replace_leaves
from tests.channels.exhibition import EXAMPLE, SNAPSHOTS, example, messages, written
from tests.slack.shapes import check_message, live_marks, live_text

MESSAGES = messages(example())
HOSTILE = (
    "<!channel> <@U012AB3CD> <https://evil.example|click> & `code` *bold* _it_ ~no~ "
    ">quote :tada: \u202e\u2066gnp.exe\u2069 \x07\x1b[2J "
    "\ue0001791000000|now\ue001 http://x.example "
)


def hostile(text: str = HOSTILE) -> Contract:
    """The example, its every text field as long as a contract file lets it be, and hostile."""
    longest = (text * (Prose.max_length // len(text) + 1))[: Prose.max_length]
    stated = example()
    milestones = tuple(
        milestone.model_copy(update={"title": Prose("t"), "acceptance": Prose("a")})
        for milestone in stated.milestones
    )
    people = tuple(p.model_copy(update={"name": Prose("n")}) for p in stated.people)
    full = stated.model_copy(update={"milestones": milestones, "people": people})
    said = replace_leaves(full, Prose, lambda _: longest)
    return said.model_copy(update={"slack_channel": stated.slack_channel})


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_looks_as_it_was_agreed(name: str) -> None:
    """``python -m tests.channels.exhibition`` changes it."""
    assert written(MESSAGES[name]) == (SNAPSHOTS / f"{name}.json").read_text(encoding="utf-8")


def test_no_snapshot_is_left_over() -> None:
    """Every file belongs to a message."""
    assert {path.stem for path in SNAPSHOTS.iterdir()} == set(MESSAGES)


def test_the_gallery_shows_every_kind_of_message() -> None:
    """What is said in a room goes by other names; some that are spent are there too."""
    shown = {name for topic in get_args(Topic) for name in MESSAGES if name.startswith(topic)}
    topics = {topic for topic in get_args(Topic) if any(n.startswith(topic) for n in shown)}
    assert set(get_args(Topic)) - topics == {"ladder", "event"}
    assert any(name.startswith("board-") for name in MESSAGES)
    assert any(name.startswith("thread-") for name in MESSAGES)
    spent = [MESSAGES[name] for name in MESSAGES if name.startswith("spent-")]
    assert spent
    for message in spent:
        assert "actions" not in [block["type"] for block in blocks_of(message)]
        assert "Nothing is to be answered here any more." in str(message["blocks"])


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_is_valid(name: str) -> None:
    """Slack's rules, and the SDK's own models, find nothing wrong."""
    assert check_message(MESSAGES[name]) == []
    for block in blocks_of(MESSAGES[name]):
        parsed = Block.parse(block)
        assert parsed is not None
        assert parsed.to_dict() == block


@pytest.mark.parametrize("name", MESSAGES)
def test_what_is_asked_and_what_is_at_stake_come_first(name: str) -> None:
    """Nothing but the headline stands before them, and there are at most five answers."""
    kinds = [block["type"] for block in blocks_of(MESSAGES[name])]
    expected = ["rich_text"] if name.startswith("thread-") else ["header", "rich_text"]
    assert kinds[: len(expected)] == expected
    assert kinds[-1] == "context"
    text = MESSAGES[name]["text"]
    if "At stake:" in text and "Why:" in text:
        assert text.index("At stake:") < text.index("Why:")
    for block in blocks_of(MESSAGES[name]):
        if block["type"] == "actions":
            assert 1 <= len(block["elements"]) <= 5


def test_hostile_words_in_a_contract_do_nothing_in_slack() -> None:
    """Every text field of the contract holds mentions, links, marks, bidi and control characters.

    Nothing in any message fires but our own link to the board, everything keeps within Slack's
    limits, and no control character is left.
    """
    for name, message in messages(hostile()).items():
        assert check_message(message) == [], name
        marks = [mark for mark in live_marks(message) if "example.slack.com" not in mark]
        assert marks == [], name
        for text in live_text(message):
            assert "http://x.example" not in text or text == message["text"], name
        for text in texts(message):
            assert not set(text) & set("\u202e\u2066\u2069\x07\x1b\ue000\ue001"), name


def test_only_parsed_text_is_sent_as_such() -> None:
    """No block that we build is read by Slack for marks: all is plain or rich text."""
    for message in messages(hostile()).values():
        assert "mrkdwn" not in {*types(message)}


@pytest.mark.parametrize("surface", ["console", "email"])
def test_elsewhere_hostile_words_forge_no_line(surface: Any) -> None:
    """A contract's words never begin a line of the text."""
    for picture in pictures(hostile("x\n\nAnswer with one of:\n  holdfast act\u202e ")):
        name, text = picture.name, picture.letter(surface).text
        lines = [line for line in text.split("\n") if line.startswith("Answer with one of:")]
        assert len(lines) <= 1, name
        assert "\u202e" not in text


def test_what_was_shown_is_always_the_same() -> None:
    """A message that is rendered again is the same, so that a repeated post says the same."""
    assert messages(example()) == MESSAGES


def blocks_of(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The blocks of a message."""
    return list(message["blocks"])


def texts(value: Any) -> list[str]:
    """Every string in a message."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


def types(value: Any) -> list[str]:
    """Every ``type`` in a message."""
    if isinstance(value, list):
        return [name for each in value for name in types(each)]
    if not isinstance(value, dict):
        return []
    own = [value["type"]] if isinstance(value.get("type"), str) else []
    return own + [name for each in value.values() for name in types(each)]


def test_only_what_is_mailed_is_shown_as_a_mail(tmp_path: Path) -> None:
    """Boards and threads stand in Slack alone; what became of a mail later changes no mail."""
    paper = Console(file=StringIO())
    now = datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert gallery(EXAMPLE, tmp_path, as_of=now, console=paper) == 0
    mailed = {path.name.removesuffix(".mail.txt") for path in tmp_path.glob("*.mail.txt")}
    in_slack = ("board-", "thread-", "later-", "spent-")
    assert mailed == {name for name in MESSAGES if not name.startswith(in_slack)}
    assert mailed == {path.name.removesuffix(".mail.html") for path in tmp_path.glob("*.mail.html")}
    assert "<strong>At stake:</strong>" in (tmp_path / "tender.mail.html").read_text()
