"""What ``holdfast doctor`` says of e-mail: what lacks of its settings, how the server answers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from aiosmtplib import SMTP
from aiosmtplib.errors import SMTPException, SMTPResponseException

from channels.remedies import remedy
from commands.finding import Finding

_SECONDS = 10
_ALL_OR_NOTHING = "set that too, or none of them: then no e-mail is sent"


@dataclass(frozen=True)
class Mail:
    """How the mail server is reached, as set; ``needed`` tells which settings are there.

    ``tls`` is from the start, or by STARTTLS, or not at all. ``fault`` is what is wrong with the
    settings of links, and its remedy.
    """

    host: str | None = None
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    needed: Mapping[str, bool] = field(default_factory=dict)
    fault: tuple[str, str] | None = None

    @property
    def is_set(self) -> bool:
        """Whether anything of it is set. The public address alone is there for Slack too."""
        return any(there for name, there in self.needed.items() if name != "HOLDFAST_PUBLIC_URL")


async def mail_findings(mail: Mail) -> list[Finding]:
    """Look at the settings, and say EHLO to the server; nothing is sent."""
    found = [*_settings(mail)]
    if mail.host is not None:
        found.append(await _greeting(mail, mail.host))
    return found


def _settings(mail: Mail) -> Iterator[Finding]:
    if not mail.is_set:
        yield Finding("mail: not set, so what Slack refuses to a person waits until that is mended")
        return
    lacking = [name for name, there in mail.needed.items() if not there]
    if lacking:
        yield Finding(f"mail: set in part; not set: {', '.join(lacking)}", _ALL_OR_NOTHING)
    if mail.fault is not None:
        what, mends = mail.fault
        yield Finding(f"mail: {what}", mends)
    if mail.tls == "none" and mail.password is not None:
        what = "mail: the password would go over the line in clear"
        yield Finding(what, "set HOLDFAST_SMTP_TLS to starttls or tls")


async def _greeting(mail: Mail, host: str) -> Finding:
    """Connect, secure, sign in and greet, as a letter would be sent."""
    client = SMTP(
        hostname=host,
        port=mail.port,
        username=mail.user,
        password=mail.password,
        use_tls=mail.tls == "tls",
        start_tls=mail.tls == "starttls",
        timeout=_SECONDS,
    )
    where = f"mail: {host} port {mail.port}"
    try:
        async with asyncio.timeout(_SECONDS), client:
            await client.ehlo()
    except SMTPResponseException as error:
        return Finding(f"{where} refuses ({error.code})", remedy(f"smtp_{error.code}"))
    except (SMTPException, OSError, ValueError) as error:
        reason = str(error) or type(error).__name__
        return Finding(f"{where} cannot be used: {reason}", "correct HOLDFAST_SMTP_*")
    return Finding(f"{where} answers")
