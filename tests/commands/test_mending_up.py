"""Losing one of the two stores of a real ``up``: the other one gives it back."""

from __future__ import annotations

import json
from pathlib import Path

from tests.backups import copy
from tests.commands.shell import Shell, wait_until
from tests.commands.test_up import CARLA, LADDER, contract


def note(shell: Shell, words: str) -> None:
    """Let somebody put words on record."""
    done = shell.type("act", LADDER, "note", "--as", CARLA, "--note", words)
    assert done.code == 0, done.said


def test_a_ledger_put_back_to_an_older_copy_is_reconciled(tmp_path: Path) -> None:
    """While it is down, as operators restore; refused on coming back, mended, and verified."""
    shell, backup = Shell(tmp_path), tmp_path / "backup.sqlite"
    ledger = shell.data / "ledger.sqlite"
    with shell.up() as running:
        shell.type("register", shell.file("kss.yaml", contract()), "--yes")
        running.wait_for("to Mira Sommer")
        wait_until(lambda: "message.posted" in kinds(shell))
        copy(ledger, backup)
        note(shell, "the tool maker was called")
        head = shell.type("verify", "KSS-1", "--json").document["head"]
        assert running.end() == 0
    copy(backup, ledger)
    with shell.up() as running:
        typed = shell.type("act", LADDER, "note", "--as", CARLA, "--note", "called again")
        assert typed.code == 1
        assert "recorded" in typed.said
        running.wait_for("holdfast reconcile")
        found = shell.type("doctor")
        assert found.code == 1
        assert "entries lacking 1" in found.said
        differing = shell.type("reconcile")
        assert (differing.code, "1 entry in Temporal only" in differing.said) == (1, True)
        mended = shell.run("reconcile", "KSS-1", "--yes", "--json")
        assert mended.code == 0, mended.said
        assert mended.document[0]["mended"][0]["restored"] == 1
        verdict = shell.type("verify", "KSS-1", "--seen", head)
        assert (verdict.code, "contains the head noted elsewhere" in verdict.said) == (0, True)
        wait_until(lambda: kinds(shell).count("note.added") == 2)
        assert shell.type("reconcile").code == 0
        assert running.end() == 0


def test_a_temporal_that_was_deleted_is_rebuilt(tmp_path: Path) -> None:
    """The server's file is gone: doctor says what to type, and the ladder goes on."""
    shell = Shell(tmp_path)
    with shell.up() as running:
        shell.type("register", shell.file("kss.yaml", contract()), "--yes")
        running.wait_for("to Mira Sommer")
        wait_until(lambda: "message.posted" in kinds(shell))
        stood = shell.type("verify", "KSS-1", "--json").document
        assert running.end() == 0
    for file in shell.data.glob("temporal.sqlite*"):
        file.unlink()
    with shell.up() as running:
        found = shell.type("doctor")
        assert (found.code, "holdfast rebuild" in found.said) == (1, True)
        rebuilt = shell.run("rebuild")
        assert rebuilt.code == 0, rebuilt.said
        assert rebuilt.said.startswith("1 contract, 1 ladder rebuilt, next: KSS-1/tooling/1 at ")
        assert shell.type("doctor").code == 0
        assert shell.type("verify", "KSS-1", "--json").document == stood
        note(shell, "it goes on")
        assert running.end() == 0
    assert shell.type("verify", "KSS-1").code == 0


def kinds(shell: Shell) -> list[str]:
    """The kinds of all entries in the ledger, as the audit exports them."""
    shell.type("audit", "KSS-1", "--out", str(shell.folder / "audit"))
    lines = (shell.folder / "audit" / "ledger.jsonl").read_text(encoding="utf-8")
    return [json.loads(line)["kind"] for line in lines.splitlines()]
