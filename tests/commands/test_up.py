"""``holdfast up`` and the commands beside it: real processes, in real time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from filelock import FileLock
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from tests.commands.shell import Running, Shell, listens, wait_until

MIRA, CARLA = "mira@ardent.example", "carla@ardent.example"
LADDER = "KSS-1/tooling/1"
TODAY = datetime.now(UTC).date()

CONTRACT = """\
contract: {contract}
supplier: {supplier}
zone: Europe/Berlin
calendar: DE-BW
opens: "00:00"
owner: mira@ardent.example
approver: carla@ardent.example
people:
  - email: mira@ardent.example
    name: Mira Sommer
  - email: carla@ardent.example
    name: Carla Petrov
milestones:
  - id: tooling
    due: {overdue}
    past_due: open
    clause: "6.1"
  - id: ppap
    due: {ahead}
"""


class Up(NamedTuple):
    """Holdfast running in a shell's folder, with contract KSS-1 registered."""

    shell: Shell
    running: Running


def contract(name: str = "KSS-1", supplier: str = "Kitano Sealing Systems") -> str:
    """A contract with one milestone that was missed weeks ago, and one that lies far ahead."""
    ahead, overdue = TODAY + timedelta(days=200), TODAY - timedelta(days=40)
    return CONTRACT.format(contract=name, supplier=supplier, overdue=overdue, ahead=ahead)


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One ``up`` for the tests that only talk to it."""
    shell = Shell(tmp_path_factory.mktemp("up"))
    with shell.up() as running:
        registered = shell.type("register", shell.file("kss.yaml", contract()), "--yes")
        assert registered.code == 0, registered.said
        running.wait_for("to Mira Sommer")
        yield Up(shell, running)


def test_an_open_backlog_opens_its_ladder_at_once(up: Up) -> None:
    """The rung's owner is told on the console, and the status says whose turn it is."""
    assert "Kitano Sealing Systems" in up.running.said
    shown = up.shell.run("status", "--json", "--all")
    assert shown.code == 0
    (tooling,), (ppap,) = shown.document["ladders"], shown.document["milestones"]
    assert (tooling["phase"], tooling["rung"]) == ("climbing", "recovery-plan")
    assert tooling["person"] == "Mira Sommer"
    assert ppap["status"] == "waiting"
    page = up.shell.type("status", "KSS-1", "--all").said
    assert page.index(LADDER) < page.index("KSS-1/ppap")


def test_registering_twice_says_the_same(up: Up) -> None:
    """The second time changes nothing, and says what would."""
    file = up.shell.file("twice.yaml", contract("KSS-2"))
    first = up.shell.type("register", file, "--yes")
    assert first.code == 0
    assert "KSS-2 is registered and watched." in first.said
    again = up.shell.type("register", file)
    assert again.code == 0
    assert again.said.splitlines() == [
        "KSS-2 is registered already, from the same file.",
        "What a house file says otherwise since is put in force by holdfast amend.",
    ]


def test_another_file_under_the_same_reference_is_refused(up: Up) -> None:
    """Whoever sent it is told what stands in the way and what to do."""
    refused = up.shell.type("register", up.shell.file("other.yaml", contract(supplier="Other")))
    assert refused.code == 1
    assert "KSS-1 is registered already" in refused.said
    assert "a reference of its own" in refused.said


def test_a_file_with_mistakes_is_not_registered(up: Up) -> None:
    """Its problems are named, as by check."""
    wrong = contract("KSS-3").replace("Europe/Berlin", "Mars")
    refused = up.shell.type("register", up.shell.file("wrong.yaml", wrong))
    assert refused.code == 1
    assert "'Mars' is not a time zone" in refused.said
    assert up.shell.type("status", "KSS-3").code == 1


def test_a_second_up_is_refused(up: Up) -> None:
    """On the same folder, and with another folder on the same port."""
    same = up.shell.type(*up.shell.up_words())
    assert same.code == 1
    assert "is up already" in same.said
    assert f"process {up.running.process.pid}" in same.said
    assert "HOLDFAST_DATA" in same.said
    elsewhere = str(up.shell.folder / "elsewhere")
    other = up.shell.type(*up.shell.up_words(), HOLDFAST_DATA=elsewhere)
    assert other.code == 1
    assert f"port {up.shell.port} cannot be used" in other.said
    assert "--port" in other.said


