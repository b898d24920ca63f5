"""The e-mail channel against a real SMTP server: what each failure means."""

from __future__ import annotations

import pytest

from channels.mail import BadSender, MailChannel, MailServer
from channels.message import (
    Address,
    ChannelError,
    Handle,
    Malformed,
    NotSent,
    Parked,
    PerhapsSent,
)
from commands.ports import free_port
from ladders.errors import HoldfastError
from ladders.events import ActionName
from tests.channels.mail_server import USER, WORD, postbox, trusting
from tests.channels.mails import LETTER, NOW, channel, fail


@pytest.mark.parametrize(
    ("command", "answer", "kind", "code"),
    [
        ("MAIL", "421 closing", NotSent, "smtp_421"),
        ("MAIL", "451 later", NotSent, "smtp_451"),
        ("MAIL", "553 not you", Parked, "smtp_553"),
        ("RCPT", "450 mailbox busy", NotSent, "smtp_450"),
        ("RCPT", "550 no such user", Parked, "smtp_550"),
        ("RCPT", "503 bad sequence", Malformed, "smtp_503"),
        ("RCPT", "999 what", NotSent, "unreadable_answer"),
        ("DATA", "452 disk full", NotSent, "smtp_452"),
        ("DATA", "554 looks like spam", Parked, "smtp_554"),
        ("DATA", "299 perhaps", PerhapsSent, "unreadable_answer"),
    ],
)
async def test_each_refusal_has_its_kind(
    command: str, answer: str, kind: type[ChannelError], code: str
) -> None:
    """Passing ones are tried again, lasting ones parked; the server's words go nowhere."""
    async with postbox() as box:
        box.answers[command] = answer
        error = await fail(box.server())
    assert (type(error), error.code) == (kind, code)
    assert box.envelopes == []


async def test_nobody_listening_is_certainly_not_sent() -> None:
    """A refused connection carries nothing."""
    error = await fail(MailServer(host="127.0.0.1", port=free_port(), tls="none"))
    assert (type(error), error.code) == (NotSent, "connection_refused")


async def test_an_answer_lost_after_the_mail_was_handed_over_is_perhaps_sent() -> None:
    """The server took it; we cannot tell, and say so."""
    async with postbox() as box:
        box.lost = True
        error = await fail(box.server())
        assert (type(error), error.code) == (PerhapsSent, "connection_lost")
        assert len(box.envelopes) == 1


@pytest.mark.parametrize(("silent", "kind"), [("RCPT", NotSent), ("DATA", PerhapsSent)])
async def test_a_silent_server_is_not_waited_for_long(
    silent: str, kind: type[ChannelError]
) -> None:
    """Before the mail is handed over it is not sent; after that, perhaps."""
    async with postbox() as box:
        box.silent = silent
        error = await fail(box.server(patience=1))
    assert (type(error), error.code) == (kind, "timeout")


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_over_tls_a_known_user_is_let_in(tls: str) -> None:
    """The password goes only where the certificate is trusted."""
    async with postbox(tls=tls, auth=tls == "starttls") as box:
        more = {"user": USER, "password": WORD} if tls == "starttls" else {}
        await channel(box.server(tls=tls, context=trusting(), **more)).post(LETTER)
        assert len(box.envelopes) == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_is_refused(tls: str) -> None:
    """It waits for an operator, and nothing is sent."""
    async with postbox(tls=tls) as box:
        error = await fail(box.server(tls=tls))
    assert (type(error), error.code) == (Parked, "tls_refused")
    assert box.envelopes == []


async def test_a_wrong_password_is_parked() -> None:
    """It stays wrong until somebody mends it."""
    async with postbox(tls="starttls", auth=True) as box:
        server = box.server(tls="starttls", context=trusting(), user=USER, password="no")  # noqa: S106
        error = await fail(server)
    assert (type(error), error.code) == (Parked, "smtp_535")


async def test_without_the_tls_that_is_set_nothing_is_sent() -> None:
    """A server without STARTTLS gets no mail in clear."""
    async with postbox() as box:
        error = await fail(box.server(tls="starttls"))
    assert (type(error), error.code) == (Parked, "smtp_unsupported")
    assert box.envelopes == []


@pytest.mark.parametrize(
    "email",
    ["[erased]", "p-mira", "mira@", "@x", "", "a b@x.y", "a@x.y, b@x.y", "<a@x.y>", "a@x\n"],
)
async def test_what_is_no_address_is_parked(email: str) -> None:
    """It cannot be written to until somebody corrects it."""
    async with postbox() as box:
        letter = LETTER.model_copy(update={"to": Address(email=email)})
        error = await fail(box.server(), letter)
    assert (type(error), error.code) == (Parked, "bad_email_address")


async def test_what_is_said_to_nobody_in_particular_goes_into_no_mail() -> None:
    """A room has no e-mail address."""
    async with postbox() as box:
        error = await fail(box.server(), LETTER.model_copy(update={"to": None}))
    assert (type(error), error.code) == (Parked, "no_email_address")


async def test_an_address_beyond_ascii_needs_a_server_that_takes_it() -> None:
    """Where it does not, the letter is parked."""
    async with postbox() as box:
        letter = LETTER.model_copy(update={"to": Address(email="jörg@ardent.example")})
        error = await fail(box.server(), letter)
    assert (type(error), error.code) == (Parked, "no_smtputf8")


async def test_without_a_link_nothing_is_sent() -> None:
    """Such as for somebody who left the roster: a question without answers helps nobody."""

    def refuse(_handle: Handle, _action: ActionName, _to: Address) -> str:
        raise HoldfastError("nobody with that address is on the roster", "ask somebody else")

    async with postbox() as box:
        mail = MailChannel(box.server(), "holdfast@ardent.example", refuse, lambda: NOW)
        with pytest.raises(Parked, match="no_link"):
            await mail.post(LETTER)
    assert box.envelopes == []


@pytest.mark.parametrize("sender", ["", "Holdfast", "Holdfast <>", "@ardent.example", "a@"])
def test_a_sender_that_is_no_address_is_refused_at_once(sender: str) -> None:
    """Not only when the first mail is due."""
    with pytest.raises(BadSender, match="is no e-mail address"):
        channel(MailServer(host="127.0.0.1", port=25), sender)


def test_the_password_is_not_shown() -> None:
    """Not in a traceback or a log that shows the settings of a server."""
    assert WORD not in repr(MailServer(host="127.0.0.1", port=25, user=USER, password=WORD))
