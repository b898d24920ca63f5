"""A real SMTP server on loopback that keeps what it takes, and fails as it is told to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from channels.mail import MailServer

CERTIFICATE = Path(__file__).parent / "localhost.pem"
USER, WORD = "holdfast", "a word for tests"


@dataclass
class Postbox:
    """What the server took. ``answers`` replace its own, by command; ``lost`` loses the last one.

    ``silent`` is the command after which nothing more is said.
    """

    port: int = 0
    envelopes: list[Envelope] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    lost: bool = False
    silent: str | None = None

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails, read as a mail program reads them."""
        return [_read(envelope) for envelope in self.envelopes]

    def server(self, **more: object) -> MailServer:
        """How a channel reaches this server."""
        settings: dict[str, object] = {
            "host": "127.0.0.1",
            "port": self.port,
            "tls": "none",
            **more,
        }
        return MailServer(**settings)  # type: ignore[arg-type]

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take a sender."""
        envelope.mail_from, envelope.mail_options = address, options
        return await self._answer("MAIL")

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a recipient."""
        envelope.rcpt_tos.append(address)
        return await self._answer("RCPT")

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Take a mail, unless another answer is set."""
        if "DATA" not in self.answers:
            self.envelopes.append(envelope)
        if self.lost:
            _cut(server)
        return await self._answer("DATA")

    async def _answer(self, command: str) -> str:
        if self.silent == command:
            await asyncio.Event().wait()
        return self.answers.get(command, "250 OK")


def authenticate(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, word: object
) -> AuthResult:
    """Let the one user in who is known."""
    expected = LoginPassword(USER.encode(), WORD.encode())
    return AuthResult(success=word == expected, handled=False)


@asynccontextmanager
async def postbox(*, tls: str = "none", auth: bool = False) -> AsyncIterator[Postbox]:
    """A server on a free port, with ``tls`` as a channel's settings name it."""
    box, loop = Postbox(), asyncio.get_running_loop()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    sessions: list[SMTP] = []

    def session() -> SMTP:
        sessions.append(
            SMTP(
                box,
                hostname="localhost",
                enable_SMTPUTF8=False,
                tls_context=context if tls == "starttls" else None,
                auth_required=auth,
                auth_require_tls=tls == "starttls",
                authenticator=authenticate,
                loop=loop,
            )
        )
        return sessions[-1]

    listener = await loop.create_server(
        session, "127.0.0.1", 0, ssl=context if tls == "tls" else None
    )
    box.port = listener.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        listener.close()
        for each in sessions:
            _end(each)


def trusting() -> ssl.SSLContext:
    """Trust the certificate of the tests, and no other."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def _cut(session: SMTP) -> None:
    if isinstance(session.transport, asyncio.WriteTransport):
        session.transport.abort()


def _end(session: SMTP) -> None:
    _cut(session)
    if session._handler_coroutine is not None:
        session._handler_coroutine.cancel()


def _read(envelope: Envelope) -> EmailMessage:
    content = envelope.original_content
    assert content is not None
    mail = message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    return mail
