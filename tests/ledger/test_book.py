"""Appending: idempotent by key, in order per stream, gapless per contract, whoever races."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from ladders.entries import Doer, Entry
from ladders.prose import PersonRef, Prose
from ledger.book import Ledger, Receipt
from ledger.errors import KeyConflict, LedgerBehind, NotStorable, OutOfOrder
from ledger.lines import GENESIS, Head
from ledger.opening import open_engine
from ledger.verifying import verify_ledger
from tests.ledger.chronicle import CONTRACT, START, Clock, note, notes

THREADS = 16


def together(work: Callable[[int], list[Receipt]]) -> list[list[Receipt]]:
    """What each of sixteen threads got, all let loose at once."""
    barrier = threading.Barrier(THREADS)

    def run(number: int) -> list[Receipt]:
        barrier.wait()
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_entries_form_a_chain_and_read_back(ledger: Ledger) -> None:
    """Each line carries the hash of the one before, and what was appended is what is read."""
    entries = notes(3)
    receipts = [ledger.append(entry) for entry in entries]
    lines = ledger.lines(CONTRACT)
    assert [line.entry for line in lines] == entries
    assert [line.prev for line in lines] == [GENESIS, lines[0].hash, lines[1].hash]
    assert receipts == [Receipt(line.seq, line.hash, line.recorded_at) for line in lines]
    assert ledger.head(CONTRACT) == Head(3, lines[-1].hash)
    assert ledger.find(CONTRACT, entries[1].key) == lines[1]


def test_an_empty_ledger_says_so(ledger: Ledger) -> None:
    """Where nothing was appended there is no head, no line and no contract."""
    assert ledger.head(CONTRACT) is None
    assert ledger.lines(CONTRACT) == []
    assert ledger.find(CONTRACT, "x") is None
    assert ledger.contracts() == []


def test_contracts_have_chains_of_their_own(ledger: Ledger) -> None:
    """Contracts are numbered apart, and a stream can be read alone."""
    for entry in (note(1), note(1, contract="B-2"), note(1, stream="tooling/1"), note(2)):
        ledger.append(entry)
    assert ledger.contracts() == ["B-2", CONTRACT]
    assert [line.seq for line in ledger.lines(CONTRACT)] == [1, 2, 3]
    assert [line.seq for line in ledger.lines(CONTRACT, "contract")] == [1, 3]
    assert [line.seq for line in ledger.lines("B-2")] == [1]


def test_appending_again_answers_the_same(ledger: Ledger, clock: Clock) -> None:
    """A retry, however late, gets the first receipt and changes nothing."""
    receipts = [ledger.append(entry) for entry in notes(3)]
    clock.now += timedelta(days=1)
    assert [ledger.append(entry) for entry in notes(3)] == receipts
    assert len(ledger.lines(CONTRACT)) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"occurred_at": START},
        {"deemed_at": START},
        {"stream": "tooling/1"},
        {"after": "other"},
        {"by": Doer()},
        {"body": note(1, words=Prose("sealed:" + "1" * 64)).body},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_key_stands_for_one_content(ledger: Ledger, change: dict[str, object]) -> None:
    """The same key with anything else in the entry is refused, and nothing is appended."""
    ledger.append(note(1))
    with pytest.raises(KeyConflict):
        ledger.append(note(1).model_copy(update=change))
    assert len(ledger.lines(CONTRACT)) == 1


def test_a_missing_predecessor_means_the_ledger_is_behind(ledger: Ledger) -> None:
    """An entry after one the ledger never saw is refused: an older backup was restored."""
    ledger.append(note(1))
    with pytest.raises(LedgerBehind):
        ledger.append(note(3))
    assert ledger.head(CONTRACT) == (1, ledger.lines(CONTRACT)[0].hash)
    ledger.append(note(2))
    assert ledger.append(note(3)).seq == 3


@pytest.mark.parametrize("after", [None, "contract:note:1", "tooling/1:note:1"])
def test_an_entry_follows_the_latest_of_its_stream(ledger: Ledger, after: str | None) -> None:
    """An entry after none, after an earlier one or after one of another stream is refused."""
    for entry in (*notes(2), note(1, stream="tooling/1")):
        ledger.append(entry)
    with pytest.raises(OutOfOrder):
        ledger.append(note(9).model_copy(update={"after": after}))
    assert len(ledger.lines(CONTRACT)) == 3


def test_a_first_entry_follows_nothing(ledger: Ledger) -> None:
    """The first entry of a stream may not claim a predecessor of another stream."""
    ledger.append(note(1))
    with pytest.raises(OutOfOrder):
        ledger.append(note(1, stream="tooling/1").model_copy(update={"after": note(1).key}))


def test_a_clock_that_steps_back_does_not_back_date(ledger: Ledger, clock: Clock) -> None:
    """recorded_at never decreases along the chain."""
    first = ledger.append(note(1))
    clock.now -= timedelta(hours=1)
    assert ledger.append(note(2)).recorded_at == first.recorded_at


@pytest.mark.parametrize(
    "change",
    [
        {"body": note(1, words=Prose("Mira Holm called")).body},
        {"by": Doer(actor=PersonRef("mira@ardent.example"))},
        {"by": Doer(actor=PersonRef("os:root"))},
    ],
    ids=["text", "address", "user"],
)
def test_nothing_private_enters_the_chain(ledger: Ledger, change: dict[str, object]) -> None:
    """A text that is not sealed, or an identity in clear, is refused."""
    with pytest.raises(NotStorable) as refusal:
        ledger.append(note(1).model_copy(update=change))
    assert "Mira" not in str(refusal.value)
    assert ledger.lines(CONTRACT) == []


def test_sixteen_threads_with_the_same_entries(ledger: Ledger) -> None:
    """Everybody gets the same receipts, and every entry stands once."""
    entries = notes(10)
    answers = together(lambda _: [ledger.append(entry) for entry in entries])
    assert all(answer == answers[0] for answer in answers)
    assert [receipt.seq for receipt in answers[0]] == list(range(1, 11))
    assert verify_ledger(ledger.engine, CONTRACT).ok


def test_sixteen_threads_with_entries_of_their_own(ledger: Ledger) -> None:
    """Streams that append to one contract at once make one gapless chain, in each one's order."""
    answers = together(
        lambda number: [ledger.append(entry) for entry in notes(8, stream=f"tooling/{number}")]
    )
    given_out = sorted(receipt.seq for answer in answers for receipt in answer)
    assert given_out == list(range(1, THREADS * 8 + 1))
    assert verify_ledger(ledger.engine, CONTRACT).ok


