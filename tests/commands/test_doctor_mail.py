"""``holdfast doctor`` on e-mail: what lacks of the settings, and how the server answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from commands.doctor_mail import Mail, mail_findings
from commands.finding import Finding
from commands.ports import free_port
from tests.commands.shell import Shell

NAMES = ("SMTP_HOST", "SMTP_FROM", "LINK_SECRET", "PUBLIC_URL")


def mail(port: int, *lacking: str) -> Mail:
    """Everything set but what is lacking; to a server on loopback, without TLS."""
    needed = {f"HOLDFAST_{name}": name not in lacking for name in NAMES}
    return Mail("127.0.0.1", port, "none", needed=needed)


class Nobody:
    """Lets nobody in, and takes nothing."""

    def __call__(self, *_attempt: object) -> AuthResult:
        """Refuse."""
        return AuthResult(success=False, handled=False)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Where a mail server listens that lets nobody sign in."""
    loop = asyncio.get_running_loop()
    sessions: list[SMTP] = []

    def session() -> SMTP:
        sessions.append(
            SMTP(
                Nobody(), hostname="localhost", loop=loop,
                authenticator=Nobody(), auth_require_tls=False,
            )
        )  # fmt: skip
        return sessions[-1]

    listener = await loop.create_server(session, "127.0.0.1", 0)
    yield listener.sockets[0].getsockname()[1]
    listener.close()
    for each in sessions:
        if isinstance(each.transport, asyncio.WriteTransport):
            each.transport.abort()


async def test_nothing_set_is_no_fault() -> None:
    """It is said what that means."""
    (found,) = await mail_findings(Mail())
    assert not found.remedy
    (found,) = await mail_findings(Mail(needed={"HOLDFAST_PUBLIC_URL": True}))
    assert "waits until that is mended" in found.what


async def test_a_server_that_answers_is_well(port: int) -> None:
    """Nothing is sent to it."""
    assert await mail_findings(mail(port)) == [Finding(f"mail: 127.0.0.1 port {port} answers")]


async def test_what_lacks_of_the_settings_is_named(port: int) -> None:
    """All of it at once; the server is looked at nevertheless."""
    lacks, answers = await mail_findings(mail(port, "SMTP_FROM", "LINK_SECRET"))
    assert lacks.what.endswith("not set: HOLDFAST_SMTP_FROM, HOLDFAST_LINK_SECRET")
    assert "none of them" in lacks.remedy
    assert not answers.remedy


async def test_a_server_that_refuses_is_named(port: int) -> None:
    """By its code; and that a password would be readable on the way."""
    refused = replace(mail(port), user="holdfast", password="no")  # noqa: S106
    in_clear, found = await mail_findings(refused)
    assert "in clear" in in_clear.what
    assert f"port {port} refuses (535)" in found.what
    assert "HOLDFAST_SMTP_" in found.remedy


async def test_a_server_that_cannot_be_used_is_named(port: int) -> None:
    """Nothing listens there, or it knows no STARTTLS."""
    nowhere = free_port()
    (away,) = await mail_findings(mail(nowhere))
    assert "cannot be used" in away.what
    (bare,) = await mail_findings(replace(mail(port), tls="starttls"))
    assert "STARTTLS" in bare.what
    assert bare.remedy


def test_the_command_looks_at_the_mail_server(tmp_path: Path) -> None:
    """As the settings name it."""
    nowhere = free_port()
    ran = Shell(tmp_path).type(
        "doctor", "--json", HOLDFAST_SMTP_HOST="127.0.0.1", HOLDFAST_SMTP_PORT=str(nowhere)
    )
    said = [each["what"] for each in json.loads(ran.said) if each["remedy"]]
    assert any(f"mail: 127.0.0.1 port {nowhere} cannot be used" in words for words in said)
    assert any("mail: set in part; not set: HOLDFAST_SMTP_FROM" in words for words in said)


def test_a_secret_with_which_nothing_would_start_is_said_before(tmp_path: Path) -> None:
    """Doctor knows what the worker would refuse."""
    (tmp_path / "word").write_text("short\n", encoding="utf-8")
    ran = Shell(tmp_path).type(
        "doctor", "--json", HOLDFAST_SMTP_HOST="127.0.0.1", HOLDFAST_SMTP_PORT=str(free_port()),
        HOLDFAST_SMTP_FROM="h@ardent.example", HOLDFAST_PUBLIC_URL="https://h.example",
        HOLDFAST_LINK_SECRET_FILE=str(tmp_path / "word"),
    )  # fmt: skip
    (found,) = (each for each in json.loads(ran.said) if "secret for links" in each["what"])
    assert found["what"] == "mail: the secret for links has 5 characters"
    assert "openssl rand -hex 32" in found["remedy"]
