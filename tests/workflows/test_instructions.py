"""Facts of a contract are recorded once, and every open ladder follows them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from contracts.comparing import affected, differences
from ladders import entries as kinds
from ladders.contract import Contract
from ladders.errors import ActionRefused
from ladders.instructions import Amend, Close, Extend, Reassign, Resume, Toll, Waive
from ladders.prose import PersonRef, Prose
from ledger.audit import write_audit
from tests.stage import BRIEF, CARLA, CONTRACT, JONAS, MIRA, Stage, until
from tests.world import SOURCE, person, pick

ANA = "p-ana@ardent.example"


def correction(before: Contract, after: Contract) -> Amend:
    """What the command makes of two versions, one typed in error."""
    return Amend(
        because="entry-error",
        ladders="withdraw",
        affected=affected(before, after),
        changes=tuple(Prose(str(found)) for found in differences(before, after)),
        terms=after,
        source=SOURCE,
        note=Prose("the year was typed wrong"),
    )


async def test_an_entry_error_corrected_after_the_presumed_miss(
    stage: Stage, tmp_path: Path
) -> None:
    """The ladder is withdrawn, the audit shows why, and nothing was ever sent to the supplier."""
    wrong = stage.terms(ladder=BRIEF)
    right = stage.terms(ladder=BRIEF, due=(stage.due + timedelta(days=60)).date())
    await stage.register(wrong)
    await stage.move(stage.due + timedelta(days=7))
    assert "milestone.missed" in stage.kinds()
    await stage.instruct(correction(stage.office.casebook.as_written(CONTRACT), right))
    await stage.ladder().result()
    assert stage.kinds()[-1] == "ladder.withdrawn"
    closing = stage.state().closing
    assert closing is not None
    assert (closing.outcome, closing.by) == ("withdrawn", stage.person(CARLA))
    office, now = stage.office, stage.virtual.now
    audit = write_audit(office.ledger, office.private, CONTRACT, tmp_path / "audit", now=now)
    told = audit.text.read_text(encoding="utf-8")
    assert "the year was typed wrong" in told
    assert f"{wrong.milestones[0].due} -> {right.milestones[0].due}" in told
    addressees = {letter.address for letter in stage.mailbox.letters}
    assert addressees <= {str(someone.email) for someone in right.people}


async def test_after_the_correction_the_milestone_is_watched_by_its_right_date(
    stage: Stage,
) -> None:
    """A second ladder begins when the corrected date says, and the first stays closed."""
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.move(stage.due + timedelta(days=7))
    later = stage.due + timedelta(days=30)
    right = stage.terms(ladder=BRIEF, due=later.date())
    await stage.instruct(correction(stage.office.casebook.as_written(CONTRACT), right))
    await stage.ladder().result()
    await stage.move(later)
    assert stage.kinds("tooling/2") == ["ladder.opened", "delivery.asked"]
    assert stage.kinds("contract").count("ladder.started") == 2


async def test_an_extension_before_the_miss_moves_the_question(stage: Stage) -> None:
    """The running ladder goes by the new date, and its owner is told."""
    await stage.register(stage.terms(ladder=BRIEF))
    await stage.move(stage.due)
    later = stage.due + timedelta(days=20)
    await stage.instruct(
        Extend(milestone="tooling", due=later.date(), reservation=Prose("all rights reserved"))
    )
    await until(lambda: "terms.followed" in stage.kinds())
    await stage.move(later)
    assert stage.kinds().count("delivery.asked") == 2
    assert any("due date moved" in letter.subject for letter in stage.mailbox.letters)
    await until(stage.agrees)


async def test_stopped_time_starts_no_ladder_until_it_is_resumed(stage: Stage) -> None:
    """A milestone that waits for its day waits longer by the days that did not count."""
    await stage.register(stage.terms(ladder=BRIEF))
    stopped = stage.virtual.now.date() + timedelta(days=2)
    await stage.instruct(Toll(event="strike", since=stopped, clause=Prose("14.2")))
    await stage.virtual.jump(stage.due + timedelta(days=5))
    assert stage.kinds("contract")[-1] == "time.tolled"
    resumed = stage.due + timedelta(days=5)
    await stage.instruct(Resume(event="strike", on=resumed.date()))
    watch = stage.office.casebook.watch(CONTRACT)
    [milestone] = watch.contract.milestones
    due = watch.due(milestone)
    assert due == milestone.due + (resumed.date() - stopped)


async def test_a_successor_is_told_of_the_open_rung_and_can_complete_it(stage: Stage) -> None:
    """Somebody leaves in the middle of a ladder."""
    await stage.missed()
    successor = person(PersonRef(ANA))
    successor = successor.model_copy(update={"email": Prose(ANA)})
    await stage.instruct(Reassign(leaver=PersonRef(MIRA), successor=successor))
    await until(lambda: any(letter.address == ANA for letter in stage.mailbox.letters))
    await stage.act("complete", ANA, note="plan demanded")
    [(entry, _)] = pick(stage.entries(), kinds.RungCompleted)
    assert entry.by.person == stage.person(ANA)


async def test_a_waived_milestone_ends_its_ladder(stage: Stage) -> None:
    """Recorded on the contract with its reason, and the ladder closes as waived."""
    await stage.missed()
    await stage.instruct(Waive(milestone="tooling", reason=Prose("settled by a credit note")))
    await stage.ladder().result()
    assert stage.kinds()[-1] == "ladder.waived"
    await until(
        lambda: stage.office.casebook.watch(CONTRACT).milestones["tooling"].outcome == "waived"
    )


async def test_a_closed_contract_ends_once_its_ladders_are_over(stage: Stage) -> None:
    """Withdrawn with it, they report, the contract's workflow completes; nothing more is taken."""
    await stage.missed()
    await stage.instruct(Close(ladders="withdraw", reason=Prose("series ended")))
    await stage.ladder().result()
    await stage.contract().result()
    assert stage.kinds("contract")[-2:] == ["contract.closed", "milestone.settled"]
    with pytest.raises(ActionRefused, match="was closed at"):
        await stage.instruct(Waive(milestone="tooling", reason=Prose("too late")))


async def test_only_the_authority_instructs(stage: Stage) -> None:
    """An owner may not give away what the contract grants; nothing is recorded."""
    await stage.missed()
    before = stage.kinds("contract")
    with pytest.raises(ActionRefused, match="for the authority to do"):
        await stage.instruct(Waive(milestone="tooling", reason=Prose("no time")), JONAS)
    assert stage.kinds("contract") == before


async def test_the_same_instruction_twice_is_one_fact(stage: Stage) -> None:
    """A lost answer is asked for again: one entry, and the ladder follows once."""
    await stage.missed()
    later = stage.due + timedelta(days=20)
    request = Extend(
        milestone="tooling", due=later.date(), ladders="move", reservation=Prose("all reserved")
    )
    instruction = stage.instruction(request)
    await stage.desk.administer(CONTRACT, instruction)
    await stage.desk.administer(CONTRACT, instruction)
    await until(lambda: "terms.followed" in stage.kinds())
    assert stage.kinds("contract").count("milestone.extended") == 1
    assert stage.kinds().count("terms.followed") == 1
