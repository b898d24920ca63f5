"""People are looked up in Slack as they are registered, and it is said who was not found."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from channels.slack_directory import Member
from commands.introducing import Introduction
from desk.members import Sighting
from tests.commands.shell import Ran, Shell
from tests.slack.fake import FakeSlack, fake_slack

CONTRACT = """\
contract: {name}
supplier: Kitano Sealing Systems
zone: Europe/Berlin
calendar: DE-BW
owner: mira@ardent.example
approver: cpo@ardent.example
people:
  - {{name: Mira Sommer, email: mira@ardent.example}}
  - {{name: Carla Brandt, email: cpo@ardent.example}}
  - {{name: Jonas Weber, email: jonas@ardent.example, slack: {jonas}}}
milestones:
  - {{id: tooling, due: 2090-10-01}}
"""
APPROVER = ("--as", "cpo@ardent.example")


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """One server for all that is registered here."""
    shell = Shell(tmp_path_factory.mktemp("introducing"))
    with shell.up():
        yield shell


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """A workspace in which everybody but Carla Brandt is."""
    with fake_slack() as slack:
        slack.add_user("mira@ardent.example", id="U0MIRA0001")
        slack.add_user("somebody@ardent.example", id="U0JONAS001")
        yield slack


def type_there(shell: Shell, slack: FakeSlack, *words: str, **more: str) -> Ran:
    """Type a command where that Slack is set."""
    settings = {"HOLDFAST_SLACK_TOKEN": slack.token, "HOLDFAST_SLACK_API": slack.base_url}
    return shell.type(*words, **settings, **more)


def register(shell: Shell, slack: FakeSlack, name: str, *words: str, **more: str) -> Ran:
    """Register a contract of that name."""
    text = CONTRACT.format(name=name, jonas=more.pop("jonas", "U0JONAS001"))
    return type_there(shell, slack, "register", shell.file(f"{name}.yaml", text), *words, **more)


def remembered(data: Path) -> set[tuple[str, str]]:
    """The address and the Slack member id of everybody who is remembered."""
    query = "SELECT identity, member FROM slack_identity JOIN identity USING (ref)"
    with closing(sqlite3.connect(data / "ledger.sqlite")) as connection:
        return {*connection.execute(query)}


def test_whoever_is_registered_is_looked_up(shell: Shell, slack: FakeSlack) -> None:
    """By address, or by the id in the file; a line says who was not found, and what follows."""
    done = register(shell, slack, "INT-1")
    assert done.code == 0, done.said
    assert "INT-1 is registered and watched." in done.said
    assert (
        "Carla Brandt (cpo@ardent.example): nobody in Slack has this address; "
        "messages to them reach nobody" in done.said
    )
    assert "Known to Slack: 2 members." in done.said
    assert remembered(shell.data) >= {
        ("mira@ardent.example", "U0MIRA0001"),
        ("jonas@ardent.example", "U0JONAS001"),
    }


def test_programs_are_told_the_same(shell: Shell, slack: FakeSlack) -> None:
    """In the one document; where mail is set, it is what takes over."""
    done = register(shell, slack, "INT-2", "--json", HOLDFAST_SMTP_HOST="mail.ardent.example")
    people = {each["address"]: each for each in done.document["people"]}
    assert people["mira@ardent.example"]["slack"] == {"team": slack.team, "id": "U0MIRA0001"}
    assert people["cpo@ardent.example"]["slack"] is None
    assert "go by e-mail" in people["cpo@ardent.example"]["remedy"]
    assert done.document["slack_problem"] is None


def test_a_channel_in_which_nothing_can_be_posted_is_told(shell: Shell, slack: FakeSlack) -> None:
    """As it is registered, not when the first message waits; an amendment that names one too."""
    room = slack.add_channel("suppliers", bot_is_member=False)
    text = CONTRACT.format(name="INT-7", jonas="U0JONAS001")
    file = shell.file("INT-7.yaml", text + 'slack_channel: "#suppliers"\n')
    done = type_there(shell, slack, "register", file)
    assert done.code == 0, done.said
    waits = "Channel #suppliers is there without the bot, so what is said there waits; "
    assert f"{waits}/invite @Holdfast in #suppliers." in done.said
    slack.invite_bot(room)
    settled = type_there(shell, slack, "register", file)
    assert "registered already, from the same file" in settled.said
    assert "put in force by holdfast amend" in settled.said
    shell.file("INT-7.yaml", text + 'slack_channel: "#elsewhere"\n')
    amended = type_there(
        shell, slack, "amend", file, "--because", "signed-amendment", "--ladders", "keep",
        "--yes", "--json", *APPROVER,
    )  # fmt: skip
    assert "Channel #elsewhere is not there, or is private" in str(amended.document["slack"])


def test_registration_stands_while_slack_is_away(shell: Shell, slack: FakeSlack) -> None:
    """And a line says what makes up for it."""
    slack.pause()
    done = register(shell, slack, "INT-3")
    assert done.code == 0, done.said
    assert "INT-3 is registered and watched." in done.said
    assert "Slack did not say who is who (connection_refused)" in done.said
    assert "holdfast doctor looks people up later" in done.said


def test_a_wrong_member_id_in_the_file_is_told(shell: Shell, slack: FakeSlack) -> None:
    """Nobody else is taken in its place."""
    done = register(shell, slack, "INT-4", jonas="U0NOBODY99")
    assert done.code == 0, done.said
    assert "Jonas Weber (jonas@ardent.example): Slack knows no member U0NOBODY99" in done.said


def test_successors_and_whoever_an_amendment_brings_are_looked_up(
    shell: Shell, slack: FakeSlack
) -> None:
    """In the same way, once it is recorded."""
    register(shell, slack, "INT-5")
    slack.add_user("dora@ardent.example", id="U0DORA0001")
    successor = ("mira@ardent.example", "dora@ardent.example", "INT-5")
    done = type_there(shell, slack, "reassign", *successor, "--yes", *APPROVER)
    assert done.code == 0, done.said
    assert "Known to Slack: 1 member." in done.said
    assert ("dora@ardent.example", "U0DORA0001") in remembered(shell.data)
    slack.add_user("eva@ardent.example", id="U0EVA00001")
    text = CONTRACT.format(name="INT-5", jonas="U0JONAS001").replace("mira@", "eva@")
    amended = type_there(
        shell, slack, "amend", shell.file("INT-5.yaml", text), "--because", "signed-amendment",
        "--ladders", "keep", "--yes", *APPROVER,
    )  # fmt: skip
    assert amended.code == 0, amended.said
    assert ("eva@ardent.example", "U0EVA00001") in remembered(shell.data)


def test_without_slack_nothing_is_said_of_it(shell: Shell, slack: FakeSlack) -> None:
    """Nor is anybody looked up."""
    text = CONTRACT.format(name="INT-6", jonas="U0JONAS001")
    done = shell.type("register", shell.file("INT-6.yaml", text))
    assert done.code == 0, done.said
    assert "Slack" not in done.said
    assert slack.calls == []


def test_a_line_names_an_address_once() -> None:
    """Of somebody whose name nobody knows."""
    member = Member(team="T1", id="U1", name="Mira")
    found = Introduction(
        (
            Sighting("x@y.example", "x@y.example", None, "is not there", "do this"),
            Sighting("Mira", "m@y.example", member),
        )
    )
    assert [*found.lines()] == ["x@y.example: is not there; do this.", "Known to Slack: 1 member."]
