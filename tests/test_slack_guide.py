"""What ``docs/slack.md`` says is so: its contract is right, its codes and scopes are ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from channels.remedies import REMEDIES
from channels.slack_scopes import APP_SCOPES, BOT_SCOPES
from tests.commands.shell import Shell, wait_until
from tests.slack.fake import fake_slack
from tests.test_readme import blocks, page, prose

GUIDE = "docs/slack.md"


def rows() -> list[list[str]]:
    """The codes of each row of the table of parked messages."""
    lines = [line for line in page(GUIDE).splitlines() if line.startswith("| `")]
    return [re.findall(r"`([^`]+)`", line.split("|")[1]) for line in lines]


def test_every_code_has_its_row() -> None:
    """And no row is of a code that no remedy knows."""
    assert sorted(code for row in rows() for code in row) == sorted(REMEDIES)


def test_rows_join_codes_of_one_remedy() -> None:
    """What stands together in a row is mended in the same way."""
    for row in rows():
        assert len({REMEDIES[code] for code in row}) == 1, row


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A folder with the files to try, written as the page shows them."""
    texts = blocks(GUIDE, "yaml")
    for text in texts:
        path = tmp_path / text.splitlines()[0].removeprefix("# ")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert len(texts) == 2
    return Shell(tmp_path)


def test_the_contract_to_try_is_right(shell: Shell) -> None:
    """It is checked without a complaint."""
    ran = shell.type("check", str(shell.folder / "try"))
    assert ran.code == 0, ran.said


def test_the_first_escalation(shell: Shell) -> None:
    """What section 4 promises: a board and its thread in the channel, a message that asks you."""
    with fake_slack() as slack:
        you = slack.add_user("you@example.com", name="Your Name")
        room = slack.add_channel("supplier-escalations", members=[you])
        settings = {"HOLDFAST_SLACK_TOKEN": slack.token, "HOLDFAST_SLACK_API": slack.base_url}
        with shell.up(**settings):
            done = shell.type("register", str(shell.folder / "try"), "--yes", **settings)
            assert done.code == 0, done.said
            assert "Known to Slack: 1 member." in done.said
            asked = slack.dm(you).id
            wait_until(lambda: "holdfast.acknowledge" in str(slack.messages(asked)))
            board, *thread = slack.messages(room.id)
            assert thread
            assert {each.thread_ts for each in thread} == {board.ts}
            assert "parked:" not in shell.type("status").said


def test_every_scope_named_is_one_that_is_asked_for() -> None:
    """So that nobody grants by hand what the manifest does not."""
    listed = frozenset[str]().union(*BOT_SCOPES.values(), *APP_SCOPES.values())
    named = set(re.findall(r"`([a-z.]+:(?:read|write|history)[a-z.]*)`", prose(GUIDE)))
    assert named
    assert named <= listed


def test_every_call_named_is_one_that_is_made() -> None:
    """The checklist looks at what Holdfast relies on."""
    called = set(
        re.findall(r"\b((?:auth|chat|conversations|users)\.[a-z]+[A-Za-z.]*)", page(GUIDE))
    )
    assert called
    assert called <= {*BOT_SCOPES}


def test_the_checklist_is_whole() -> None:
    """Whatever the fake Slack cannot show stands there, each with something to look for."""
    _, _, checklist = page(GUIDE).partition("## What only a real workspace can show")
    numbers = [int(number) for number in re.findall(r"^(\d+)\. \*\*", checklist, re.MULTILINE)]
    assert numbers == [*range(1, len(numbers) + 1)]
    for words in ("Metadata", "deleted board", "expired", "files:read", "socket", "Push", "Dates"):
        assert words in checklist
