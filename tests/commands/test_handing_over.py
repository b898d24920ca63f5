"""A handover in several contracts, while nothing can be applied: handed in everywhere, and said."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from commands.instruct import Counter, RefusedEverywhere, Successor, reassign
from desk.door import Desk
from ladders.entries import Doer
from ladders.prose import PersonRef
from tests import world
from tests.stage import CARLA, CONTRACT, MIRA, Stage, until

OTHER = "KSS-2026-015"


async def test_what_waits_in_one_contract_keeps_no_other_waiting(stage: Stage) -> None:
    """All of it is safe, and a program reads so; it is applied once a worker is back."""
    await stage.register()
    operator = Doer(actor=PersonRef("p-op"), authenticated_by="os-user", via="cli")
    other = stage.terms().model_copy(update={"contract": OTHER})
    await stage.desk.register(other, world.SOURCE, operator, rehearsal=True)
    office, said = stage.office, StringIO()
    patience = timedelta(seconds=0.5)
    desk = Desk(stage.client, office.casebook, office.inbox, office.clock, patience)
    counter = Counter(
        desk, office.casebook, CARLA, office.clock, Console(file=said, width=200),
        confirm=lambda: True, as_json=True,
    )  # fmt: skip
    await stage.stop_worker()
    with pytest.raises(RefusedEverywhere, match=OTHER) as caught:
        await reassign(counter, [CONTRACT, OTHER], MIRA, Successor("ana@ardent.example"), ())
    assert caught.value.remedy == "recorded in 0 contracts"
    told = json.loads(said.getvalue())["contracts"]
    assert all(each["waits"] for each in told)
    assert [(each["contract"], each["entry"]) for each in told] == [(CONTRACT, None), (OTHER, None)]
    assert {row.contract for row in office.inbox.unsettled()} == {CONTRACT, OTHER}
    await stage.start_worker()
    await until(lambda: "roles.reassigned" in kinds(stage, CONTRACT))
    await until(lambda: "roles.reassigned" in kinds(stage, OTHER))


async def test_whoever_follows_keeps_the_deputies_of_whoever_leaves(stage: Stage) -> None:
    """A new person of whom nothing else is said; nobody is left without a stand-in unnoticed."""
    await stage.register()
    office, said = stage.office, StringIO()
    counter = Counter(
        stage.desk, office.casebook, CARLA, office.clock, Console(file=said, width=200),
        confirm=lambda: True,
    )  # fmt: skip
    before = {str(p.email): p.deputies for p in office.casebook.as_written(CONTRACT).people}
    assert before[MIRA]
    assert await reassign(counter, [CONTRACT], MIRA, Successor("ana@ardent.example"), ()) == 0
    await until(lambda: "roles.reassigned" in kinds(stage, CONTRACT))
    after = {str(p.email): p.deputies for p in office.casebook.as_written(CONTRACT).people}
    assert after["ana@ardent.example"] == before[MIRA]


def kinds(stage: Stage, contract: str) -> list[str]:
    """What the ledger holds of a contract as a whole."""
    return [line.entry.body.kind for line in stage.office.ledger.lines(contract, "contract")]