def test_one_of_many_wins_a_place(ledger: Ledger) -> None:
    """Of sixteen different entries after the same one, one is appended and the rest refused."""
    ledger.append(note(1))

    def rival(number: int) -> list[Receipt]:
        try:
            return [ledger.append(note(2).model_copy(update={"key": f"rival-{number}"}))]
        except OutOfOrder:
            return []

    assert sum(len(answer) for answer in together(rival)) == 1
    assert len(ledger.lines(CONTRACT)) == 2


def test_a_lost_connection_is_replaced(ledger: Ledger, backend: str, url: str) -> None:
    """After the database has dropped its connections the next append goes through."""
    ledger.append(note(1))
    if backend == "postgresql":
        other = open_engine(url)
        with other.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        other.dispose()
    else:
        ledger.engine.dispose()
    assert ledger.append(note(2)).seq == 2


def test_a_ledger_outlives_its_process(ledger: Ledger, engine: Engine, clock: Clock) -> None:
    """What another connection appended is continued, not forked."""
    ledger.append(note(1))
    engine.dispose()
    assert Ledger(engine, clock).append(note(2)).seq == 2


STREAMS = ("contract", "tooling/1", "ppap/1")


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(moves=st.lists(st.tuples(st.sampled_from(STREAMS), st.integers(1, 4)), max_size=20))
def test_any_sequence_of_appends_makes_a_gapless_chain(
    ledger: Ledger, moves: list[tuple[str, int]]
) -> None:
    """Whatever is tried in whatever order: accepted entries chain, and the rest leaves no trace."""
    contract = f"C-{uuid.uuid4()}"
    expected: list[Entry] = []
    for stream, number in moves:
        entry = note(number, stream=stream, contract=contract)
        done = [known for known in expected if known.stream == stream]
        if number <= len(done) + 1:
            receipt = ledger.append(entry)
            expected += [] if entry in expected else [entry]
            assert receipt.seq == expected.index(entry) + 1
        else:
            with pytest.raises(LedgerBehind):
                ledger.append(entry)
    assert [line.entry for line in ledger.lines(contract)] == expected
    assert verify_ledger(ledger.engine, contract).ok == bool(expected)
