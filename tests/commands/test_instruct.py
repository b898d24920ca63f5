"""``amend``, ``extend``, ``reassign`` and their like: shown first, then asked, then recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.shell import Ran, Shell, wait_until

CONTRACT = """\
contract: KSS-2026-014
supplier: Kitano Sealing Systems
zone: Europe/Berlin
calendar: DE-BW
opens: "00:00"
owner: mira@ardent.example
approver: cpo@ardent.example
people:
  - {name: Mira Sommer, email: mira@ardent.example}
  - {name: Carla Brandt, email: cpo@ardent.example}
milestones:
"""
WRONG = CONTRACT + "  - {id: tooling, due: 2020-10-01, past_due: open, clause: '6.1'}\n"
RIGHT = CONTRACT + "  - {id: tooling, due: 2090-10-01, clause: '6.1'}\n"
OWNER, APPROVER = ("--as", "mira@ardent.example"), ("--as", "cpo@ardent.example")


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A folder in which Holdfast is up, and a contract with a mistyped date is registered."""
    shell = Shell(tmp_path)
    with shell.up():
        registered = shell.type("register", shell.file("kss.yaml", WRONG), "--yes")
        assert registered.code == 0, registered.said
        wait_until(lambda: "recovery-plan" in shell.type("status", "--json").said)
        yield shell


def phases(shell: Shell) -> list[str]:
    """The phases of open ladders that ``status`` shows; where there is none, of milestones."""
    shown = shell.type("status", "--json", "--all").document
    phases = [ladder["phase"] for ladder in shown["ladders"]]
    return phases or [each["outcome"] or each["status"] for each in shown["milestones"]]


def amend(shell: Shell, *words: str) -> Ran:
    """Amend by the right file, as the approver."""
    file = shell.file("kss.yaml", RIGHT)
    return shell.type(
        "amend", file, "--because", "entry-error", "--ladders", "withdraw", *APPROVER, *words
    )


def test_a_mistyped_date_is_corrected(shell: Shell) -> None:
    """What differs and what follows is shown; without a yes nothing is done; then all of it is."""
    asked = amend(shell)
    assert asked.code == 2
    assert "milestones tooling due: 2020-10-01 -> 2090-10-01" in asked.said
    assert "KSS-2026-014/tooling/1 (climbing): is withdrawn, without admission" in asked.said
    assert "KSS-2026-014: would be recorded: " in asked.said
    assert "nothing was recorded: nobody can be asked here" in asked.said
    assert "--yes" in asked.said
    assert "Usage" not in asked.said
    assert "climbing" in phases(shell)
    done = amend(shell, "--yes", "--note", "typed the wrong year")
    assert done.code == 0, done.said
    assert "amend: recorded as entry" in done.said
    wait_until(lambda: "waiting" in phases(shell))
    out = str(shell.folder / "audit")
    assert shell.type("audit", "KSS-2026-014", "--out", out).code == 0
    told = (shell.folder / "audit" / "chronology.txt").read_text(encoding="utf-8")
    assert "typed the wrong year" in told
    assert "2020-10-01 -> 2090-10-01" in told
    again = amend(shell, "--yes")
    assert again.code == 1
    assert "in force already" in again.said


def test_what_is_not_for_somebody_to_do_is_refused_by_name(shell: Shell) -> None:
    """The owner cannot give away the approver's rights; the words say who can."""
    words = ("waive", "KSS-2026-014", "tooling", "--reason", "too much work", "--yes")
    refused = shell.type(*words, *OWNER)
    assert refused.code == 1
    assert "waive is not for Mira Sommer to do" in refused.said
    assert "Carla Brandt" in refused.said
    assert phases(shell) == ["climbing"]


def test_a_contract_from_toll_to_close(shell: Shell) -> None:
    """Every instruction as it is typed; each says what the ladder does with it."""
    stopped = shell.type(
        "toll", "KSS-2026-014", "strike", "--since", "2026-11-01", "--ladders", "move",
        "--clause", "14.2", "--note", "strike at the port", "--yes", *APPROVER,
    )  # fmt: skip
    assert "follows:" in stopped.said, stopped.said
    twice = shell.type(
        "toll", "KSS-2026-014", "strike", "--since", "2026-11-02", "--yes", *APPROVER
    )
    assert (twice.code, "stops time already" in twice.said) == (1, True)
    resumed = shell.type(
        "resume", "KSS-2026-014", "strike", "--on", "2026-11-04", "--yes", *APPROVER
    )
    assert resumed.code == 0, resumed.said
    follows = shell.type(
        "reassign", "mira@ardent.example", "ana@ardent.example", "--all", "--name", "Ana Ruiz",
        "--yes", *APPROVER,
    )  # fmt: skip
    assert "people told: 1" in follows.said, follows.said
    wait_until(lambda: "Ana Ruiz" in shell.type("status").said)
    extended = shell.type(
        "extend", "KSS-2026-014", "tooling", "--to", "2019-01-01", "--reservation", "all rights",
        "--yes", *APPROVER,
    )  # fmt: skip
    assert (extended.code, "is no extension" in extended.said) == (1, True)
    closed = shell.type(
        "close", "KSS-2026-014", "--ladders", "withdraw", "--reason", "series ended", "--yes",
        *APPROVER,
    )  # fmt: skip
    assert "is withdrawn" in closed.said
    wait_until(lambda: phases(shell) == ["withdrawn"])
    late = shell.type("waive", "KSS-2026-014", "tooling", "--reason", "x", "--yes", *APPROVER)
    assert (late.code, "was closed at" in late.said) == (1, True)


