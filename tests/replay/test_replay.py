"""The replay gate: what ran under an earlier release must go on under this one."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

from ladders.entries import Entry
from tests.replay.record import HISTORIES
from worker import WORKFLOWS
from workflows.ladder import LadderInput, LadderWorkflow

CORPUS = sorted(HISTORIES.glob("*.json"))


def history(path: Path) -> WorkflowHistory:
    """A history as it was recorded."""
    kind = path.stem.rpartition("-")[2]
    return WorkflowHistory.from_json(f"{kind}:recorded", path.read_text(encoding="utf-8"))


def kind_of(path: Path) -> str:
    """The workflow type a history is of."""
    events = json.loads(path.read_text(encoding="utf-8"))["events"]
    name: str = events[0]["workflowExecutionStartedEventAttributes"]["workflowType"]["name"]
    return name


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
async def test_every_history_replays(path: Path) -> None:
    """Today's workflows take every decision of the history again."""
    replayer = Replayer(workflows=WORKFLOWS, data_converter=pydantic_data_converter)
    await replayer.replay_workflow(history(path))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_was_recorded_reads_back_as_it_was_written(path: Path) -> None:
    """A field that a later release adds says nothing of what was recorded before it.

    Lines of the ledger are read the same way: one that came back otherwise would not verify.
    """
    for event in json.loads(path.read_text(encoding="utf-8"))["events"]:
        scheduled = event.get("activityTaskScheduledEventAttributes")
        if scheduled is None or scheduled["activityType"]["name"] != "record":
            continue
        (payload,) = scheduled["input"]["payloads"]
        written = json.loads(base64.b64decode(payload["data"]))
        entry = Entry.model_validate(written)
        assert entry.model_dump(mode="json", exclude_none=True) == without_none(written)


def without_none(value: Any) -> Any:
    """A document without what it does not say, as the ledger writes it."""
    if isinstance(value, dict):
        return {name: without_none(item) for name, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


def test_every_workflow_that_runs_has_histories() -> None:
    """An empty corpus, or a workflow left out of it, fails."""
    names = {workflow._Definition.must_from_class(kind).name for kind in WORKFLOWS}
    assert {kind_of(path) for path in CORPUS} == names


def test_histories_name_no_machine() -> None:
    """What is committed tells nothing of where it was recorded, not even in a stack trace."""
    for path in CORPUS:
        assert not re.search(r'"stackTrace": "[^"]', path.read_text(encoding="utf-8")), path.name
        for event in json.loads(path.read_text(encoding="utf-8"))["events"]:
            for attributes in event.values():
                if isinstance(attributes, dict) and "identity" in attributes:
                    assert attributes["identity"] in {"holdfast", "history-service"}, path.name


@workflow.defn(name="Ladder")
class DivergentLadder(LadderWorkflow):
    """A ladder that somebody changed without a patch: it dawdles first."""

    @workflow.init
    def __init__(self, start: LadderInput) -> None:
        """Begin as the real one does."""
        super().__init__(start)

    @workflow.run
    async def run(self, start: LadderInput) -> None:
        """Dawdle, then walk."""
        await workflow.sleep(timedelta(minutes=1))
        await super().run(start)


@pytest.mark.parametrize(
    "path", [path for path in CORPUS if kind_of(path) == "Ladder"], ids=lambda path: path.stem
)
async def test_a_divergent_workflow_is_caught(path: Path) -> None:
    """The gate can fail: a changed ladder does not replay any ladder's history."""
    replayer = Replayer(
        workflows=[DivergentLadder],
        workflow_runner=UnsandboxedWorkflowRunner(),
        data_converter=pydantic_data_converter,
    )
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(history(path))
