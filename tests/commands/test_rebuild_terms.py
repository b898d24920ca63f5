"""``holdfast rebuild`` of ladders whose contract's terms have changed."""

from __future__ import annotations

from datetime import timedelta

from ladders.entries import Entry
from ladders.instructions import Close, Extend, Toll, Waive
from ladders.prose import Prose
from tests.commands.test_rebuild import typed
from tests.stage import CONTRACT, MIRA, Away, Stage, until, without_temporal

RESERVED = Prose("all rights reserved")


def hold_back(stage: Stage, *kinds: str) -> list[Entry]:
    """Let the ledger be away for entries of these kinds; return a list of those it refused."""
    refused: list[Entry] = []

    def trouble(entry: Entry) -> None:
        if entry.body.kind in kinds:
            refused.append(entry)
            raise Away

    stage.ledger.trouble = trouble
    return refused


async def test_a_ladder_that_had_not_followed_follows_once_rebuilt(stage: Stage) -> None:
    """The contract had recorded the new date; Temporal was lost before the ladder had."""
    await stage.missed()
    refused = hold_back(stage, "terms.followed")
    later = stage.due + timedelta(days=20)
    await stage.instruct(
        Extend(milestone="tooling", due=later.date(), ladders="move", reservation=RESERVED)
    )
    await until(lambda: bool(refused))
    stage.ledger.trouble = None
    async with without_temporal(stage) as again:
        await typed(again)
        await until(lambda: "terms.followed" in again.kinds())
        assert again.state().phase == "watching"
        assert again.state().opened.milestone.due == later.date()
        await again.move(later)
        assert again.kinds()[-1] == "delivery.asked"
        await until(again.agrees)


async def test_a_ladder_that_had_not_heard_that_it_is_waived_is_closed_once_rebuilt(
    stage: Stage,
) -> None:
    """Giving up a right is recorded on the contract first."""
    await stage.missed()
    refused = hold_back(stage, "ladder.waived")
    await stage.instruct(Waive(milestone="tooling", reason=Prose("settled")))
    await until(lambda: bool(refused))
    stage.ledger.trouble = None
    async with without_temporal(stage) as again:
        await typed(again)
        await until(lambda: again.kinds()[-1] == "ladder.waived")
        await again.ladder().result()
        assert again.office.casebook.watch(CONTRACT).milestones["tooling"].outcome == "waived"


async def test_a_ladder_whose_clock_stood_still_stands_still(stage: Stage) -> None:
    """Rebuilt in the middle of a strike."""
    await stage.missed()
    await stage.instruct(Toll(event="strike", since=stage.virtual.now.date(), ladders="move"))
    await until(lambda: stage.state().stands_still and not stage.state().outbox)
    state = stage.state()
    async with without_temporal(stage) as again:
        await typed(again)
        assert await again.asked() == state
        await again.act("note", MIRA, note="still on strike")
        assert again.kinds()[-1] == "note.added"


async def test_of_a_closed_contract_only_its_open_ladders_are_rebuilt(stage: Stage) -> None:
    """The watch is over, the ladder goes on to its end, and so does the contract's workflow."""
    await stage.missed()
    await stage.instruct(Close(ladders="keep", reason=Prose("series ended")))
    async with without_temporal(stage) as again:
        done = await typed(again)
        cases = done["rebuilt"]
        assert isinstance(cases, list)
        assert [case["case"] for case in cases] == [CONTRACT, f"{CONTRACT}/tooling/1"]
        await again.act("withdraw", "p-carla@ardent.example", note="entered twice")
        await again.ladder().result()
        await again.contract().result()
        assert again.kinds("contract")[-1] == "milestone.settled"
    async with without_temporal(again) as empty:
        assert (await typed(empty))["rebuilt"] == []
