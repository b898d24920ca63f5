"""The e-mail channel: one SMTP connection per letter, and SMTP's failures in our terms.

SMTP cannot be asked whether a message was taken, so a letter whose answer was lost is sent again:
at least once, and always under the same Message-ID.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP as ASCII_ONLY
from email.policy import SMTPUTF8
from email.utils import parseaddr
from ssl import SSLContext, SSLError
from typing import Literal

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException, SMTPResponseException

from channels.mailing import Link, mail_address, write_mail
from channels.message import (
    ChannelError,
    Letter,
    Malformed,
    NotSent,
    Parked,
    PerhapsSent,
    Posted,
    Surface,
)
from ladders.errors import HoldfastError

_PATIENCE = 28  # seconds; below the activity's own, so that the failure is named here
_LEAVE_SECONDS = 2
_PASSING, _LASTING = range(400, 500), range(500, 600)
_OUR_MISTAKE = frozenset({500, 503})
"""What a server answers to a command it does not know, or did not expect."""


class BadSender(HoldfastError):
    """What mails are to come from is no e-mail address."""


@dataclass(frozen=True)
class MailServer:
    """How the mail server is reached. ``tls`` is from the start, or by STARTTLS, or not at all.

    ``context`` says whose certificates are trusted; None for those the machine trusts.
    ``patience`` is how many seconds there are for one letter.
    """

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    context: SSLContext | None = None
    patience: float = _PATIENCE


class MailChannel:
    """Sends letters as e-mail, to be answered by links."""

    name = "email"
    surface: Surface = "email"

    def __init__(
        self, server: MailServer, sender: str, link: Link, clock: Callable[[], datetime]
    ) -> None:
        """Send through ``server`` from ``sender``, such as ``Holdfast <holdfast@buyer.example>``.

        Raises BadSender.
        """
        self._server = server
        self._sender = _parsed(sender)
        self._link = link
        self._clock = clock

    async def post(self, letter: Letter) -> Posted:
        """Send to the person; the receipt is the Message-ID. Raises ChannelError."""
        # In a thread, because whoever makes links may have to look somebody up.
        mail = await asyncio.to_thread(write_mail, letter, self._sender, self._link, self._clock())
        async with self._closing() as client:
            await self._hand_over(client, mail)
        return Posted(channel=self.name, receipt=mail["Message-ID"])

    @asynccontextmanager
    async def _closing(self) -> AsyncIterator[SMTP]:
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=server.context,
            timeout=server.patience,
        )
        try:
            yield client
            # The letter is taken by now; how the farewell goes changes nothing.
            with suppress(SMTPException, OSError):
                await client.quit(timeout=_LEAVE_SECONDS)
        finally:
            client.close()

    async def _hand_over(self, client: SMTP, mail: EmailMessage) -> None:
        begun, patience = asyncio.get_running_loop().time(), self._server.patience
        # Servers look into what they are handed before they take it: half of the time is for that.
        async with _failures_named(NotSent), asyncio.timeout_at(begun + patience / 2):
            await client.connect()
            content = await self._address(client, mail)
        # The time limit stands inside, so that running into it is named by where it was.
        async with _failures_named(PerhapsSent), asyncio.timeout_at(begun + patience):
            await client.data(content)

    async def _address(self, client: SMTP, mail: EmailMessage) -> bytes:
        """Say from whom to whom; return the mail in the form that suits them."""
        sender, recipient = self._sender.addr_spec, mail["To"].addresses[0].addr_spec
        is_ascii = (sender + recipient).isascii()
        await client.ehlo()
        if not is_ascii and not client.supports_extension("smtputf8"):
            raise Parked("no_smtputf8")
        encoding, options = ("ascii", []) if is_ascii else ("utf-8", ["SMTPUTF8"])
        await client.mail(sender, options=options, encoding=encoding)
        await client.rcpt(recipient, encoding=encoding)
        return mail.as_bytes(policy=ASCII_ONLY if is_ascii else SMTPUTF8)


def _parsed(sender: str) -> MailAddress:
    parsed = mail_address(*parseaddr(sender))
    if parsed is None:
        raise BadSender(
            f"{sender!r} is no e-mail address", "write for example holdfast@buyer.example"
        )
    return parsed


@asynccontextmanager
async def _failures_named(lost: type[NotSent | PerhapsSent]) -> AsyncIterator[None]:
    """Put failures in our terms; ``lost`` is what a lost connection means at this point."""
    try:
        yield
    except ChannelError:
        raise
    except SMTPResponseException as error:
        raise _refusal(error.code, lost) from None
    except (OSError, SMTPException) as error:
        raise _trouble(error, lost) from None
    except ValueError:
        # The SMTP library's own word for an address or a text that cannot be sent as it is.
        raise Malformed("unsendable") from None


def _refusal(code: int, lost: type[NotSent | PerhapsSent]) -> ChannelError:
    if code in _PASSING:
        return NotSent(f"smtp_{code}")
    if code in _LASTING:
        return (Malformed if code in _OUR_MISTAKE else Parked)(f"smtp_{code}")
    return lost("unreadable_answer")


def _trouble(error: Exception, lost: type[NotSent | PerhapsSent]) -> ChannelError:
    causes = [error, error.__cause__]
    if lost is NotSent and any(isinstance(cause, SSLError) for cause in causes):
        return Parked("tls_refused")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return NotSent("connection_refused")
    if isinstance(error, TimeoutError):
        return lost("timeout")
    if isinstance(error, OSError):
        return lost("connection_lost")
    # What is left is a server that lacks what the settings ask for: STARTTLS, or a way to sign in.
    return Parked("smtp_unsupported")
