"""The Slack channel against a strict Slack: what is posted, what failures mean, nothing twice."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from slack_sdk import WebClient

from channels.message import (
    Address,
    ChannelError,
    Gone,
    Handle,
    Letter,
    Malformed,
    Mark,
    NotSent,
    Offer,
    Parked,
    PerhapsSent,
)
from channels.pacing import Pacing
from channels.slack import SlackChannel, slack_client
from ledger.opening import open_engine
from ledger.postings import Postings
from ledger.upgrading import upgrade
from tests.slack.fake import FakeSlack, fake_slack
from tests.slack.faults import Faults
from tests.slack.world import Channel, User

MARK = Mark(reference="KSS-2026-014/tooling/1", seq=17, hash="a" * 64, prev="b" * 64)


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    """A strict Slack on loopback, reached directly whatever proxy the machine names."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with fake_slack() as running:
        yield running


@pytest.fixture
def mira(slack: FakeSlack) -> User:
    """Somebody of the workspace."""
    return slack.add_user("mira@ardent.example", name="Mira Roth", id="U061F7AUR")


@pytest.fixture
def room(slack: FakeSlack) -> Channel:
    """The contract's channel, into which the app was invited."""
    return slack.add_channel("vendors", id="C0VENDORS")


@pytest.fixture
def memory(tmp_path: Path) -> Postings:
    """What is remembered beyond the life of a process."""
    engine = open_engine(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    upgrade(engine)
    return Postings(engine, lambda: datetime.now(UTC))


@pytest.fixture
def channel(slack: FakeSlack, memory: Postings) -> SlackChannel:
    """The channel, pointed at that Slack, in a hurry."""
    return hurried(slack, memory)


def hurried(slack: FakeSlack, memory: Postings) -> SlackChannel:
    """A channel that knows only what ``memory`` does, and waits for nothing."""
    client = slack_client(slack.token, slack.base_url)
    return SlackChannel(client, memory, Pacing(timedelta(0)), look_again=timedelta(0))


def personal(**more: object) -> Letter:
    """A letter to Mira."""
    to = Address(email="mira@ardent.example", name="Mira Roth", slack="U061F7AUR")
    return letter(**{"key": "KSS-2026-014/tooling/1/rung/plan>p-mira", "to": to, **more})


def board(**more: object) -> Letter:
    """A ladder's board."""
    return letter(**{"key": "KSS-2026-014/tooling/1/ladder>room", "to": None, **more})


def reply(thread: str, number: int = 1) -> Letter:
    """What hangs on a board."""
    key = f"KSS-2026-014/tooling/1/fact/{number}>room"
    return letter(key=key, to=None, thread=thread, text=f"It happened, {number}.")


def letter(**fields: object) -> Letter:
    """A letter of few words."""
    said = {
        "subject": "tooling: rung 1 of 3 is yours", "text": "Please act.",
        "passages": ("Please act.",), "mark": MARK, "room": "#vendors",
    }  # fmt: skip
    return Letter.model_validate({**said, **fields})


async def fail(channel: SlackChannel, sent: Letter) -> ChannelError:
    """Post, and return the failure."""
    with pytest.raises(ChannelError) as caught:
        await channel.post(sent)
    return caught.value


async def persist(channel: SlackChannel, sent: Letter) -> str:
    """Post as Temporal would: again, until it is confirmed; return the receipt."""
    while True:
        try:
            return (await channel.post(sent)).receipt
        except (NotSent, PerhapsSent):
            await asyncio.sleep(0)


async def test_a_letter_is_posted_to_the_person(
    slack: FakeSlack, channel: SlackChannel, mira: User
) -> None:
    """The conversation is addressed, the key travels as metadata, nothing is expanded."""
    posted = await channel.post(personal())
    (message,) = slack.messages(slack.dm(mira))
    assert posted.receipt == f"{slack.dm(mira).id}/{message.ts}"
    assert message.key == "KSS-2026-014/tooling/1/rung/plan>p-mira"
    assert message.text == "tooling: rung 1 of 3 is yours\n\nPlease act."
    said = message.arguments
    assert (said["parse"], said["unfurl_links"], said["unfurl_media"]) == ("none", False, False)


async def test_a_board_and_its_replies_form_a_thread(
    slack: FakeSlack, channel: SlackChannel, room: Channel
) -> None:
    """Replies stand in order below the board; only what is broadcast shows in the channel."""
    stands = (await channel.post(board())).receipt
    for number in range(3):
        await channel.post(reply(stands, number))
    last = reply(stands, 3).model_copy(update={"broadcast": True})
    await channel.post(last)
    first, *replies = slack.messages(room)
    assert [each.thread_ts for each in replies] == [first.ts] * 4
    assert [each.reply_broadcast for each in replies] == [False] * 3 + [True]


async def test_a_personal_letter_links_to_the_board(
    slack: FakeSlack, channel: SlackChannel, mira: User, room: Channel
) -> None:
    """Whoever is asked finds the whole story behind a link."""
    stands = (await channel.post(board())).receipt
    await channel.post(personal(board=stands))
    (message,) = slack.messages(slack.dm(mira))
    ts = stands.partition("/")[2].replace(".", "")
    assert f"/archives/{room.id}/p{ts}" in str(message.blocks)


async def test_a_board_that_is_gone_keeps_nobody_from_being_told(
    slack: FakeSlack, channel: SlackChannel, mira: User, room: Channel
) -> None:
    """The letter goes out without the link."""
    stands = (await channel.post(board())).receipt
    slack.delete(room, stands.partition("/")[2])
    await channel.post(personal(board=stands))
    assert len(slack.messages(slack.dm(mira))) == 1


async def test_without_a_slack_identity_the_letter_is_parked(
    slack: FakeSlack, channel: SlackChannel
) -> None:
    """Nobody to post to is a lasting failure, and Slack is not asked."""
    error = await fail(channel, personal(to=Address(email="mira@ardent.example")))
    assert (type(error), error.code) == (Parked, "no_slack_identity")
    assert slack.calls == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("share", "channel_shared_with_outsiders"),
        ("archive", "is_archived"),
        ("remove_bot", "not_in_channel"),
    ],
)
async def test_rooms_that_are_refused(
    slack: FakeSlack, channel: SlackChannel, room: Channel, change: str, code: str
) -> None:
    """Nothing is posted where outsiders read, where nothing may be, or uninvited."""
    getattr(slack, change)(room)
    error = await fail(channel, board())
    assert (type(error), error.code) == (Parked, code)
    assert slack.messages(room) == []


