"""``holdfast register``: many files at once, foretold, asked about, and all or none."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.commands.shell import Running, Shell, wait_until

TODAY = datetime.now(UTC).date()
AHEAD, PAST = TODAY + timedelta(days=60), TODAY - timedelta(days=30)
HOUSE = """\
zone: Europe/Berlin
calendar: DE-BW
opens: "00:00"
owner: mira@ardent.example
approver: carla@ardent.example
"""


class Desk(NamedTuple):
    """Holdfast running, and a shell to type in."""

    shell: Shell
    running: Running


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One server for the tests that register something."""
    shell = Shell(tmp_path_factory.mktemp("register"))
    with shell.up() as running:
        yield Desk(shell, running)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder beside a house file."""
    (tmp_path / "house.yaml").write_text(HOUSE, encoding="utf-8")
    return tmp_path


def write(folder: Path, name: str, *milestones: str, supplier: str = "Kitano") -> Path:
    """Write a contract file; each milestone is its fields, on one line."""
    items = "".join(f"  - {{{milestone}}}\n" for milestone in milestones)
    path = folder / f"{name.lower()}.yaml"
    text = f"contract: {name}\nsupplier: {supplier}\nmilestones:\n{items}"
    path.write_text(text, encoding="utf-8")
    return path


def ahead(name: str = "tooling") -> str:
    """A milestone that lies ahead."""
    return f"id: {name}, due: {AHEAD}"


def past(name: str = "tooling", more: str = "") -> str:
    """A milestone whose date has passed."""
    return f"id: {name}, due: {PAST}{more}"


def traces(shell: Shell, contracts: str) -> tuple[int, int]:
    """How many entries and requests there are of contracts whose number begins so."""
    with closing(sqlite3.connect(shell.data / "ledger.sqlite")) as connection:
        entries, requests = (
            connection.execute(f"SELECT count(*) FROM {table} WHERE contract LIKE '{contracts}%'")
            for table in ("entry", "inbox")
        )
        return entries.fetchone()[0], requests.fetchone()[0]


def test_a_folder_is_registered_and_registered_again(desk: Desk, folder: Path) -> None:
    """The second time nothing happens, and a file that was added is all that is done."""
    names = [f"ALL-{number}" for number in range(5)]
    for name in names:
        write(folder, name, ahead())
    done = desk.shell.type("register", str(folder))
    assert done.code == 0, done.said
    assert "Today nothing would be sent." in done.said
    assert done.said.endswith("5 contracts are registered and watched.\n")
    before = traces(desk.shell, "ALL-")
    again = desk.shell.type("register", str(folder))
    assert (again.code, traces(desk.shell, "ALL-")) == (0, before) == (0, (5, 5))
    assert "5 contracts are registered already, from the same file" in again.said
    write(folder, "ALL-NEW", ahead())
    added = desk.shell.type("register", str(folder), "--json")
    outcomes = {one["contract"]: one["outcome"] for one in added.document["contracts"]}
    assert outcomes == dict.fromkeys(names, "registered already") | {"ALL-NEW": "registered"}


def test_nothing_is_registered_if_anything_is_wrong(desk: Desk, folder: Path) -> None:
    """All problems of all files are told at once, and none of them leaves a trace."""
    write(folder, "BAD-1", ahead())
    write(folder, "BAD-2", "id: tooling, due: soon")
    write(folder, "BAD-3", ahead(), ahead())
    write(folder, "BAD-4", past())
    twin = write(folder, "BAD-5", ahead())
    shutil.copy(twin, folder / "twin.yaml")
    refused = desk.shell.type("register", str(folder), "--yes")
    assert refused.code == 1
    for words in (
        "'soon' is not a date",
        "milestone id 'tooling' is used twice",
        "nothing says what is so",
        f"twin.yaml:1:11  contract  BAD-5 stands in {twin} too",
        "4 problems",
    ):
        assert words in refused.said
    assert traces(desk.shell, "BAD-") == (0, 0)
    told = desk.shell.type("register", str(folder), "--json", "--yes")
    assert (told.code, len(told.document["problems"])) == (1, 4)


def test_a_file_that_was_changed_is_no_longer_the_registered_one(desk: Desk, folder: Path) -> None:
    """It is told before anything else is registered beside it."""
    path = write(folder, "CHANGED", ahead())
    assert desk.shell.type("register", str(path)).code == 0
    write(folder, "CHANGED", ahead("other"))
    write(folder, "BESIDE", ahead())
    refused = desk.shell.type("register", str(folder))
    assert refused.code == 1
    assert "CHANGED is registered already, from a file with other content" in refused.said
    assert desk.shell.type("status", "BESIDE").code == 1


def test_a_preview_registers_nothing_and_needs_no_server(tmp_path: Path, folder: Path) -> None:
    """It names who would be told what today, by address, and when each ladder begins."""
    shell = Shell(tmp_path)
    write(folder, "PRE-1", past(more=", past_due: open"))
    write(folder, "PRE-2", ahead())
    said = shell.type("register", str(folder), "--preview")
    assert said.code == 0
    assert "Today 2 messages would be sent" in said.said
    assert "carla@ardent.example: 1, mira@ardent.example: 1" in said.said
    first, second = shell.type("register", str(folder), "--preview", "--json").document["contracts"]
    assert [one["to"] for one in first["sendings"]] == [
        "carla@ardent.example",
        "mira@ardent.example",
    ]
    begins = f"{AHEAD - timedelta(days=10)}T00:00"
    assert (second["begins"], second["outcome"]) == (begins, None)
    assert traces(shell, "PRE-") == (0, 0)


def test_messages_are_not_sent_from_a_pipe_unless_that_is_said(desk: Desk, folder: Path) -> None:
    """The preview is printed, and nothing is registered before --yes."""
    path = write(folder, "PIPE", past(more=", past_due: open"))
    refused = desk.shell.type("register", str(path))
    assert refused.code == 1
    assert "Today 2 messages would be sent" in refused.said
    assert "add --yes if that is meant; nothing was registered" in refused.said
    assert desk.shell.type("status", "PIPE").code == 1
    assert desk.shell.type("register", str(path), "--yes").code == 0
    desk.running.wait_for("PIPE tooling: missed")


def test_past_dates_are_asked_about_on_a_terminal(desk: Desk, folder: Path) -> None:
    """The answers stand in the file, which then is the one that is registered."""
    path = write(folder, "ASKED", past(), past("ppap"), ahead("sop"))
    said = desk.shell.talk("perhaps\nopen\ndelivered\ny\n", "register", str(path))
    assert said.code == 0, said.said
    assert f"ASKED/tooling was due on {PAST}: delivered or open?" in said.said
    assert "answer with one of the two words" in said.said
    assert "Register 1 contract, and send 2 messages today?" in said.said
    assert "ASKED is registered and watched." in said.said
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[3:] == [
        f"  - {{{past('tooling', ', past_due: open')}}}",
        f"  - {{{past('ppap', ', past_due: delivered')}}}",
        f"  - {{{ahead('sop')}}}",
    ]
    assert phases(desk.shell, "ASKED") == {
        "tooling": "climbing",
        "ppap": "delivered",
        "sop": "waiting",
    }
    assert "registered already" in desk.shell.type("register", str(path)).said


def phases(shell: Shell, contract: str) -> dict[str, str]:
    """Where each milestone of a contract stands, once its first ladder has begun to climb."""
    wait_until(lambda: "climbing" in shell.type("status", contract, "--json").said)
    shown = shell.type("status", contract, "--json", "--all").document
    settled = {each["milestone"]: each["outcome"] or each["status"] for each in shown["milestones"]}
    return settled | {each["milestone"]: each["phase"] for each in shown["ladders"]}


def test_whoever_says_no_has_changed_nothing(desk: Desk, folder: Path) -> None:
    """Neither the ledger nor the file."""
    path = write(folder, "DECLINED", past())
    before = path.read_bytes()
    said = desk.shell.talk("open\nn\n", "register", str(path))
    assert said.code == 1
    assert "nothing was registered" in said.said
    assert (traces(desk.shell, "DECLINED"), path.read_bytes()) == ((0, 0), before)


def test_past_dates_can_be_told_beforehand(desk: Desk, folder: Path) -> None:
    """The same command again changes nothing, so that it can be repeated after a failure."""
    path = write(folder, "TOLD", past(), ahead("ppap"))
    words = ("register", str(path), "--past-due", "TOLD/tooling=delivered")
    assert desk.shell.type(*words).code == 0
    assert "past_due: delivered" in path.read_text(encoding="utf-8")
    again = desk.shell.type(*words)
    assert (again.code, "registered already" in again.said) == (0, True)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("TOOLING=open", "no file leaves this open: TOOLING=open"),
        ("LOST/tooling", "is no answer"),
        ("LOST/tooling=perhaps", "is no answer"),
        ("LOST/ppap=open", "left open is: LOST/tooling"),
        ("LOST/sop=delivered", "no file leaves this open"),
    ],
)
def test_an_answer_that_would_be_lost_is_refused(
    desk: Desk, folder: Path, answer: str, said: str
) -> None:
    """To no milestone, to one that lies ahead, or against what its file says."""
    path = write(folder, "LOST", past(), ahead("ppap"), past("sop", ", past_due: open"))
    before = path.read_bytes()
    refused = desk.shell.type("register", str(path), "--yes", "--past-due", answer)
    assert (refused.code, path.read_bytes()) == (1, before)
    assert said in refused.said
    assert desk.shell.type("status", "LOST").code == 1


def test_without_temporal_everything_is_stored_and_applied_later(folder: Path) -> None:
    """One attempt tells that it is away; nothing need be repeated."""
    shell = Shell(folder)
    for number in range(3):
        write(folder, f"LATER-{number}", ahead())
    said = shell.type("register", str(folder))
    assert said.code == 1
    assert said.said.count("recorded") >= 3
    assert "nothing need be repeated" in said.said
    assert traces(shell, "LATER-") == (0, 3)


def test_a_folder_without_contracts_is_refused(folder: Path) -> None:
    """A house file alone is none."""
    shell = Shell(folder)
    refused = shell.type("register", str(folder))
    assert refused.code == 1
    assert "no contract file stands in" in refused.said
