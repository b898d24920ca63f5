"""The Slack channel against a real HTTP server: what is sent, and what each failure means."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest
from slack_sdk import WebClient

from channels.message import (
    Address,
    ChannelError,
    Letter,
    Malformed,
    NotSent,
    Parked,
    PerhapsSent,
)
from channels.slack import SlackChannel, slack_client
from tests.channels.slack_server import Answer, SlackServer, ok, refused, slack_server

LETTER = Letter(
    key="KSS-2026-014/tooling/1/rung/plan>p-mira",
    to=Address(email="mira@ardent.example", name="Mira Roth", slack="U061F7AUR"),
    subject="tooling: rung 1 of 3 is yours",
    text="Please act.",
    room="C0VENDORS",
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    """A server in Slack's place, reached directly whatever proxy the machine names."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with slack_server() as running:
        yield running


@pytest.fixture
def channel(server: SlackServer) -> SlackChannel:
    """The channel, pointed at that server."""
    return SlackChannel(slack_client("xoxb-test", server.base_url))


async def fail(channel: SlackChannel, letter: Letter = LETTER) -> ChannelError:
    """Post, and return the failure."""
    with pytest.raises(ChannelError) as caught:
        await channel.post(letter)
    return caught.value


async def test_a_letter_is_posted_to_the_person(server: SlackServer, channel: SlackChannel) -> None:
    """The person's own id is addressed, the key travels as metadata, nothing is expanded."""
    posted = await channel.post(LETTER)
    assert (posted.channel, posted.receipt) == ("slack", "D024BE91L/1791000000.000100")
    assert server.received == [
        {
            "method": "chat.postMessage",
            "authorization": "Bearer xoxb-test",
            "channel": "U061F7AUR",
            "text": "tooling: rung 1 of 3 is yours\n\nPlease act.",
            "mrkdwn": False,
            "parse": "none",
            "unfurl_links": False,
            "unfurl_media": False,
            "metadata": {
                "event_type": "holdfast_message",
                "event_payload": {"key": "KSS-2026-014/tooling/1/rung/plan>p-mira"},
            },
        }
    ]


async def test_without_a_slack_id_the_contracts_channel_is_used(
    server: SlackServer, channel: SlackChannel
) -> None:
    """Somebody without a Slack id is told in the contract's channel."""
    server.answer = ok(channel="C0VENDORS")
    letter = LETTER.model_copy(update={"to": Address(email="mira@ardent.example")})
    posted = await channel.post(letter)
    assert server.received[0]["channel"] == "C0VENDORS"
    assert posted.receipt.startswith("C0VENDORS/")


async def test_without_any_address_the_letter_is_parked(
    server: SlackServer, channel: SlackChannel
) -> None:
    """Nowhere to post is a lasting failure, and Slack is not asked."""
    letter = LETTER.model_copy(update={"to": Address(email="mira@ardent.example"), "room": None})
    error = await fail(channel, letter)
    assert (type(error), error.code) == (Parked, "no_slack_address")
    assert server.received == []


async def test_what_a_contract_says_cannot_act_in_slack(
    server: SlackServer, channel: SlackChannel
) -> None:
    """Mentions and links are escaped, controls and bidi overrides are gone."""
    letter = LETTER.model_copy(
        update={"subject": "a\nb", "text": "<!channel> <@U1> & <https://x|y>\u202e\x07\nnext"}
    )
    await channel.post(letter)
    expected = "a b\n\n&lt;!channel&gt; &lt;@U1&gt; &amp; &lt;https://x|y&gt;\nnext"
    assert server.received[0]["text"] == expected