async def test_a_room_that_nobody_knows_is_parked(channel: SlackChannel) -> None:
    """A name that no channel has."""
    error = await fail(channel, board(room="#nowhere"))
    assert (type(error), error.code) == (Parked, "channel_not_found")


async def test_what_a_contract_says_cannot_act_in_slack(
    slack: FakeSlack, channel: SlackChannel, mira: User
) -> None:
    """Mentions and links are escaped, controls and bidi overrides are gone."""
    await channel.post(
        personal(subject="a\nb", text="<!channel> <@U1> & <https://x|y>\u202e\x07\nnext")
    )
    (message,) = slack.messages(slack.dm(mira))
    expected = "a b\n\n&lt;!channel&gt; &lt;@U1&gt; &amp; &lt;https://x|y&gt;\nnext"
    assert message.text == expected


async def test_a_long_text_is_cut_so_that_it_can_be_changed_later(
    slack: FakeSlack, channel: SlackChannel, mira: User
) -> None:
    """No escape is cut in two, the cut can be seen, and an update would not be refused."""
    await channel.post(personal(text="&" * 20_000))
    (message,) = slack.messages(slack.dm(mira))
    assert len(message.text) <= 4_000
    assert message.text.endswith("&amp; […]")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("rate_limited", NotSent),
        ("request_timeout", NotSent),
        ("internal_error", PerhapsSent),
        ("service_unavailable", PerhapsSent),
        ("Mira Roth is away", PerhapsSent),
        ("invalid_auth", Parked),
        ("not_authed", Parked),
        ("account_inactive", Parked),
        ("token_revoked", Parked),
        ("missing_scope", Parked),
        ("restricted_action_read_only_channel", Parked),
        ("message_limit_exceeded", Parked),
        ("never_heard_of", Parked),
        ("metadata_too_large", Malformed),
        ("no_text", Malformed),
    ],
)
async def test_each_failure_has_its_class_and_is_never_retried_here(
    slack: FakeSlack, channel: SlackChannel, mira: User, error: str, kind: type[ChannelError]
) -> None:
    """Slack's failures fall into classes; the client asks once, or once more in plain words."""
    slack.fail("chat.postMessage", error, times=5)
    failure = await fail(channel, personal())
    assert type(failure) is kind
    assert failure.code == (error if " " not in error else "unreadable_answer")
    assert failure.permanent is (kind in {Parked, Malformed})
    assert len(slack.called("chat.postMessage")) == (2 if kind is Malformed else 1)
    assert slack.messages(slack.dm(mira)) == []


