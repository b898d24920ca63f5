"""``holdfast demo``, run as it is shown to a newcomer, in a pipe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands.demo import NoDemo, demo
from settings import utc_now
from tests.commands.books import Paper
from tests.commands.shell import Ran, Shell
from worker import serving

RUNGS = (
    "early-warning", "recovery-plan", "gate-audit", "steering-committee", "second-source",
    "decision",
)  # fmt: skip
FACTS = ("owner", "action", "remedy", "outcome")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shell, Ran]:
    """One run of it, and the shell it was typed in."""
    shell = Shell(tmp_path_factory.mktemp("demo"))
    return shell, shell.run("demo")


def ladder_of(said: str, milestone: str) -> str:
    """What the summary says of one ladder."""
    sections = re.split(r"(?m)^(?=KSS-2026-014/)", said)
    (section,) = [part for part in sections if part.startswith(f"KSS-2026-014/{milestone}/1")]
    return section


def test_it_succeeds_and_prints_plain_lines(shown: tuple[Shell, Ran]) -> None:
    """No colour, no cursor movement, no trace of an error."""
    _, ran = shown
    assert ran.code == 0, ran.said
    assert "\x1b" not in ran.said
    assert "Traceback" not in ran.said


@pytest.mark.parametrize("milestone", ["tooling", "ppap"])
def test_each_rung_has_date_owner_action_remedy_and_outcome(
    shown: tuple[Shell, Ran], milestone: str
) -> None:
    """Of both ladders, every rung of the shipped one."""
    section = ladder_of(shown[1].said, milestone)
    for rung in RUNGS:
        assert re.search(rf"day -?\d+  {rung}, opened ", section), section
    for fact in FACTS:
        assert len(re.findall(rf"(?m)^ *{fact}  \S", section)) == len(RUNGS)


def test_one_ladder_is_cured_and_the_other_answered_by_nobody(shown: tuple[Shell, Ran]) -> None:
    """The first line of each says so, and the outcomes of the rungs agree."""
    cured, silent = (ladder_of(shown[1].said, name) for name in ("tooling", "ppap"))
    assert re.search(r": cured on \d{4}-\d\d-\d\d$", cured.splitlines()[0])
    assert "nobody answered" in silent.splitlines()[0]
    assert silent.count("silence") == len(RUNGS)
    assert "silence" not in cured


def test_the_ledger_agreed_with_the_workflows(shown: tuple[Shell, Ran]) -> None:
    """At every step at which they were compared, and there were some."""
    found = re.search(
        r"compared with the workflow's own (\d+) times: no differences", shown[1].said
    )
    assert found is not None, shown[1].said
    assert int(found[1]) > len(RUNGS)


def test_its_audit_verifies(shown: tuple[Shell, Ran]) -> None:
    """By the command that anybody would use."""
    shell, ran = shown
    assert "wrote out/demo/chronology.txt" in ran.said
    assert shell.type("verify", str(shell.folder / "out" / "demo")).code == 0
    text = (shell.folder / "out" / "demo" / "chronology.txt").read_text(encoding="utf-8")
    assert "Rehearsal" in text


async def test_a_contract_with_mistakes_is_not_walked(tmp_path: Path) -> None:
    """It is refused with what is wrong, before a server is started."""
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("contract: X\n", encoding="utf-8")
    with pytest.raises(NoDemo, match="supplier"):
        await demo(serving, wrong, tmp_path / "out", now=utc_now(), stay=False, console=Paper())
    assert not (tmp_path / "out").exists()
