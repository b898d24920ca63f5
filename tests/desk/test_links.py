"""Signed links: what they stand for, and that nobody else can make one."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from itsdangerous import URLSafeSerializer

from channels.message import Handle
from desk.links import LASTS, ExpiredLink, ForgedLink, Link, Links, NotAnAddress, WeakSecret
from ladders.prose import PersonRef

KEY = "for tests, and long enough to be one"
MIRA = PersonRef("p-abcd2345")
HANDLE = Handle(contract="KSS-2026-014", stream="tooling/1", rung="plan", about="rung plan")
NOW = datetime(2026, 10, 2, 7, 30, tzinfo=UTC)


def links(now: datetime = NOW, key: str = KEY, url: str = "https://hold.example") -> Links:
    """What makes and reads links at some instant."""
    return Links(key, url, lambda: now)


def token(key: str = KEY) -> str:
    """The last part of a link's address."""
    return links(key=key).make(MIRA, HANDLE, "complete").rpartition("/")[2]


def test_a_link_stands_for_one_person_one_action_and_one_handle() -> None:
    """All of which come back as they went in."""
    expected = Link(person=MIRA, handle=HANDLE, action="complete", issued_at=NOW)
    assert links().read(token()) == expected


@pytest.mark.parametrize(
    "url", ["https://hold.example", "https://hold.example/", "http://h:8/sub/"]
)
def test_an_address_can_be_typed_and_leads_below_ours(url: str) -> None:
    """It holds nothing that a mail program would break or encode."""
    address = links(url=url).make(MIRA, HANDLE, "accept")
    assert re.fullmatch(re.escape(url.rstrip("/")) + r"/answer/[a-z][A-Za-z0-9._-]+[a-z]", address)
    assert len(address) < 400


def test_every_change_to_a_link_is_noticed() -> None:
    """Not one character of it can be another."""
    good = token()
    for index, character in enumerate(good):
        other = "A" if character != "A" else "B"
        with pytest.raises(ForgedLink, match="nothing was recorded"):
            links().read(good[:index] + other + good[index + 1 :])


@pytest.mark.parametrize(
    "text", ["", ".", "x", "é", "\x00", token()[:-1], token() + "A", "a" * 10_000, token("x" * 32)]
)
def test_what_is_no_link_of_ours_is_refused(text: str) -> None:
    """Cut short, made up, or signed by somebody else."""
    with pytest.raises(ForgedLink):
        links().read(text)


def test_a_signature_for_another_purpose_is_none_for_this() -> None:
    """The same secret may sign other things without their becoming links."""
    said = Link(person=MIRA, handle=HANDLE, action="accept", issued_at=NOW).model_dump(mode="json")
    other = URLSafeSerializer(
        KEY,
        salt="something else",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
    with pytest.raises(ForgedLink):
        links().read(f"a{other.dumps(said)}z")


def test_a_link_expires_and_says_what_to_do_then() -> None:
    """Good until the last instant of its time, and not at its end."""
    good = token()
    assert links(NOW + LASTS - timedelta(seconds=1)).read(good).person == MIRA
    with pytest.raises(ExpiredLink, match=r"good until 2026-10-16 07:30 UTC; .* newer message"):
        links(NOW + LASTS).read(good)


def test_links_of_an_older_secret_are_read_until_its_line_is_taken_out() -> None:
    """The last line signs; what it has signed is worth nothing by the older one alone."""
    older, newer = KEY, "chance by " * 4
    both = f"{older}\n{newer}\n"
    former = token(older)
    assert links(key=both).read(former).person == MIRA
    latest = token(both)
    assert links(key=newer).read(latest).person == MIRA
    for key, signed in ((newer, former), (older, latest)):
        with pytest.raises(ForgedLink):
            links(key=key).read(signed)


@pytest.mark.parametrize("key", ["p4ssw0rd", f"{'x' * 32}\np4ssw0rd", "p4ssw0rd\n" + "x" * 32])
def test_a_secret_that_can_be_guessed_is_refused(key: str) -> None:
    """On whichever line it stands; and it is not shown."""
    with pytest.raises(WeakSecret, match="has 8 characters") as caught:
        links(key=key)
    assert "p4ssw0rd" not in str(caught.value)


def test_no_secret_at_all_is_refused() -> None:
    """A file of blanks is none."""
    with pytest.raises(WeakSecret, match="has 0 characters"):
        links(key=" \n")


@pytest.mark.parametrize(
    "url", ["", "hold.example", "ftp://x", "https://", "https://a b", "https://a?b"]
)
def test_links_begin_with_an_address_that_a_browser_opens(url: str) -> None:
    """Anything else is refused at the start, not in a mail."""
    with pytest.raises(NotAnAddress, match="HOLDFAST_PUBLIC_URL"):
        links(url=url)


def test_a_link_names_nobody() -> None:
    """Whoever reads the address learns a pseudonym, and no e-mail address can be put in it."""
    packed = token().split(".")[1]
    said = zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))).decode()
    assert MIRA in said
    assert "@" not in said
    with pytest.raises(ValueError, match="pattern"):
        links().make(PersonRef("mira@ardent.example"), HANDLE, "accept")