async def test_a_mistake_in_our_blocks_does_not_keep_the_words_back(
    slack: FakeSlack, channel: SlackChannel, mira: User
) -> None:
    """Sent once more as plain text."""
    slack.fail("chat.postMessage", "invalid_blocks")
    await channel.post(personal())
    (message,) = slack.messages(slack.dm(mira))
    assert (message.blocks, "Please act." in message.text) == ([], True)


async def test_slack_is_left_alone_as_long_as_it_asks(
    slack: FakeSlack, channel: SlackChannel, mira: User
) -> None:
    """Retry-After becomes the pause before the next try, of everybody at that place."""
    slack.faults = Faults(ratelimited=1.0, retry_after=30)
    slack.dm(mira)
    first = await fail(channel, personal())
    assert first.retry_after == timedelta(seconds=30)


@pytest.mark.usefixtures("mira")
async def test_a_place_that_asked_to_be_left_alone_is_left_alone_by_all(
    slack: FakeSlack, memory: Postings
) -> None:
    """Whoever comes next is sent away without a call, and told for how long."""
    channel = hurried(slack, memory)
    await channel.post(personal())
    slack.faults = Faults(ratelimited=1.0, retry_after=30)
    await fail(channel, personal(key="second"))
    calls = len(slack.called("chat.postMessage"))
    error = await fail(channel, personal(key="third"))
    assert error.retry_after is not None
    assert timedelta(seconds=25) < error.retry_after <= timedelta(seconds=30)
    assert len(slack.called("chat.postMessage")) == calls


async def test_messages_to_one_place_keep_the_pace_that_slack_takes(
    slack: FakeSlack, memory: Postings, room: Channel
) -> None:
    """Ten at once go out one after another, and not one is refused for being too fast."""
    slack.rate = 20
    client = slack_client(slack.token, slack.base_url)
    channel = SlackChannel(client, memory, Pacing(timedelta(seconds=0.06)))
    stands = (await channel.post(board())).receipt
    await asyncio.gather(*(channel.post(reply(stands, number)) for number in range(10)))
    assert {call.answer for call in slack.called("chat.postMessage")} == {"ok"}
    assert len(slack.messages(room)) == 11


@pytest.mark.parametrize("fault", ["lost", "fatal"])
async def test_a_letter_that_was_posted_after_all_is_found(
    slack: FakeSlack, channel: SlackChannel, mira: User, fault: str
) -> None:
    """Delivered, but the answer lost: the next try looks, and posts nothing."""
    slack.fail("chat.postMessage", fault)
    assert type(await fail(channel, personal())) is PerhapsSent
    receipt = (await channel.post(personal())).receipt
    (message,) = slack.messages(slack.dm(mira))
    assert receipt.endswith(message.ts)


async def test_a_reply_that_was_posted_after_all_is_found_in_its_thread(
    slack: FakeSlack, channel: SlackChannel, room: Channel
) -> None:
    """Replies are no part of a channel's history; they are looked for where they are."""
    stands = (await channel.post(board())).receipt
    slack.fail("chat.postMessage", "lost")
    await fail(channel, reply(stands))
    await channel.post(reply(stands))
    assert len(slack.messages(room)) == 2


async def test_another_process_knows_that_something_was_perhaps_posted(
    slack: FakeSlack, memory: Postings, mira: User
) -> None:
    """A worker killed between post and answer leaves word behind."""
    slack.fail("chat.postMessage", "lost")
    await fail(hurried(slack, memory), personal())
    await hurried(slack, memory).post(personal())
    assert len(slack.messages(slack.dm(mira))) == 1


@pytest.mark.usefixtures("mira")
async def test_what_is_known_to_be_posted_is_not_even_asked_for(
    slack: FakeSlack, memory: Postings
) -> None:
    """A worker killed between answer and record: the receipt is there already."""
    first = await hurried(slack, memory).post(personal())
    calls = len(slack.calls)
    assert await hurried(slack, memory).post(personal()) == first
    assert len(slack.calls) == calls


async def test_a_letter_that_surely_was_not_posted_is_not_looked_for(
    slack: FakeSlack, channel: SlackChannel, mira: User
) -> None:
    """Reads are scarce: after a plain refusal there is nothing to look for."""
    slack.fail("chat.postMessage", "not_in_channel")
    await fail(channel, personal())
    await channel.post(personal())
    assert slack.called("conversations.history") == []
    assert len(slack.messages(slack.dm(mira))) == 1


