"""Records the histories of a play: ``python -m tests.replay.record RELEASE [PLAY …]``.

Histories are only ever added: a ladder that began under an earlier release meets today's code, so
what once landed must go on replaying. Recording over an existing file is refused.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from temporalio.client import WorkflowHistory

from tests.replay.plays import PLAYS, SETTINGS, WORKFLOWS
from tests.stage import Stage, stage_in

HISTORIES = Path(__file__).parent / "histories"


async def record(play: str) -> list[WorkflowHistory]:
    """Perform ``play`` and return the history of every run of its workflows."""
    with tempfile.TemporaryDirectory() as folder:
        async with stage_in(Path(folder), SETTINGS.get(play, ())) as stage:
            await PLAYS[play](stage)
            theirs = (stage.contract().id, stage.ladder().id)
            ids = WORKFLOWS.get(play, theirs)
            return [history for each in ids for history in await _runs(stage, each)]


async def _runs(stage: Stage, workflow_id: str) -> list[WorkflowHistory]:
    """The histories of a workflow's runs, from the first one on."""
    latest = await stage.client.get_workflow_handle(workflow_id).fetch_history()
    run_id = latest.events[0].workflow_execution_started_event_attributes.first_execution_run_id
    found = []
    while run_id:
        handle = stage.client.get_workflow_handle(workflow_id, run_id=run_id)
        found.append(await handle.fetch_history())
        end = found[-1].events[-1].workflow_execution_continued_as_new_event_attributes
        run_id = end.new_execution_run_id
    return found


def anonymous(history: str) -> str:
    """A history as JSON without stack traces: they name folders, and replay needs none."""

    def blank(found: dict[str, object]) -> dict[str, object]:
        return {**found, "stackTrace": ""} if "stackTrace" in found else found

    return json.dumps(json.loads(history, object_hook=blank), indent=2)


def main() -> None:
    """Record the plays that are named, or all, under the name of a release."""
    release, *plays = sys.argv[1:]
    for play in plays or PLAYS:
        for number, history in enumerate(asyncio.run(record(play)), 1):
            kind = history.workflow_id.partition(":")[0]
            path = HISTORIES / f"{release}-{play}-{number}-{kind}.json"
            with path.open("x", encoding="utf-8") as file:
                file.write(anonymous(history.to_json()))


if __name__ == "__main__":
    main()
