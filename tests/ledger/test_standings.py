"""Standings: derived from the entries, whenever and however often they are lost."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ladders.errors import StaleEntry
from ladders.events import Posted
from ladders.folding import fold
from ladders.prose import Wording
from ladders.standings import LadderStanding, stand, stand_contract
from ladders.watch import STREAM, begin_watch, start_ladder
from ledger import opening
from ledger.book import Ledger
from ledger.errors import UnreadableLine
from ledger.lines import Line
from ledger.opening import open_engine, writing
from ledger.private import PrivateRows
from ledger.standings import _LOCK, FollowedLedger, Standings, Stream
from tests.ledger.chronicle import CONTRACT, disarm, note, registration
from tests.world import CARLA, Case

SAID = Wording("words")
LADDER = Stream(CONTRACT, "tooling/1")
BROKEN = Stream("OTHER", "tooling/1")


def climbing() -> Case:
    """A ladder that has been through most of what happens."""
    case = Case()
    case.pass_days(11)
    case.act("confirm")
    case.pass_days(20)
    case.act("tender", delivered=case.now.date())
    return case


@pytest.fixture
def standings(ledger: Ledger) -> Standings:
    """The standings of the ledger."""
    return Standings(ledger)


@pytest.fixture
def case(ledger: Ledger, standings: Standings, private: PrivateRows) -> Case:
    """A ladder, appended entry by entry with the standings following."""
    book, case = FollowedLedger(ledger, standings), climbing()
    book.append(private.seal(CONTRACT, registration()))
    (first,) = ledger.lines(CONTRACT, STREAM)
    book.append(start_ladder(begin_watch(first.entry), "tooling", case.entries[0].occurred_at))
    for entry in case.entries:
        book.append(private.seal(CONTRACT, entry))
        assert standings.open_ladders() == [derived(ledger)]
    return case


def derived(ledger: Ledger) -> LadderStanding | None:
    """What the entries of the one ladder come to."""
    return stand(line.entry for line in ledger.lines(*LADDER))


def kept(ledger: Ledger) -> list[tuple[object, ...]]:
    """The rows as they are."""
    with ledger.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM standing ORDER BY contract, stream"))
        return [tuple(row) for row in rows]


def spoil(ledger: Ledger, statement: str) -> None:
    """Do something to the rows by hand."""
    with ledger.engine.begin() as connection:
        connection.execute(text(statement))


def break_ladder(ledger: Ledger) -> None:
    """Append a stream that is no ladder."""
    ledger.append(note(1, stream=BROKEN.stream, contract=BROKEN.contract))


def test_standings_follow_every_append(case: Case, ledger: Ledger, standings: Standings) -> None:
    """The ladder's after each of its entries, and the contract's; none is astray."""
    (contract,) = standings.contracts()
    assert contract == stand_contract(line.entry for line in ledger.lines(CONTRACT, STREAM))
    (ladder,) = standings.open_ladders()
    state = fold(line.entry for line in ledger.lines(*LADDER))
    assert state is not None
    assert (ladder.phase, ladder.owed) == (case.state.phase, len(case.state.outbox))
    assert standings.catch_up() == {}
    assert standings.astray() == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM standing",
        "DELETE FROM standing WHERE stream = 'tooling/1'",
        "UPDATE standing SET form = form - 1",
        "UPDATE standing SET seq = seq - 1, standing = '{}'",
        "UPDATE standing SET seq = seq + 1",
    ],
)
@pytest.mark.usefixtures("case")
def test_what_is_lost_is_derived_anew(ledger: Ledger, standings: Standings, statement: str) -> None:
    """Rows that are missing, late, ahead or of another form count for nothing."""
    before = kept(ledger)
    spoil(ledger, statement)
    assert kept(ledger) != before
    assert standings.catch_up() == {}
    assert kept(ledger) == before


def test_entries_that_nobody_followed_are_caught_up_with(
    case: Case, ledger: Ledger, standings: Standings, private: PrivateRows
) -> None:
    """As when another program appends, or a worker dies between the two."""
    closing = case.act("accept", CARLA)
    for message in case.state.outbox:
        posted = Posted(message=message.key, channel="slack", receipt="1", wording=SAID)
        closing += case.feed(posted)
    for entry in closing:
        ledger.append(private.seal(CONTRACT, entry))
    assert [each.phase for each in standings.open_ladders()] == ["climbing"]
    assert standings.catch_up() == {}
    assert standings.open_ladders() == []
    closed = derived(ledger)
    assert closed is not None
    assert (closed.phase, closed.is_open, closed.person) == ("closed", False, None)


def test_a_standing_that_cannot_follow_fails_no_append(
    case: Case,
    ledger: Ledger,
    standings: Standings,
    private: PrivateRows,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The entry is recorded, the failure is told to the log."""
    (entry,) = case.act("note", note="seen")
    spoil(ledger, "ALTER TABLE standing RENAME TO elsewhere")
    receipt = FollowedLedger(ledger, standings).append(private.seal(CONTRACT, entry))
    assert ledger.lines(CONTRACT)[-1].seq == receipt.seq
    assert f"the standing of {CONTRACT} tooling/1 does not follow" in caplog.text
    assert "StaleEntry" not in caplog.text


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_standing_that_has_to_wait_holds_no_append_up_for_ever(
    case: Case,
    url: str,
    ledger: Ledger,
    private: PrivateRows,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Somebody else sits on its lock. SQLite has one lock for both, and the same patience."""
    monkeypatch.setattr(opening, "BUSY_TIMEOUT_SECONDS", 1)
    (entry,) = case.act("note", note="seen")
    other = open_engine(url)
    with writing(other, lock=_LOCK):
        FollowedLedger(ledger, Standings(ledger)).append(private.seal(CONTRACT, entry))
    other.dispose()
    assert "lock timeout" in caplog.text


@pytest.mark.usefixtures("case")
def test_one_stream_that_cannot_be_read_hides_no_other(
    ledger: Ledger, standings: Standings
) -> None:
    """It is named, with the reason, and the others are derived."""
    break_ladder(ledger)
    before = standings.open_ladders()
    unreadable = standings.rebuild()
    assert unreadable.keys() == {BROKEN}
    assert isinstance(unreadable[BROKEN], StaleEntry)
    assert standings.open_ladders() == before


@pytest.mark.usefixtures("case")
def test_what_was_done_to_the_ledger_has_no_standing(
    ledger: Ledger, standings: Standings, caplog: pytest.LogCaptureFixture
) -> None:
    """A stream that is neither a contract's nor a ladder's is nothing to be followed."""
    before = kept(ledger)
    FollowedLedger(ledger, standings).append(note(1, stream="ledger"))
    assert standings.catch_up() == {}
    assert (kept(ledger), caplog.text) == (before, "")


@pytest.mark.usefixtures("case")
def test_rows_that_somebody_wrote_are_found_and_replaced(
    ledger: Ledger, standings: Standings
) -> None:
    """A row that claims to be up to date, and is not what its entries come to."""
    before = kept(ledger)
    spoil(ledger, "UPDATE standing SET is_open = NOT is_open WHERE stream = 'tooling/1'")
    assert standings.catch_up() == {}
    assert standings.astray() == [LADDER]
    assert standings.rebuild() == {}
    assert kept(ledger) == before


def test_a_standing_that_is_overtaken_while_it_is_looked_at_is_not_astray(
    case: Case, ledger: Ledger, standings: Standings, private: PrivateRows
) -> None:
    """As when a doctor looks on while the worker appends."""
    overtaking = iter(case.act("note", note="seen"))

    class Busy(Ledger):
        """A ledger to which somebody appends before each reading."""

        def lines(
            self, contract: str, stream: str | None = None, upto: int | None = None
        ) -> list[Line]:
            """Read what is there by then."""
            for entry in overtaking:
                FollowedLedger(ledger, standings).append(private.seal(CONTRACT, entry))
            return super().lines(contract, stream, upto)

    before = len(ledger.lines(CONTRACT))
    assert Standings(Busy(ledger.engine, lambda: case.now)).astray() == []
    assert len(ledger.lines(CONTRACT)) == before + 1


def test_a_standing_that_lags_is_astray_only_where_it_was_never_true(
    case: Case, ledger: Ledger, standings: Standings, private: PrivateRows
) -> None:
    """Whoever changes a row cannot hide it by calling it late."""
    (entry,) = case.act("note", note="seen")
    ledger.append(private.seal(CONTRACT, entry))
    assert standings.astray() == []
    spoil(ledger, "UPDATE standing SET standing = '{}' WHERE stream = 'tooling/1'")
    assert standings.astray() == [LADDER]


@pytest.mark.usefixtures("case")
def test_entries_that_were_changed_are_found(ledger: Ledger, standings: Standings) -> None:
    """The row stands for what can no longer be read."""
    disarm(ledger.engine)
    spoil(ledger, "UPDATE entry SET line = 'x' WHERE kind = 'rung.opened'")
    assert standings.astray() == [LADDER]
    assert isinstance(standings.rebuild()[LADDER], UnreadableLine)
    assert standings.open_ladders() == []