def test_its_first_words_are_what_an_operator_needs(up: Up) -> None:
    """Where everything is, how messages go, what is watched."""
    said = up.running.said
    for words in (
        f"data      {up.shell.data}\n",
        f"temporal  127.0.0.1:{up.shell.port}, its own view http://127.0.0.1:{up.shell.ui_port}\n",
        "messages  console, as no Slack token is set\n",
        "answers   commands alone, as nothing is set for Slack or e-mail\n",
        "watched   contracts 0, open ladders 0\n",
        "waiting   requests 0\n",
    ):
        assert words in said


def test_it_listens_on_loopback_only(up: Up) -> None:
    """The rest of 127/8 stands for every other address of the machine."""
    for port in (up.shell.port, up.shell.ui_port):
        assert listens(port)
        assert not listens(port, "127.0.0.2")


async def test_closed_ladders_stay_in_temporals_own_view_for_years(up: Up) -> None:
    """The server's own default is one day."""
    client = await Client.connect(f"127.0.0.1:{up.shell.port}")
    request = DescribeNamespaceRequest(namespace="default")
    described = await client.workflow_service.describe_namespace(request)
    kept = described.config.workflow_execution_retention_ttl.ToTimedelta()
    assert kept == timedelta(days=3650)


def test_an_action_is_recorded_and_told_by_its_entry(up: Up) -> None:
    """The answer names the entry, and the audit and verify show it unchanged."""
    note = ("note", "--as", CARLA, "--note", "the tool maker was called")
    done = up.shell.run("act", LADDER, *note)
    assert done.code == 0
    assert "recorded as entry" in done.said
    written = up.shell.type("audit", "KSS-1", "--out", str(up.shell.folder / "audit"))
    assert written.code == 0
    chronology = (up.shell.folder / "audit" / "chronology.txt").read_text(encoding="utf-8")
    assert "Note: the tool maker was called" in chronology
    assert up.shell.run("verify", str(up.shell.folder / "audit"), "--json").document["ok"] is True
    verdict = up.shell.type("verify", "KSS-1", "--json")
    assert (verdict.code, verdict.document["ok"]) == (0, True)


def test_a_delivery_is_reported_on_a_milestone_whose_ladder_has_not_begun(up: Up) -> None:
    """Its ladder begins with the report, and stands in the status at once."""
    up.shell.type("register", up.shell.file("early.yaml", contract("KSS-4")), "--yes")
    words = ("report", "KSS-4", "ppap", "--delivered", f"{date(2026, 1, 2)}", "--as", MIRA)
    done = up.shell.type(*words)
    assert (done.code, "tender: recorded" in done.said) == (0, True), done.said
    ladders = up.shell.type("status", "KSS-4", "--json", "--sort", "due").document["ladders"]
    assert ladders[-1]["phase"] == "watching"
    assert ladders[-1]["person"] == "Carla Petrov"


