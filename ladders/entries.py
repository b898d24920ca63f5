"""What may happen: a closed list of entry kinds, each with a typed body and one human sentence.

An entry is what a decision produces and what the ledger keeps. Its body carries identifiers,
dates and commitments; never a name, an address or free text in clear (law 19). Sentences are
rendered from an *opened* body, in which commitments have been replaced by what they stand for.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ladders.kinds.administering import (
    ContractAmended,
    ContractClosed,
    LaddersChoice,
    MilestoneExtended,
    MilestoneWaived,
    RolesReassigned,
    TermsFollowed,
    TimeResumed,
    TimeTolled,
)
from ladders.kinds.climbing import (
    ClimbEnded,
    DecisionAsked,
    Escalated,
    RungAcknowledged,
    RungCompleted,
    RungOpened,
    RungPassed,
    RungReminded,
    RungSilent,
)
from ladders.kinds.common import (
    ENGINE,
    ROOM,
    Authentication,
    Body,
    Doer,
    Message,
    Names,
    Topic,
    Via,
)
from ladders.kinds.curing import (
    CureAccepted,
    CureRejected,
    CureTendered,
    LadderWaived,
    LadderWithdrawn,
    NoteAdded,
    ResponseOverdue,
)
from ladders.kinds.keeping import EvidenceKept, EvidenceMissing
from ladders.kinds.mending import LedgerMended
from ladders.kinds.missing import (
    DeliveryAsked,
    DeliveryReminded,
    DeliveryUnconfirmed,
    MilestoneMissed,
    MissConfirmed,
)
from ladders.kinds.posting import MessageDropped, MessageLost, MessageParked, MessagePosted
from ladders.kinds.watching import (
    ContractRegistered,
    LadderOpened,
    LadderStarted,
    MilestoneSettled,
    Outcome,
    RehearsalStarted,
    Standing,
)
from ladders.values import Instant, Ref, Value

__all__ = [
    "ENGINE",
    "ROOM",
    "AnyBody",
    "Authentication",
    "Body",
    "ClimbEnded",
    "ContractAmended",
    "ContractClosed",
    "ContractRegistered",
    "CureAccepted",
    "CureRejected",
    "CureTendered",
    "DecisionAsked",
    "DeliveryAsked",
    "DeliveryReminded",
    "DeliveryUnconfirmed",
    "Doer",
    "Entry",
    "Escalated",
    "EvidenceKept",
    "EvidenceMissing",
    "LadderOpened",
    "LadderStarted",
    "LadderWaived",
    "LadderWithdrawn",
    "LaddersChoice",
    "LedgerMended",
    "Message",
    "MessageDropped",
    "MessageLost",
    "MessageParked",
    "MessagePosted",
    "MilestoneExtended",
    "MilestoneMissed",
    "MilestoneSettled",
    "MilestoneWaived",
    "MissConfirmed",
    "Names",
    "NoteAdded",
    "Outcome",
    "RehearsalStarted",
    "ResponseOverdue",
    "RolesReassigned",
    "RungAcknowledged",
    "RungCompleted",
    "RungOpened",
    "RungPassed",
    "RungReminded",
    "RungSilent",
    "Standing",
    "TermsFollowed",
    "TimeResumed",
    "TimeTolled",
    "Topic",
    "Via",
]

AnyBody = Annotated[
    RehearsalStarted | ContractRegistered | LadderStarted | MilestoneSettled | LadderOpened
    | DeliveryAsked | DeliveryUnconfirmed | DeliveryReminded | MissConfirmed | MilestoneMissed
    | RungOpened | RungPassed | RungReminded | RungSilent | RungAcknowledged | RungCompleted
    | Escalated | CureTendered | ResponseOverdue | CureAccepted | CureRejected | LadderWithdrawn
    | LadderWaived | ClimbEnded | DecisionAsked | NoteAdded
    | MessagePosted | MessageParked | MessageDropped | MessageLost
    | EvidenceKept | EvidenceMissing
    | ContractAmended | MilestoneExtended | MilestoneWaived | TimeTolled | TimeResumed
    | RolesReassigned | ContractClosed | TermsFollowed | LedgerMended,
    Field(discriminator="kind"),
]  # fmt: skip
"""The closed list."""


class Entry(Value):
    """One line of the ledger, before the ledger numbers and chains it.

    ``stream`` is ``contract``, a ladder such as ``tooling/1``, or ``ledger`` for what was done to
    the ledger itself; ``after`` is the key of the stream's previous entry, so that a ledger
    restored from an older backup is noticed (law 3).
    ``occurred_at`` comes from the workflow's clock; ``deemed_at`` is the instant the fact counts
    from. ``key`` derives from meaning and makes the append idempotent (law 4).
    """

    contract: Ref
    stream: str
    key: str
    after: str | None = None
    occurred_at: Instant
    deemed_at: Instant
    by: Doer
    body: AnyBody