async def test_a_refusal_does_not_let_an_earlier_doubt_be_forgotten(
    slack: FakeSlack, channel: SlackChannel, mira: User
) -> None:
    """Perhaps posted, not readable yet, then refused: the next try still looks."""
    slack.fail("chat.postMessage", "lost")
    await fail(channel, personal())
    slack.lag = 60
    slack.fail("chat.postMessage", "ratelimited")
    assert type(await fail(channel, personal())) is NotSent
    slack.later(120)
    slack.lag = 0
    await asyncio.sleep(1)
    await channel.post(personal())
    assert len(slack.messages(slack.dm(mira))) == 1


@pytest.mark.usefixtures("room")
@pytest.mark.parametrize("seed", range(5))
async def test_nothing_is_lost_and_nothing_doubled_whatever_slack_does(
    slack: FakeSlack, memory: Postings, seed: int
) -> None:
    """Forty threaded posts, half the calls faulty, a new process for each: each stands once."""
    stands = await persist(hurried(slack, memory), board())
    slack.faults = Faults(
        seed, ratelimited=0.12, unavailable=0.10, refused=0.08, lost=0.15, fatal=0.07,
        retry_after=0,
    )  # fmt: skip
    letters = [reply(stands, number) for number in range(40)]
    for sent in letters:
        await persist(hurried(slack, memory), sent)
    assert slack.posted_keys()[1:] == [sent.key for sent in letters]


async def test_a_reply_below_a_deleted_board_is_taken_back(
    slack: FakeSlack, channel: SlackChannel, room: Channel
) -> None:
    """Slack posts it beside; it is deleted again, and the board's loss is told."""
    stands = (await channel.post(board())).receipt
    slack.delete(room, stands.partition("/")[2])
    error = await fail(channel, reply(stands))
    assert (type(error), error.code) == (Gone, "thread_gone")
    assert slack.messages(room) == []


async def test_a_stray_reply_whose_answer_was_lost_is_taken_back_too(
    slack: FakeSlack, channel: SlackChannel, room: Channel
) -> None:
    """What may stand beside the thread is looked for there before the board's loss is told."""
    stands = (await channel.post(board())).receipt
    slack.delete(room, stands.partition("/")[2])
    slack.fail("chat.postMessage", "lost")
    await fail(channel, reply(stands))
    assert len(slack.messages(room)) == 1
    assert type(await fail(channel, reply(stands))) is Gone
    assert slack.messages(room) == []


@pytest.mark.usefixtures("room")
async def test_a_contract_that_moves_to_another_channel_takes_its_ladders_along(
    slack: FakeSlack, channel: SlackChannel
) -> None:
    """The old board is not used any more."""
    slack.add_channel("elsewhere")
    stands = (await channel.post(board())).receipt
    error = await fail(channel, reply(stands).model_copy(update={"room": "#elsewhere"}))
    assert (type(error), error.code) == (Gone, "room_changed")


async def test_a_board_is_changed_only_when_it_shows_something_else(
    slack: FakeSlack, channel: SlackChannel, room: Channel
) -> None:
    """The same again costs no call; other words replace the first ones, and the key stays."""
    stands = (await channel.post(board())).receipt
    assert not await channel.show(board(), stands)
    assert slack.called("chat.update") == []
    assert await channel.show(board(subject="closed as cured"), stands)
    (message,) = slack.messages(room)
    assert message.text.startswith("closed as cured")
    assert message.key == board().key


async def test_a_board_that_cannot_be_changed_is_told_as_gone(
    slack: FakeSlack, channel: SlackChannel, room: Channel
) -> None:
    """So that a new one is posted."""
    stands = (await channel.post(board())).receipt
    slack.delete(room, stands.partition("/")[2])
    with pytest.raises(Gone):
        await channel.show(board(subject="other"), stands)


async def test_answers_are_taken_away_once(
    slack: FakeSlack, channel: SlackChannel, mira: User
) -> None:
    """In their place stands what became of it; a message that somebody deleted is let be."""
    handle = Handle(contract="KSS-2026-014", stream="tooling/1", about="tender 1")
    accept = Offer(action="accept", label="Accept…", meaning="it closes", handle=handle)
    asking = personal(offers=(accept,))
    receipt = (await channel.post(asking)).receipt
    assert await channel.offers(asking.key, (accept,))
    over = personal(offers=(), aside="Jonas Weber accepted it.")
    assert await channel.show(over, receipt)
    (message,) = slack.messages(slack.dm(mira))
    assert "actions" not in {block["type"] for block in message.blocks}
    assert "Jonas Weber accepted it." in str(message.blocks)
    assert "\n\nJonas Weber accepted it.\n\n" in message.text
    assert await channel.offers(over.key, ())
    assert not await channel.offers(over.key, (accept,))
    slack.delete(slack.dm(mira), message.ts)
    other = over.model_copy(update={"key": "another"})
    await channel.show(other, receipt)
    assert await channel.offers("another", ())


