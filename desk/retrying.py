"""Having parked messages tried at once, where they would else rest for some hours."""

from __future__ import annotations

from collections.abc import Awaitable

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from desk.office import Office
from workflows.ladder import LadderWorkflow
from workflows.names import ladder_id


async def try_again(client: Client, office: Office) -> int:
    """Let every open ladder try now what it lets rest: messages, and changes of what was posted.

    Returns how many with parked messages were told. Raises RPCError where Temporal does not answer.
    """
    told = 0
    for each in office.standings.open_ladders():
        ladder = client.get_workflow_handle(ladder_id(each.contract, each.stream))
        told += await _told(ladder.signal(LadderWorkflow.mended)) and each.parked > 0
    return told


async def _told(signal: Awaitable[None]) -> bool:
    try:
        await signal
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        # Temporal does not run it; that is for doctor to say, and for rebuild to mend.
        return False
    return True