async def test_a_long_text_is_cut_before_it_is_escaped(
    server: SlackServer, channel: SlackChannel
) -> None:
    """No escape is cut in two, and the cut can be seen."""
    await channel.post(LETTER.model_copy(update={"text": "&" * 20_000}))
    text = server.received[0]["text"]
    assert len(text) < 40_000
    assert text.endswith("&amp; […]")


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (refused("ratelimited"), NotSent, "ratelimited"),
        (refused("rate_limited"), NotSent, "rate_limited"),
        (refused("request_timeout"), NotSent, "request_timeout"),
        (Answer(status=429, body="slow down"), NotSent, "ratelimited"),
        (Answer(status=500, body="{}"), PerhapsSent, "http_500"),
        (Answer(status=503, body="<html>"), PerhapsSent, "http_503"),
        (Answer(status=200, body="<html>"), PerhapsSent, "unreadable_answer"),
        (Answer(status=200, body="[1]"), PerhapsSent, "unreadable_answer"),
        (Answer(status=200, body=""), PerhapsSent, "unreadable_answer"),
        (Answer(status=0), PerhapsSent, "connection_lost"),
        (refused("internal_error"), PerhapsSent, "internal_error"),
        (refused("fatal_error"), PerhapsSent, "fatal_error"),
        (refused("service_unavailable"), PerhapsSent, "service_unavailable"),
        (refused("Mira Roth is away"), PerhapsSent, "unreadable_answer"),
        (refused("invalid_auth"), Parked, "invalid_auth"),
        (refused("not_authed"), Parked, "not_authed"),
        (refused("account_inactive"), Parked, "account_inactive"),
        (refused("token_revoked"), Parked, "token_revoked"),
        (refused("missing_scope"), Parked, "missing_scope"),
        (refused("not_in_channel"), Parked, "not_in_channel"),
        (refused("channel_not_found"), Parked, "channel_not_found"),
        (refused("is_archived"), Parked, "is_archived"),
        (refused("restricted_action_read_only_channel"), Parked, None),
        (refused("message_limit_exceeded"), Parked, "message_limit_exceeded"),
        (refused("never_heard_of"), Parked, "never_heard_of"),
        (refused("invalid_blocks_format"), Malformed, "invalid_blocks_format"),
        (refused("msg_blocks_too_long"), Malformed, "msg_blocks_too_long"),
        (refused("metadata_too_large"), Malformed, "metadata_too_large"),
        (refused("no_text"), Malformed, "no_text"),
    ],
)
async def test_each_failure_has_its_class_and_is_never_retried_here(
    server: SlackServer,
    channel: SlackChannel,
    answer: Answer,
    kind: type[ChannelError],
    code: str | None,
) -> None:
    """Slack's failures fall into the four classes; the client asks once, whatever the answer."""
    server.answer = answer
    error = await fail(channel)
    assert type(error) is kind
    assert error.code == (code or "restricted_action_read_only_channel")
    assert error.permanent is (kind in {Parked, Malformed})
    assert len(server.received) == 1


async def test_slack_is_left_alone_as_long_as_it_asks(
    server: SlackServer, channel: SlackChannel
) -> None:
    """Retry-After becomes the pause before the next try; nonsense in it does not."""
    server.answer = Answer(status=429, body="{}", headers={"Retry_After": "30"})
    assert (await fail(channel)).retry_after == timedelta(seconds=30)
    server.answer = Answer(status=429, body="{}", headers={"Retry_After": "soon"})
    assert (await fail(channel)).retry_after is None


async def test_nobody_listening_means_not_sent() -> None:
    """A refused connection cannot have posted anything."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        channel = SlackChannel(slack_client("xoxb-test", f"http://127.0.0.1:{port}/api/"))
        error = await fail(channel)
    assert (type(error), error.code) == (NotSent, "connection_refused")


async def test_no_answer_in_time_is_ambiguous() -> None:
    """A server that accepts and stays silent may have posted."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = slack_client("xoxb-test", f"http://127.0.0.1:{silent.getsockname()[1]}/api/")
        client.timeout = 1
        error = await fail(SlackChannel(client))
    assert (type(error), error.code) == (PerhapsSent, "timeout")


def test_a_client_that_retries_is_refused() -> None:
    """The SDK's default client posts twice after a lost connection; it is not taken."""
    with pytest.raises(ValueError, match="retries"):
        SlackChannel(WebClient(token="xoxb-test"))  # noqa: S106
