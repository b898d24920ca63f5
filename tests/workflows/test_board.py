"""Temporal's own UI alone answers: which ladder stands where, whose turn is it, until when."""

from __future__ import annotations

from datetime import timedelta

from temporalio.api.sdk.v1 import WorkflowMetadata

from tests.stage import CARLA, CONTRACT, MIRA, Stage, until
from workflows.names import PHASE, RUNG, TURN, UNTIL


async def _shown(stage: Stage) -> tuple[str | None, str | None, str | None]:
    shown = (await stage.ladder().describe()).typed_search_attributes
    return shown.get(PHASE), shown.get(RUNG), shown.get(TURN)


async def _until(stage: Stage) -> object:
    return (await stage.ladder().describe()).typed_search_attributes.get(UNTIL)


async def _details(stage: Stage) -> str:
    metadata = await stage.ladder().query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    assert isinstance(metadata, WorkflowMetadata)
    return metadata.current_details


async def test_attributes_follow_the_ladder_from_rung_to_rung(stage: Stage) -> None:
    """The rung, the role whose turn it is, and the deadline, at every turn of the ladder."""
    await stage.missed()
    assert await _shown(stage) == ("climbing", "plan", "owner")
    assert await _until(stage) == stage.state().rungs[0].deadline
    await stage.act("tender", MIRA, delivered=stage.due.date())
    await until(lambda: _turn_is(stage, "approver"))
    tender = stage.state().tender
    assert tender is not None
    assert await _until(stage) == tender.respond_by
    await stage.act("reject", CARLA, note="not at rate")
    await stage.act("escalate", MIRA, note="no time to lose")
    await stage.move(stage.due + timedelta(days=1, minutes=1))
    assert await _shown(stage) == ("climbing", "audit", "lead")
    await stage.act("withdraw", CARLA, note="entered twice")
    await stage.ladder().result()
    assert (await _shown(stage))[0] == "closed"
    assert (await _shown(stage))[2] == "-"


async def _turn_is(stage: Stage, role: str) -> bool:
    return (await _shown(stage))[2] == role


async def test_the_current_details_say_it_in_words_without_a_name(stage: Stage) -> None:
    """Phase, rung, turn and deadline; neither there nor in an attribute a person or supplier."""
    await stage.missed()
    details = await _details(stage)
    deadline = stage.state().rungs[0].deadline
    for word in ("climbing", "plan", "owner", f"{deadline:%F %R} UTC"):
        assert word in details
    description = await stage.ladder().describe()
    shown = f"{details} {description.typed_search_attributes} {description.id}"
    hidden = {"ardent", "kitano", "mira", "carla", "jonas"}
    hidden |= {str(stage.person(who)) for who in (MIRA, CARLA)}
    assert not {word for word in hidden if word in shown.lower()}


async def test_ladders_are_found_by_whose_turn_it_is(stage: Stage) -> None:
    """The list of Temporal's UI, filtered by phase, role and deadline."""
    await stage.missed()
    deadline = stage.state().rungs[0].deadline
    assert deadline is not None
    soon = f"HoldfastUntil < '{deadline + timedelta(days=1):%FT%TZ}'"
    query = f"HoldfastPhase = 'climbing' AND HoldfastTurn = 'owner' AND {soon}"
    await until(lambda: _lists(stage, query, {f"ladder:{CONTRACT}:tooling:1"}))
    await stage.act("complete", MIRA)
    await until(lambda: _lists(stage, query, set()))


async def _lists(stage: Stage, query: str, wanted: set[str]) -> bool:
    return {run.id async for run in stage.client.list_workflows(query)} == wanted