async def test_what_was_posted_after_all_is_made_to_say_what_is_said_by_now(
    slack: FakeSlack, channel: SlackChannel, mira: User, room: Channel
) -> None:
    """The first answer was lost, and by the second attempt the letter is another one."""
    slack.fail("chat.postMessage", "lost")
    await fail(channel, personal(text="please acknowledge"))
    await channel.post(personal(text="please act", aside="Mira Roth: acknowledged"))
    (message,) = slack.messages(slack.dm(mira))
    assert "Mira Roth: acknowledged" in message.text
    slack.fail("chat.postMessage", "lost")
    await fail(channel, board(subject="rung 1"))
    await channel.post(board(subject="rung 2"))
    assert [each.text.partition("\n")[0] for each in slack.messages(room)] == ["rung 2"]


async def test_what_cannot_be_made_to_say_so_counts_as_unknown(
    slack: FakeSlack, channel: SlackChannel, mira: User
) -> None:
    """It stands, and is changed once that is possible."""
    slack.fail("chat.postMessage", "lost")
    await fail(channel, personal())
    slack.fail("chat.update", "edit_window_closed")
    later = personal(aside="Mira Roth: acknowledged")
    receipt = (await channel.post(later)).receipt
    assert not await channel.offers(later.key, later.offers)
    assert await channel.show(later, receipt)
    (message,) = slack.messages(slack.dm(mira))
    assert "acknowledged" in message.text


async def test_a_token_of_another_workspace_changes_nothing_and_is_not_believed(
    slack: FakeSlack, channel: SlackChannel, mira: User
) -> None:
    """Slack knows no such conversation then; what could not be changed is not taken for changed."""
    handle = Handle(contract="KSS-2026-014", stream="tooling/1", about="tender 1")
    accept = Offer(action="accept", label="Accept…", meaning="it closes", handle=handle)
    receipt = (await channel.post(personal(offers=(accept,)))).receipt
    slack.fail("chat.update", "channel_not_found")
    over = personal(offers=(), aside="It is over.")
    with pytest.raises(Parked):
        await channel.show(over, receipt)
    assert await channel.show(over, receipt)
    (message,) = slack.messages(slack.dm(mira))
    assert "It is over." in message.text


async def test_what_was_perhaps_posted_is_found_or_known_not_to_be_there(
    slack: FakeSlack, channel: SlackChannel, memory: Postings, mira: User
) -> None:
    """Of what was dropped in between; looked for once."""
    assert await channel.find("never") is None
    slack.fail("chat.postMessage", "lost")
    await fail(channel, personal())
    (message,) = slack.messages(slack.dm(mira))
    assert await channel.find(personal().key) == f"{slack.dm(mira).id}/{message.ts}"
    slack.fail("chat.postMessage", "internal_error")
    await fail(channel, personal(key="another"))
    assert memory.find("another") is not None
    assert await channel.find("another") is None
    assert memory.find("another") is None


async def test_nobody_listening_means_not_sent(
    slack: FakeSlack, memory: Postings, mira: User
) -> None:
    """A refused connection cannot have posted anything; once Slack is back, the letter goes."""
    channel = hurried(slack, memory)
    slack.pause()
    error = await fail(channel, personal())
    assert (type(error), error.code) == (NotSent, "connection_refused")
    slack.resume()
    await channel.post(personal())
    assert len(slack.messages(slack.dm(mira))) == 1


async def test_no_answer_in_time_is_ambiguous(memory: Postings) -> None:
    """A server that accepts and stays silent may have posted."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = slack_client("xoxb-test", f"http://127.0.0.1:{silent.getsockname()[1]}/api/")
        client.timeout = 1
        error = await fail(SlackChannel(client, memory), personal())
    assert (type(error), error.code) == (PerhapsSent, "timeout")


def test_a_client_that_retries_is_refused(memory: Postings) -> None:
    """The SDK's default client posts twice after a lost connection; it is not taken."""
    with pytest.raises(ValueError, match="retries"):
        SlackChannel(WebClient(token="xoxb-test"), memory)  # noqa: S106