def test_doctor_finds_everything_in_order(up: Up) -> None:
    """Each thing it looked at, and no remedy."""
    found = up.shell.type("doctor", "--json")
    assert found.code == 0, found.said
    assert [finding["remedy"] for finding in found.document] == [""] * len(found.document)
    plain = up.shell.type("doctor")
    assert plain.code == 0
    assert all(line.startswith("ok") for line in plain.said.splitlines())


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((LADDER, "withdraw", "--as", "lee@x.example", "--note", "n"), 1, "name one of: mira@"),
        ((LADDER, "withdraw", "--as", MIRA, "--note", "n"), 1, "for the authority to do"),
        ((LADDER, "accept", "--as", CARLA), 1, "nothing is tendered"),
        ((LADDER, "note", "--as", MIRA), 1, "needs a reason or note"),
        ((LADDER, "dance", "--as", MIRA), 1, "use one of acknowledge, complete"),
        ((LADDER, "complete", "--as", MIRA, "--rung", "roof"), 1, "has no rung 'roof'"),
        ((LADDER, "tender", "--as", MIRA, "--delivered", "2999-01-01"), 1, "has not come yet"),
        ((LADDER, "complete", "--as", MIRA, "--evidence", "gone.pdf"), 1, "gone.pdf: No such"),
        ((LADDER, "acknowledge", "--as", MIRA, "--for", "a while"), 1, "is not a period"),
        (("KSS-1/roof/1", "note", "--as", MIRA, "--note", "n"), 1, LADDER),
        (("NOPE-1/tooling/1", "note", "--as", MIRA, "--note", "n"), 1, "'NOPE-1'"),
        (("KSS-1/[/b]", "note", "--as", MIRA, "--note", "n"), 1, "'KSS-1/[/b]'"),
        ((LADDER, "note", "--note", "n"), 2, "--as ADDRESS"),
        ((LADDER, "note", "--as"), 2, "--as"),
        ((LADDER, "tender", "--as", MIRA, "--delivered", "2.1.2026"), 2, "--delivered"),
        ((LADDER,), 2, "action"),
    ],
    ids=str,
)
def test_what_act_refuses(up: Up, words: tuple[str, ...], code: int, said: str) -> None:
    """1 for what is refused, 2 for what was typed wrongly; the words name the way out."""
    refused = up.shell.type("act", *words, COLUMNS="200")
    assert refused.code == code
    assert said.lower() in refused.said.lower()
    assert "Traceback" not in refused.said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("KSS-1", "roof", "--not-delivered", "--as", MIRA), 1, "name one of: tooling, ppap"),
        (("KSS-1", "Mira Sommer", "--not-delivered", "--as", MIRA), 1, "no milestone"),
        (("KSS-1", "tooling", "--not-delivered", "--as", MIRA), 1, "recorded as missed"),
        (("NOPE-1", "tooling", "--not-delivered", "--as", MIRA), 1, "'NOPE-1'"),
        (("KSS-1", "tooling", "--as", MIRA), 2, "--not-delivered"),
    ],
    ids=str,
)
def test_what_report_refuses(up: Up, words: tuple[str, ...], code: int, said: str) -> None:
    """As act does."""
    refused = up.shell.type("report", *words, COLUMNS="200")
    assert refused.code == code
    assert said in refused.said


def test_the_address_may_stand_in_the_environment(up: Up) -> None:
    """HOLDFAST_ME is whose right is used where --as is not typed."""
    done = up.shell.type("act", LADDER, "note", "--note", "from here", HOLDFAST_ME=MIRA)
    assert done.code == 0


def test_up_ends_cleanly_and_goes_on_where_it_stood(tmp_path: Path) -> None:
    """What was typed while it was down is applied once, counting from when it was typed."""
    shell = Shell(tmp_path)
    with shell.up() as running:
        shell.type("register", shell.file("kss.yaml", contract()), "--yes")
        running.wait_for("to Mira Sommer")
        wait_until(lambda: not any(each["owed"] for each in ladders(shell)))
        assert running.end() == 0
        assert not running.has_orphans()
    assert not any(listens(port) for port in (shell.port, shell.ui_port))
    with FileLock(shell.data / "up.lock", timeout=0):
        stood = ladders(shell)
    typed = shell.type("act", LADDER, "note", "--as", MIRA, "--note", "typed in the dark")
    assert typed.code == 1
    assert "recorded" in typed.said
    assert "1 request not applied yet" in shell.type("status").said
    lacking = shell.type("doctor")
    assert lacking.code == 1
    assert "requests not applied yet 1" in lacking.said
    came_back = datetime.now(UTC)
    with shell.up() as running:
        assert ladders(shell) == stood
        wait_until(lambda: not waiting(shell.data))
        assert running.end() == 0
    (line,) = noted(shell.data)
    assert datetime.fromisoformat(line["deemed_at"]) < came_back
    assert datetime.fromisoformat(line["occurred_at"]) > came_back
    assert shell.type("verify", "KSS-1").code == 0
    for file in shell.data.glob("temporal.sqlite*"):
        assert b"Kitano" not in file.read_bytes()


def ladders(shell: Shell) -> list[dict[str, Any]]:
    """Where every open ladder stands, as a program reads it."""
    found: list[dict[str, Any]] = shell.type("status", "--json").document["ladders"]
    return found


def noted(data: Path) -> list[dict[str, str]]:
    """The lines of the ledger that are notes."""
    lines = ask(data, "SELECT line FROM entry WHERE kind = 'note.added'")
    return [json.loads(line) for line in lines]


def waiting(data: Path) -> list[str]:
    """The requests that are not applied yet."""
    return ask(data, "SELECT key FROM inbox WHERE settled_at IS NULL")


def ask(data: Path, query: str) -> list[str]:
    """What the ledger's database answers, a text in each row."""
    with closing(sqlite3.connect(data / "ledger.sqlite")) as connection:
        return [text for (text,) in connection.execute(query)]
