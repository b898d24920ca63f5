"""Mailing: from a letter to an e-mail, plain text first, with links where Slack has buttons."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.headerregistry import Address as MailAddress
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import ImmutableSandboxedEnvironment

from channels.inert import clip, lines, one_line
from channels.marking import labelled
from channels.message import Address, Handle, Letter, Parked
from channels.remedies import by_mail_because
from ladders.errors import HoldfastError
from ladders.events import ActionName
from ladders.values import Value

Link = Callable[[Handle, ActionName, Address], str]
"""Makes the address behind which a person may take one action on one handle."""

_STAKE = "At stake:"
_INDENT = "  "
_TEMPLATES = Path(__file__).parent / "templates"
_ADDRESS = re.compile(r"(?P<local>[^\s\x00-\x1f\x7f@<>()\[\],;:\"\\]+)@(?P<domain>[\w.-]+)")
_LONGEST_SUBJECT = 150
_LONGEST_NAME = 100
_LONGEST_TEXT = 20_000


class Way(Value):
    """One answer that an e-mail offers, and the link to it."""

    label: str
    meaning: str
    url: str


class _Line(NamedTuple):
    """One line of a paragraph; its ``label``, if it has one, with the colon."""

    label: str
    words: str


class _Paragraph(NamedTuple):
    """One paragraph; a quote holds what somebody else says, such as an action."""

    lines: tuple[_Line, ...]
    is_quote: bool


def write_mail(letter: Letter, sender: MailAddress, link: Link, now: datetime) -> EmailMessage:
    """The e-mail that says what ``letter`` says, sent ``now``.

    Sent again it has the same Message-ID, so that mailboxes and we recognise it. Raises Parked
    where there is nobody to write to.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = _recipient(letter.to)
    mail["Subject"] = clip(one_line(letter.subject), _LONGEST_SUBJECT)
    mail["Date"] = now
    mail["Message-ID"] = message_id(letter.key, sender)
    if letter.mark is not None:
        # No mail has this id itself; what names it as its parent is shown as one conversation.
        parent = message_id(letter.mark.reference, sender)
        mail["In-Reply-To"] = mail["References"] = parent
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    text, html = _bodies(letter, tuple(_ways(letter, link)))
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail


def message_id(key: str, sender: MailAddress) -> str:
    """The Message-ID of whatever has ``key``; it tells nobody what that is."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"<{digest[:40]}@{sender.domain}>"


def mail_address(name: str, email: str) -> MailAddress | None:
    """``email`` with a name to show; None if it is no address that SMTP can be given."""
    found = _ADDRESS.fullmatch(email)
    if found is None:
        return None
    shown = clip(one_line(name), _LONGEST_NAME)
    return MailAddress(shown, username=found["local"], domain=found["domain"])


def _recipient(to: Address | None) -> MailAddress:
    if to is None:
        raise Parked("no_email_address")
    address = mail_address(to.name or "", to.email)
    if address is None:
        raise Parked("bad_email_address")
    return address


def _ways(letter: Letter, link: Link) -> Iterator[Way]:
    for offer in letter.offers:
        if letter.to is None or offer.action == "more":
            continue
        try:
            url = link(offer.handle, offer.action, letter.to)
        except HoldfastError:
            # Such as somebody who is not on the roster any more.
            raise Parked("no_link") from None
        label, meaning = one_line(offer.label).rstrip("…"), one_line(offer.meaning)
        yield Way(label=label, meaning=meaning, url=url)


def _bodies(letter: Letter, ways: tuple[Way, ...]) -> tuple[str, str]:
    lead, rest = _parted(clip(lines(letter.body), _LONGEST_TEXT))
    shared: dict[str, object] = {
        "subject": one_line(letter.subject),
        "ways": ways,
        "because": letter.instead and by_mail_because(letter.instead),
        "mark": letter.mark,
    }
    text = {**shared, "lead": "\n\n".join(lead), "rest": "\n\n".join(rest)}
    html = {**shared, "lead": [*map(_paragraph, lead)], "rest": [*map(_paragraph, rest)]}
    return _fill("email.txt.j2", text), _fill("email.html.j2", html)


def _parted(text: str) -> tuple[list[str], list[str]]:
    """The paragraphs of a text that say what is asked and what is at stake, and all others."""
    found = [paragraph.strip("\n") for paragraph in text.split("\n\n")]
    paragraphs = [paragraph for paragraph in found if paragraph]
    stake = (n for n, each in enumerate(paragraphs, 1) if each.startswith(_STAKE))
    quoted = takewhile(lambda each: each.startswith(_INDENT), paragraphs[1:])
    end = next(stake, 1 + len([*quoted]))
    return paragraphs[:end], paragraphs[end:]


def _paragraph(text: str) -> _Paragraph:
    is_quote = text.startswith(_INDENT)
    found = (line.strip() for line in text.split("\n"))
    return _Paragraph(tuple(_line(each, is_quote=is_quote) for each in found), is_quote)


def _line(text: str, *, is_quote: bool) -> _Line:
    label, words = ("", text) if is_quote else labelled(text)
    return _Line(label.rstrip(), f" {words}" if label else words)


def _fill(name: str, values: Mapping[str, object]) -> str:
    return _environment().get_template(name).render(values)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
    )
