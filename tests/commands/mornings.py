"""Mornings on which status is read: ladders as they stand then, and what it says of them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from commands.status import status
from desk.choosing import Choice
from desk.office import Office
from desk.settled import Settled
from ladders.entries import Doer
from ladders.events import Action
from ladders.prose import Wording
from tests.commands.books import Paper
from tests.ledger.chronicle import CONTRACT
from tests.world import JONAS, Case

CONFIRMED = datetime(2026, 10, 1, 8, tzinfo=UTC)
TENDERED = date(2026, 10, 2)
WARNED = datetime(2026, 9, 22, 6, tzinfo=UTC)
WORDS = Wording("words")


def warned() -> Case:
    """A ladder on which the first warning was given."""
    case = Case()
    case.catch_up()
    return case


def missed() -> Case:
    """A ladder on its first rung after the miss; it is the morning of 3 October, a Saturday."""
    case = Case()
    case.move(CONFIRMED)
    case.act("confirm")
    case.pass_days(2)
    return case


def document(office: Office, now: datetime, **choice: Any) -> Any:
    """What it tells a program, milestones included."""
    paper = Paper()
    code = status(office, Choice(**choice), now=now, everything=True, as_json=True, console=paper)
    found = json.loads(paper.said)
    assert code == (1 if found["unreadable"] else 0)
    return found


def page(office: Office, now: datetime, width: int = 200, **choice: Any) -> str:
    """What it tells a person, on paper of that width."""
    paper = Paper(width)
    everything = bool(choice.pop("everything", False))
    wanted = Choice(**choice)
    code = status(office, wanted, now=now, everything=everything, as_json=False, console=paper)
    assert code == 0
    return paper.said


def shown(office: Office, now: datetime) -> tuple[str, str | None, str, str]:
    """Phase, rung, turn and until of the one open ladder."""
    (row,) = document(office, now)["ladders"]
    return row["phase"], row["rung"], f"{row['person']} ({row['role']})", row["until"]["local"]


def request(office: Office, key: str, refused: str | None, at: datetime) -> None:
    """Put a request of Jonas into the inbox; settle it if it is ``refused``."""
    by = Doer(actor=JONAS, authenticated_by="slack", via="slack")
    action = Action(key=key, name="complete", by=by, received_at=at)
    target = f"ladder:{CONTRACT}:tooling:1"
    office.inbox.receive(key, CONTRACT, target, action.model_dump_json(), at)
    if refused is not None:
        answer = Settled(received_at=at, refused=refused).model_dump_json()
        office.inbox.settle(key, answer, at)