def test_what_cannot_be_meant_is_refused_in_words(shell: Shell) -> None:
    """A milestone that cannot be one, an empty reason: said without a trace of the program."""
    for words in (
        ("waive", "KSS-2026-014", "no such thing!", "--reason", "x"),
        ("waive", "KSS-2026-014", "tooling", "--reason", ""),
        ("waive", "KSS-2026-014", "ppap", "--reason", "x"),
        ("waive", "ACME", "tooling", "--reason", "x"),
    ):
        refused = shell.type(*words, "--yes", *APPROVER)
        assert refused.code == 1, refused.said
        assert "Traceback" not in refused.said


def test_a_note_on_the_contract_is_anybodys_on_its_roster(shell: Shell) -> None:
    """Put on record as it is; no ladder follows it."""
    noted = shell.type("note", "KSS-2026-014", "a new plant manager", *OWNER)
    assert "note: recorded as entry" in noted.said, noted.said
    assert shell.type("note", "KSS-2026-014", "me too", "--as", "x@y.example").code == 1


def test_what_was_done_is_told_to_programs_too(shell: Shell) -> None:
    """One JSON document from each, with the number of the entry."""
    act = shell.type("act", "KSS-2026-014/tooling", "note", "--note", "x", "--json", *OWNER)
    assert act.document["ladder"] == "tooling/1"
    report = shell.type(
        "report", "KSS-2026-014", "tooling", "--delivered", "2026-11-01", "--json", *OWNER
    )
    assert report.document["action"] == "tender"
    assert report.document["entry"] > act.document["entry"]
    out = str(shell.folder / "audit")
    audit = shell.type("audit", "KSS-2026-014", "--out", out, "--json").document
    assert audit["ok"]
    assert all(Path(path).exists() for path in audit["written"])


def test_what_a_contract_was_told_to_do_is_told_to_programs_too(shell: Shell) -> None:
    """First what would follow, with no entry and nothing recorded; with a yes the same and more."""
    words = (
        "toll", "KSS-2026-014", "strike", "--since", "2026-11-01", "--ladders", "move", "--json",
    )  # fmt: skip
    asked = shell.type(*words, *APPROVER)
    assert "nothing was recorded" in asked.said
    foreseen, _ = json.JSONDecoder().raw_decode(asked.said, asked.said.index("{"))
    assert (asked.code, foreseen["entry"]) == (1, None)
    done = shell.type(*words, "--yes", *APPROVER)
    assert done.code == 0, done.said
    assert {**foreseen, "entry": done.document["entry"]} == done.document
    assert done.document["entry"] > 0
    assert done.document["words"].startswith("Time stopped from 2026-11-01 by event strike")
    (ladder,) = done.document["ladders"]
    assert ladder["ladder"] == "KSS-2026-014/tooling/1"
    assert ladder["becomes"].startswith("follows: ")
    moved = shell.type(
        "reassign", "mira@ardent.example", "ana@ardent.example", "--all", "--yes", "--json",
        *APPROVER,
    )  # fmt: skip
    (contract,) = moved.document["contracts"]
    assert (contract["contract"], contract["instruction"]) == ("KSS-2026-014", "reassign")
    assert contract["entry"] > done.document["entry"]
    noted = shell.type("note", "KSS-2026-014", "line :x: is :on: again", "--json", *APPROVER)
    assert noted.document["entry"] > contract["entry"]
    assert noted.document["words"] == "Note: line :x: is :on: again"
    broken = shell.type(
        "amend", shell.file("kss.yaml", WRONG + "oops: 1\n"), "--because", "entry-error",
        "--ladders", "keep", "--json", "--yes", *APPROVER,
    )  # fmt: skip
    assert (broken.code, broken.document["problems"][0]["field"]) == (1, "oops")


def test_nobody_leaves_a_contract_where_they_do_not_stand(shell: Shell) -> None:
    """The address is named; nothing is recorded anywhere."""
    refused = shell.type(
        "reassign", "ghost@ardent.example", "ana@ardent.example", "--all", "--yes", *APPROVER
    )
    assert refused.code == 1
    assert "ghost@ardent.example stands in no contract" in refused.said
    assert shell.type("reassign", "a@b.example", "c@d.example", *APPROVER).code == 2
    nobody = shell.type("reassign", "mira@ardent.example", "nobody", "--all", "--yes", *APPROVER)
    assert (nobody.code, "'nobody' is not an e-mail address" in nobody.said) == (1, True)
