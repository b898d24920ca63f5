"""Real time, real processes, SIGKILL at random instants: every entry once, in order, none missing.

Fifty ladders with windows of seconds are walked while the worker, the server and both are killed,
where they are processes of their own and then where ``up`` runs them.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import NamedTuple

import pytest
from filelock import FileLock

from desk.office import Office
from ladders.decision import decide
from ladders.entries import Entry, MessagePosted
from ladders.events import Tick
from ladders.folding import apply, begin
from ladders.kinds.common import ENGINE
from ladders.state import LadderState
from ledger.verifying import verify_ledger
from settings import utc_now
from tests.commands.shell import listens, working_on
from tests.faults.drill import CONTRACTS, LADDERS, MEMBERS, MILESTONES, address, perform
from tests.faults.machine import Machine
from tests.faults.seed import SEED
from tests.slack.fake import fake_slack
from tests.stage import kinds_of, silent_course
from tests.world import pick

DIGESTS = ("digest/", "portfolio/")


class Aftermath(NamedTuple):
    """What is left once all is quiet, and what was asked for and received on the way."""

    machine: Machine
    office: Office
    ended: int
    clicks: list[str]
    received: Counter[str]

    def entries(self, contract: str, stream: str | None = None) -> list[Entry]:
        """What the ledger holds of a contract, or of one stream."""
        return [line.entry for line in self.office.ledger.lines(contract, stream)]


@pytest.fixture(scope="module", params=[SEED], ids="seed-{}".format)
def after(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Aftermath]:
    """One drill, which all the tests look back on."""
    folder = tmp_path_factory.mktemp("faults")
    with fake_slack(seed=request.param) as slack:
        for contract, members in MEMBERS.items():
            for role, member in members.items():
                slack.add_user(address(contract, role), id=member)
        machine = Machine(folder, slack.base_url, slack.token)
        office = Office.open(f"sqlite:///{machine.data / 'ledger.sqlite'}", utc_now)
        with machine.cleared():
            clicks = asyncio.run(perform(machine, office, request.param))
            ended = machine.end("up")
            # If it is morning, a digest may go out too, which no entry owes.
            owed = [key for key in slack.posted_keys() if not key.startswith(DIGESTS)]
            yield Aftermath(machine, office, ended, clicks, Counter(owed))
        office.close()


def followed(entries: Iterable[Entry]) -> Iterator[tuple[LadderState, Entry]]:
    """Each entry of a ladder after its first, with the state that it met."""
    first, *rest = entries
    state = begin(first)
    for entry in rest:
        yield state, entry
        state = apply(state, entry)


@pytest.mark.parametrize(("contract", "stream"), LADDERS)
def test_every_entry_is_the_one_that_was_due(after: Aftermath, contract: str, stream: str) -> None:
    """What time brought about is, to the last character, what deciding gives at that instant."""
    for state, entry in followed(after.entries(contract, stream)):
        if entry.by.actor == ENGINE and not entry.body.kind.startswith("message."):
            assert decide(state, Tick(until=entry.occurred_at), entry.occurred_at) == [entry]


@pytest.mark.parametrize(("contract", "stream"), LADDERS)
def test_no_entry_is_missing_or_doubled(after: Aftermath, contract: str, stream: str) -> None:
    """The course is that of a ladder that nothing befell; only a reminder may come too late."""
    entries = after.entries(contract, stream)
    undisturbed = silent_course(entries[:1], entries[0].occurred_at + timedelta(minutes=1))
    assert course(entries[1:]) == course(undisturbed)
    assert kinds_of(undisturbed).count("rung.silent") == 2
    keys = [entry.key for entry in entries]
    assert len(set(keys)) == len(keys)


def course(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Kinds and keys of what time brought about; a reminder is dropped where it came too late."""
    return [
        (entry.body.kind, entry.key)
        for entry in entries
        if entry.by.actor == ENGINE
        and not entry.body.kind.startswith("message.")
        and entry.body.kind != "rung.reminded"
    ]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_contract_began_each_ladder_once(after: Aftermath, contract: str) -> None:
    """After one registration; and its chain verifies."""
    registered, *started = after.entries(contract, "contract")
    assert registered.body.kind == "contract.registered"
    assert {entry.key for entry in started} == {f"ladder.started/{m}/1" for m in MILESTONES}
    assert len(started) == len(MILESTONES)
    verdict = verify_ledger(after.office.ledger.engine, contract)
    assert verdict.findings == ()


def test_every_message_is_posted_or_owed(after: Aftermath) -> None:
    """Once on record and once in Slack, whatever was under way at a kill; and nothing else."""
    intended, posted, owed = list[str](), list[str](), list[str]()
    for contract, stream in LADDERS:
        entries = after.entries(contract, stream)
        intended += [f"{contract}/{told.key}" for each in entries for told in each.body.tell]
        posted += [f"{contract}/{body.message}" for _, body in pick(entries, MessagePosted)]
        state = after.office.casebook.ladder(contract, stream)
        owed += [f"{contract}/{message.key}" for message in state.outbox]
    assert sorted(posted + owed) == sorted(intended)
    assert len(set(intended)) == len(intended)
    assert set(posted) <= set(after.received) <= set(intended)
    assert set(after.received.values()) == {1}
    assert len(posted) > len(intended) / 2


def test_every_click_landed_once(after: Aftermath) -> None:
    """Though most were made while nobody was there to apply them."""
    noted = [
        entry
        for contract in CONTRACTS
        for entry in after.entries(contract)
        if entry.body.kind == "note.added"
    ]
    assert len(noted) > 0
    assert sorted(entry.key for entry in noted) == sorted(after.clicks)
    assert all(entry.deemed_at <= entry.occurred_at for entry in noted)


def test_nothing_runs_and_nothing_is_locked(after: Aftermath) -> None:
    """It ended cleanly; both databases are whole, and can be written at once."""
    machine = after.machine
    assert after.ended == 0
    assert not working_on(machine.data)
    assert not any(map(listens, (machine.port, machine.ui_port)))
    with FileLock(machine.data / "up.lock", timeout=0):
        for name in ("ledger.sqlite", "temporal.sqlite"):
            with closing(sqlite3.connect(machine.data / name, timeout=0)) as database:
                assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                database.execute("BEGIN EXCLUSIVE")
