"""The newsagent: each digest once, whatever a channel does, and nobody waits for anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.newsagent import DigestNewsagent
from channels.digest_facts import AskFacts, Board, Digest, DigestFacts
from channels.message import Address, Letter, NotSent, Parked, PerhapsSent
from desk.office import Office
from ledger.postings import Postings
from tests.commands.books import shelf_in
from tests.commands.mornings import missed
from tests.desk.rounds import newsagent, write
from tests.stage import Mailbox
from tests.world import CARLA, MIRA

MONDAY = datetime(2026, 10, 5, 6, 30, tzinfo=UTC)
DAILY, WEEKLY = f"digest/2026-10-05/{MIRA}", f"portfolio/2026-W41/{CARLA}"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A ledger on which Mira is asked something, and Carla approves."""
    with shelf_in(tmp_path) as shelf:
        yield write(shelf.empty(), missed())


def keys(mailbox: Mailbox) -> list[str]:
    """Which letters were posted."""
    return [letter.key for letter in mailbox.letters]


class Linked(Mailbox):
    """A mailbox whose letters have addresses."""

    async def link(self, receipt: str) -> str | None:
        """Where a letter is found."""
        return f"https://ardent.slack.example/{receipt}"


class Bulletin:
    """A compiler that has one digest, which names the board of a ladder."""

    def due(self, now: datetime) -> list[Digest]:
        """That one."""
        ask = AskFacts(
            reference="KSS-1/tooling/1", supplier="Kitano", milestone="tooling",
            what="question", role="owner", board=Board("C1/1.2"),
        )  # fmt: skip
        told = DigestFacts(recipient="Mira Roth", on=now.date(), asks=(ask,))
        return [Digest(DAILY, Address(email="mira@ardent.example"), told)]


def refusing(key: str, error: Exception) -> Mailbox:
    """A mailbox that takes all letters but one."""

    async def trouble(letter: Letter) -> None:
        if letter.key == key:
            raise error

    return Mailbox(trouble=trouble)


async def test_a_second_round_sends_nothing_again(office: Office) -> None:
    """Nor does a newsagent that knows nothing of the first; the tally says so."""
    mailbox = Mailbox()
    first = await newsagent(office, mailbox).send(MONDAY)
    assert (first.sent, first.refused, keys(mailbox)) == (2, 0, [WEEKLY, DAILY])
    later = await newsagent(office, mailbox).send(MONDAY + timedelta(hours=1))
    assert (later.sent, keys(mailbox)) == (0, [WEEKLY, DAILY])
    posting = Postings(office.ledger.engine, office.clock).find(DAILY)
    assert posting is not None
    assert posting.receipt == DAILY


async def test_whoever_cannot_be_told_keeps_nobody_waiting(office: Office) -> None:
    """Refused for good: told at the next round, if the channel was mended by then."""
    mailbox = refusing(WEEKLY, Parked("account_inactive"))
    found = await newsagent(office, mailbox).send(MONDAY)
    assert (found.sent, found.refused, keys(mailbox)) == (1, 1, [DAILY])
    mailbox.trouble = None
    await newsagent(office, mailbox).send(MONDAY + timedelta(minutes=30))
    assert keys(mailbox) == [DAILY, WEEKLY]


@pytest.mark.parametrize("error", [NotSent("ratelimited"), PerhapsSent("timeout")])
async def test_a_passing_failure_is_raised_once_all_were_tried(
    office: Office, error: Exception
) -> None:
    """So that Temporal tries again, and only what is missing is sent then."""
    mailbox = refusing(WEEKLY, error)
    with pytest.raises(type(error)):
        await newsagent(office, mailbox).send(MONDAY)
    assert keys(mailbox) == [DAILY]
    mailbox.trouble = None
    await newsagent(office, mailbox).send(MONDAY)
    assert keys(mailbox) == [DAILY, WEEKLY]


async def test_what_the_channel_refuses_to_tell_goes_by_the_other(office: Office) -> None:
    """By e-mail, as any message to a person."""
    mailbox, other = refusing(DAILY, Parked("no_slack_identity")), Mailbox()
    found = await newsagent(office, mailbox, other).send(MONDAY)
    assert (found.sent, found.refused) == (2, 0)
    assert (keys(mailbox), keys(other)) == ([WEEKLY], [DAILY])


async def test_what_is_known_to_be_posted_is_not_posted_again(office: Office) -> None:
    """As after a death between the post and the end of the round."""
    Postings(office.ledger.engine, office.clock).show(DAILY, "D1/1.2", "0" * 64)
    mailbox = Mailbox()
    await newsagent(office, mailbox).send(MONDAY)
    assert keys(mailbox) == [WEEKLY]


@pytest.mark.parametrize("mailbox", [Linked(), Mailbox()], ids=["slack", "console"])
async def test_a_board_is_linked_where_it_has_an_address(office: Office, mailbox: Mailbox) -> None:
    """A receipt is for programs; where it leads nowhere, it is left out."""
    await DigestNewsagent(Bulletin(), Postings(office.ledger.engine, office.clock), mailbox).send(
        MONDAY
    )
    (letter,) = mailbox.letters
    assert ("https://ardent.slack.example/C1/1.2" in letter.text) == isinstance(mailbox, Linked)
    assert ("C1/1.2" in letter.text) == isinstance(mailbox, Linked)


async def test_a_letter_says_it_plainly_and_in_passages_with_instants_marked(
    office: Office,
) -> None:
    """To the person, to no room."""
    mailbox = Mailbox()
    await newsagent(office, mailbox).send(MONDAY)
    letter = mailbox.letters[1]
    assert (letter.to and letter.to.email, letter.room) == ("p-mira@ardent.example", None)
    assert letter.subject == "Today: 1 thing waits for you"
    assert "do plan (rung plan).\nUntil the end of Tuesday 6 October 2026" in letter.text
    assert "\ue000" in letter.passages[1]
    assert "\ue000" not in letter.text
