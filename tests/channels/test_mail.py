"""The e-mail channel against a real SMTP server: what is sent."""

from __future__ import annotations

import re

import pytest

from tests.channels.mail_server import postbox
from tests.channels.mails import LETTER, NOW, channel, named, readings


async def test_a_letter_becomes_a_mail_in_two_readings() -> None:
    """Text first, then HTML; both hold the text, a link for each answer, and the ledger's mark."""
    async with postbox() as box:
        posted = await channel(box.server()).post(LETTER)
        (mail,) = box.mails
    assert (posted.channel, posted.receipt) == ("email", mail["Message-ID"])
    assert mail.get_content_type() == "multipart/alternative"
    text, html = readings(mail)
    assert text.startswith("Mira Roth (owner), please act.\n\nAt stake: 0.5% per week.\n")
    assert (
        "\nAction done: the action is done\n"
        "https://holdfast.example/answer/plan.complete?x=1&y=mira\n"
    ) in text
    assert text.endswith(
        f"\n-- \nLedger: KSS-2026-014/tooling/1, entry 17\nsha256 {'a' * 64}\nprevious {'b' * 64}\n"
    )
    assert '<a href="https://holdfast.example/answer/plan.acknowledge?x=1&amp;y=mira">' in html
    assert "please act." in html
    assert "a" * 64 in html
    assert "More" not in text + html


async def test_the_headers_say_what_it_is_and_who_sent_it() -> None:
    """From, to, when; that no person wrote it; and nothing of what it is about in its id."""
    async with postbox() as box:
        await channel(box.server()).post(LETTER)
        (mail,), (envelope,) = box.mails, box.envelopes
    assert mail["From"] == "Holdfast <holdfast@ardent.example>"
    assert mail["To"] == "Mira Roth <mira@ardent.example>"
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        "holdfast@ardent.example", ["mira@ardent.example"]
    )  # fmt: skip
    assert mail["Subject"] == "tooling: rung 1 of 3 is yours"
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert re.fullmatch(r"<[0-9a-f]{40}@ardent\.example>", mail["Message-ID"])


async def test_sent_again_it_has_the_same_id_and_a_ladders_mails_are_one_conversation() -> None:
    """So a mailbox recognises the repeat, and shows what belongs together in one place."""
    other = LETTER.model_copy(update={"key": "another"})
    async with postbox() as box:
        for letter in (LETTER, LETTER, other):
            await channel(box.server()).post(letter)
        first, again, third = box.mails
    assert first["Message-ID"] == again["Message-ID"] != third["Message-ID"]
    assert first["References"] == first["In-Reply-To"] == third["References"]
    assert first["References"] != first["Message-ID"]


async def test_the_links_follow_what_is_asked_and_what_is_at_stake() -> None:
    """In both readings; an action is a quote, and only our own labels are bold."""
    asked = "Mira Roth (owner), please do this:\n\n  Why: <b>act</b>\n\nAt stake: 0.5% per week."
    text = f"{asked}\n\nWhy: it was due: late.\nIt counts as delivered when: signed.\n\nHear: x."
    async with postbox() as box:
        await channel(box.server()).post(LETTER.model_copy(update={"text": text}))
        (mail,) = box.mails
    for reading in readings(mail):
        places = [reading.index(words) for words in ("At stake", "plan.complete", "it was due:")]
        assert places == sorted(places)
    said, html = readings(mail)
    assert said.startswith(f"{asked}\n\nYou can answer by one of these links.")
    assert "Why: &lt;b&gt;act&lt;/b&gt;</blockquote>" in html
    for label in ("At stake:", "Why:", "It counts as delivered when:"):
        assert html.count(f"<strong>{label}</strong>") == 1
    assert "<strong>Hear" not in html


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("no_slack_identity", "because Slack knows no member with this address."),
        ("unreachable", "because Slack has been out of reach for an hour."),
        ("missing_scope", "because Slack did not take it (missing_scope)."),
    ],
)
async def test_what_slack_would_not_take_says_why_it_comes_by_mail(code: str, words: str) -> None:
    """In both readings; what always comes by mail says nothing of it."""
    async with postbox() as box:
        await channel(box.server()).post(LETTER.model_copy(update={"instead": code}))
        await channel(box.server()).post(LETTER)
        instead, usual = box.mails
    assert all(f"Sent by e-mail {words}" in reading for reading in readings(instead))
    assert not any("Sent by e-mail" in reading for reading in readings(usual))


async def test_what_has_become_of_it_before_it_was_sent_comes_first() -> None:
    """A mail that had to wait says so before it asks for what may be answered by then."""
    async with postbox() as box:
        late = LETTER.model_copy(update={"aside": "Carla: Not\ndelivered", "offers": ()})
        await channel(box.server()).post(late)
        (mail,) = box.mails
    text, html = readings(mail)
    assert text.startswith("Carla: Not delivered\n\nMira Roth (owner), please act.")
    assert html.index("Carla: Not delivered") < html.index("please act")


async def test_a_letter_without_answers_and_mark_is_a_mail_too() -> None:
    """Then it says what it says, and offers nothing."""
    async with postbox() as box:
        bare = LETTER.model_copy(update={"offers": (), "mark": None})
        await channel(box.server()).post(bare)
        (mail,) = box.mails
    assert mail["References"] is None
    text, _ = readings(mail)
    assert text == "Mira Roth (owner), please act.\n\nAt stake: 0.5% per week.\n"


@pytest.mark.parametrize(
    "subject",
    [
        "late\r\nBcc: all@ardent.example",
        "late\nBcc: all@ardent.example\n\nbody",
        "late\u2028Bcc: x",
    ],
)
async def test_a_subject_cannot_add_headers(subject: str) -> None:
    """Line ends become spaces; nobody else is written to."""
    async with postbox() as box:
        letter = LETTER.model_copy(update={"subject": subject, "to": named("Mira\r\nBcc: b@x.y")})
        await channel(box.server()).post(letter)
        (mail,), (envelope,) = box.mails, box.envelopes
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("late Bcc: ")
    assert envelope.rcpt_tos == ["mira@ardent.example"]


async def test_what_a_contract_says_cannot_act_in_a_mail() -> None:
    """Markup is shown as written; controls and bidi overrides are gone; lengths are bounded."""
    hostile = "<script>alert(1)</script> <a href='https://x'>\u202ex\x07 & {{ 7 * 7 }}"
    async with postbox() as box:
        update = {"text": hostile + "\n.\nQUIT\n" + "é" * 30_000, "subject": "s" * 999}
        await channel(box.server()).post(LETTER.model_copy(update=update))
        (mail,) = box.mails
    text, html = readings(mail)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert text.startswith(
        "<script>alert(1)</script> <a href='https://x'>x & {{ 7 * 7 }}\n.\nQUIT\né"
    )
    assert "é […]" in text
    assert len(text) < 22_000
    assert mail["Subject"].endswith("s […]")


async def test_every_line_on_the_wire_is_short_and_ascii() -> None:
    """Whatever the text, old servers on the way need no extension to pass it on."""
    async with postbox() as box:
        update = {"text": "Zürich " * 500, "subject": "Prüfung", "to": named("Jörg Müller")}
        await channel(box.server()).post(LETTER.model_copy(update=update))
        (envelope,), (mail,) = box.envelopes, box.mails
    content = envelope.original_content
    assert content is not None
    assert content.isascii()
    assert b"=0D" not in content
    assert max(map(len, content.splitlines())) < 998
    assert mail["Subject"] == "Prüfung"
    assert mail["To"] == "Jörg Müller <mira@ardent.example>"
