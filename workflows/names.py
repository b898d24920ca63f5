"""Names that outlive a deployment: workflow ids, task queues, search attributes.

None of them is ever encrypted, so none carries a person or a supplier: references, roles, states.
"""

from __future__ import annotations

from datetime import datetime

from temporalio.common import SearchAttributeKey

from ladders.values import Ref

TASK_QUEUE = "holdfast"
COURIER_QUEUE = "holdfast-courier"
"""Messages have a queue of their own, so that a slow channel never delays a recording."""

EVIDENCE_QUEUE = "holdfast-evidence"
"""So have files: fetching them takes long, and those that wait for their turn wait in Temporal."""

DIGEST = "Digest"
"""The type of the workflow that sends digests."""

DIGESTS = "holdfast-digests"
"""The schedule that sends digests, and what the ids of its workflows begin with."""

CONTRACT = SearchAttributeKey.for_keyword("HoldfastContract")
PHASE = SearchAttributeKey.for_keyword("HoldfastPhase")
RUNG = SearchAttributeKey.for_keyword("HoldfastRung")
TURN = SearchAttributeKey.for_keyword("HoldfastTurn")
UNTIL: SearchAttributeKey[datetime] = SearchAttributeKey.for_datetime("HoldfastUntil")
SEARCH_ATTRIBUTES = (CONTRACT, PHASE, RUNG, TURN, UNTIL)


def contract_id(contract: Ref) -> str:
    """The id of a contract's workflow."""
    return f"contract:{contract}"


def ladder_id(contract: Ref, stream: str) -> str:
    """The id of a ladder's workflow; ``stream`` is such as ``tooling/1``."""
    milestone, _, number = stream.rpartition("/")
    return f"ladder:{contract}:{milestone}:{number}"


def contract_of(workflow_id: str) -> Ref:
    """The contract whose workflow, or whose ladder's, has that id."""
    return workflow_id.split(":")[1]
