"""Records the histories of a play: ``python -m tests.replay.record RELEASE [PLAY …]``.

Histories are only ever added: a ladder that began under an earlier release meets today's code, so
what once landed must go on replaying. Recording over an existing file is refused.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from temporalio.client import WorkflowHistory

from tests.replay.plays import PLAYS
from tests.stage import CONTRACT, Stage, stage_in

HISTORIES = Path(__file__).parent / "histories"


async def record(play: str) -> list[WorkflowHistory]:
    """Perform ``play`` and return the history of every run of every workflow in it."""
    with tempfile.TemporaryDirectory() as folder:
        async with stage_in(Path(folder)) as stage:
            await PLAYS[play](stage)
            return await _histories(stage)


async def _histories(stage: Stage) -> list[WorkflowHistory]:
    query = f"HoldfastContract = '{CONTRACT}'"
    found = []
    async for run in stage.client.list_workflows(query):
        handle = stage.client.get_workflow_handle(run.id, run_id=run.run_id)
        found.append((run.workflow_type, run.start_time, await handle.fetch_history()))
    return [history for _, _, history in sorted(found, key=lambda item: item[:2])]


def main() -> None:
    """Record the plays that are named, or all, under the name of a release."""
    release, *plays = sys.argv[1:]
    for play in plays or PLAYS:
        for number, history in enumerate(asyncio.run(record(play)), 1):
            kind = history.workflow_id.partition(":")[0]
            path = HISTORIES / f"{release}-{play}-{number}-{kind}.json"
            with path.open("x", encoding="utf-8") as file:
                file.write(history.to_json())


if __name__ == "__main__":
    main()
