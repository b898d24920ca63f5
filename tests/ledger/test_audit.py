"""The audit: readable by people, exact for a verifier, and still so after an erasure."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import Engine, text

from ladders.contract import Contract, Document
from ladders.entries import Authentication, Doer, Entry, NoteAdded, RehearsalStarted, Via
from ladders.prose import PersonRef, Prose, replace_leaves
from ledger.audit import AuditFiles, write_audit
from ledger.book import Ledger
from ledger.errors import NothingRecorded, PrivateRowForged
from ledger.evidence import EvidenceStore
from ledger.lines import Head
from ledger.naming import naming
from ledger.private import PrivateRows
from ledger.verifying import verify_export
from tests.ledger.chronicle import CONTRACT, START, disarm, note, registration
from tests.world import contract

NOW = START + timedelta(days=1)
PLANTED = ("Mira Holm", "mira@ardent.example", "sample part 7 cracked")


class Case:
    """A registered contract with one note, written by a person it names."""

    def __init__(self, ledger: Ledger, private: PrivateRows, folder: Path) -> None:
        """Register it and leave the note."""
        self.ledger, self.private, self.folder = ledger, private, folder
        self.mira = private.identify(PLANTED[1])
        self.append(registration(self.named(contract())))
        by = Doer(
            actor=private.identify("os:root"),
            on_behalf_of=self.mira,
            authenticated_by="os-user",
            via="cli",
        )
        self.say(PLANTED[2], by)

    def named(self, terms: Contract) -> Contract:
        """The contract with the planted person at the head of its roster."""
        first, *others = terms.people
        planted = first.model_copy(
            update={"id": self.mira, "name": Prose(PLANTED[0]), "email": Prose(PLANTED[1])}
        )
        people = (planted, *(other.model_copy(update={"deputies": ()}) for other in others))
        return terms.model_copy(update={"people": people})

    def append(self, entry: Entry) -> None:
        """Seal and append."""
        self.ledger.append(self.private.seal(CONTRACT, entry))

    def say(self, words: str, by: Doer) -> None:
        """Leave a note that counts from an hour earlier."""
        lines = self.ledger.lines(CONTRACT)
        entry = note(len(lines) + 1, words=Prose(words), by=by)
        deemed_at = entry.occurred_at - timedelta(hours=1)
        after = lines[-1].entry.key
        self.append(entry.model_copy(update={"after": after, "deemed_at": deemed_at}))

    def audit(self) -> AuditFiles:
        """Write it."""
        return write_audit(self.ledger, self.private, CONTRACT, self.folder, now=NOW)


@pytest.fixture
def case(ledger: Ledger, private: PrivateRows, tmp_path: Path) -> Case:
    """A registered contract with one note."""
    return Case(ledger, private, tmp_path / "audit")


def test_the_chronology_tells_who_did_what_when(case: Case) -> None:
    """Times in the contract's zone with offset and in UTC, names, sentences, hashes, the head."""
    files = case.audit()
    head = case.ledger.head(CONTRACT)
    page, table = files.text.read_text(), files.html.read_text()
    for shown in (page, table):
        assert "Kitano Sealing Systems" in shown
        assert "2026-09-01 10:02:00+02:00" in shown
        assert "2026-09-01 08:02:00 UTC" in shown
        assert "counts from 2026-09-01 09:02:00+02:00" in shown
        assert "os:root on behalf of Mira Holm" in shown
        assert "at the command line, known as a user of the operating system" in shown
        assert "Note: sample part 7 cracked" in shown
        assert str(head) in shown
        assert "consistent, but nothing outside vouches for it" in shown
        assert all(line.hash[:12] in shown for line in case.ledger.lines(CONTRACT))
        assert "ehearsal" not in shown


@pytest.mark.parametrize("authenticated_by", get_args(Authentication))
@pytest.mark.parametrize("via", get_args(Via))
def test_every_way_of_acting_has_words(
    case: Case, via: Via, authenticated_by: Authentication
) -> None:
    """However somebody acted, and however they are known: none breaks the audit."""
    case.say("x", Doer(actor=case.mira, authenticated_by=authenticated_by, via=via))
    page = case.audit().text.read_text()
    assert "Note: x" in page
    if authenticated_by == "email-link":
        assert "by a signed link sent to their address" in page


def test_somebody_whom_only_slack_knows_is_named_as_such(case: Case) -> None:
    """By the member id that Slack shows, and not by what is stored of them."""
    case.say("x", Doer(actor=case.private.identify("slack:T0ARDENT:U0L3XYZ"), via="slack"))
    assert "somebody in Slack (U0L3XYZ)" in case.audit().text.read_text()


def test_the_exact_lines_are_written(case: Case) -> None:
    """ledger.jsonl holds the stored bytes, one per line with LF, and checks on its own."""
    files = case.audit()
    stored = "".join(f"{line.text}\n" for line in case.ledger.lines(CONTRACT))
    assert files.lines.read_bytes() == stored.encode()
    head = case.ledger.head(CONTRACT)
    assert files.head.read_text() == f"{head}\n"
    assert files.verdict.ok
    assert verify_export(case.folder, seen=head).ok
    assert not any(planted in stored for planted in PLANTED)


def test_an_erased_person_leaves_a_readable_audit(case: Case, engine: Engine) -> None:
    """After erasure the chain checks, the page reads, and the person is nowhere in it."""
    before = case.audit().lines.read_bytes()
    lines = case.ledger.lines(CONTRACT)
    case.private.erase_person(case.mira, [line.entry for line in lines])
    case.private.erase(case.private.mentioning("cracked", CONTRACT))
    files = case.audit()
    assert files.verdict.ok
    assert files.verdict.erased == 3
    assert verify_export(case.folder, seen=case.ledger.head(CONTRACT)).ok
    assert files.lines.read_bytes() == before
    for path in (files.text, files.html, files.lines):
        assert not any(planted in path.read_text() for planted in PLANTED)
    assert f"on behalf of person {case.mira} (erased)" in files.text.read_text()
    assert "Note: [erased]" in files.text.read_text()
    assert "Kitano Sealing Systems" in files.html.read_text()
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT line FROM entry")).scalars().all()
    assert not any(planted in row for planted in PLANTED for row in rows)


class Tags(HTMLParser):
    """Collects the tags and addresses of a page."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag, and whatever it would load."""
        self.tags.add(tag)
        self.addresses += [str(value) for name, value in attrs if name in {"src", "href"}]


def test_what_people_typed_stays_text(case: Case) -> None:
    """Markup, templates, line breaks, terminal and direction controls in a note do nothing."""
    words = "<script>alert(1)</script> {{ page }} a\r\nb \x1b[31m \u202e"
    case.say(words, Doer(actor=case.mira, authenticated_by="slack", via="slack"))
    files = case.audit()
    tags = Tags()
    tags.feed(files.html.read_text())
    assert "script" not in tags.tags
    assert tags.addresses == []
    page = files.text.read_text()
    assert "<script>alert(1)</script> {{ page }} a b [U+001B][31m [U+202E]" in page
    assert "\x1b" not in page + files.html.read_text()


def test_an_unregistered_contract_is_shown_in_utc(ledger: Ledger, tmp_path: Path) -> None:
    """A rehearsal says so at the top, and without a registration times are UTC alone."""
    first = note(1, by=Doer()).model_copy(update={"body": RehearsalStarted()})
    ledger.append(first)
    private = PrivateRows(ledger.engine)
    files = write_audit(ledger, private, CONTRACT, tmp_path, now=NOW)
    page = files.text.read_text()
    assert "REHEARSAL: nothing recorded here happened." in page
    assert "2026-09-01 08:01:00+00:00 (2026-09-01 08:01:00 UTC)" in page
    assert "Holdfast, by the clock" in page


def test_a_contract_without_entries_has_no_audit(
    ledger: Ledger, private: PrivateRows, tmp_path: Path
) -> None:
    """An unknown contract is refused, and no folder is made."""
    with pytest.raises(NothingRecorded, match="register the contract"):
        write_audit(ledger, private, CONTRACT, tmp_path / "audit", now=NOW)
    assert not (tmp_path / "audit").exists()


def test_a_ledger_that_does_not_check_says_so_on_top(case: Case, engine: Engine) -> None:
    """Findings stand in the audit; it never looks as if all were well."""
    disarm(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE entry SET kind = 'x' WHERE seq = 2"))
    files = case.audit()
    assert not files.verdict.ok
    assert "rejected: 1 finding" in files.text.read_text()
    assert "entry 2 (contract:note:2): its column kind says" in files.text.read_text()
    assert "The ledger does not check" in files.html.read_text()


def test_a_forged_text_is_not_shown(case: Case, engine: Engine) -> None:
    """A private text that somebody changed is refused rather than printed."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE private_text SET text = 'x' WHERE text LIKE '%cracked'"))
    with pytest.raises(PrivateRowForged):
        case.audit()


def test_an_audit_replaces_an_earlier_one(case: Case) -> None:
    """Writing into the same folder again gives the later state alone."""
    case.audit()
    case.say("more", Doer(actor=case.mira, authenticated_by="slack", via="slack"))
    files = case.audit()
    assert len(files.lines.read_text().splitlines()) == 3
    assert Head.parse(files.head.read_text()).seq == 3


def test_names_fall_back_step_by_step(private: PrivateRows) -> None:
    """A name, else the address, else the identity, else the pseudonym, marked as erased."""
    terms = contract()
    plain = terms.people[0]
    named = plain.model_copy(update={"id": PersonRef("p-named"), "name": Prose("Mira Holm")})
    entry = registration(terms.model_copy(update={"people": (plain, named)}))
    user = private.identify("os:root")
    names = naming([entry, note(1)], private.identity_of)
    assert names(named.id) == "Mira Holm"
    assert names(plain.id) == plain.email
    assert names(user) == "os:root"
    assert names("p-gone") == "person p-gone (erased)"
    assert names("holdfast") == "Holdfast"
    assert names("room") == "the contract's channel"
    hidden = replace_leaves(entry, Prose, lambda _: "[erased]")
    assert naming([hidden], private.identity_of)(named.id) == "person p-named (erased)"


def test_evidence_is_listed_with_where_it_is(case: Case, tmp_path: Path) -> None:
    """Name, size and hash of each file, and whether the store has it as it came."""
    store = EvidenceStore(tmp_path / "evidence")
    kept, changed = (store.keep([content]) for content in (b"a tool", b"another tool"))
    (store.folder / changed.sha256).write_bytes(b"a forgery")
    shown = tuple(
        Document(name=Prose(name), sha256=sha256, size=size)
        for name, (sha256, size) in (
            ("photo\u202e.jpg", kept), ("plan.pdf", changed), ("gone.pdf", ("0" * 64, 3)),
        )
    )  # fmt: skip
    entry = note(3, words=Prose("see the files"))
    body = NoteAdded(note=Prose("see the files"), evidence=shown)
    after = case.ledger.lines(CONTRACT)[-1].entry.key
    case.append(entry.model_copy(update={"after": after, "body": body}))
    files = write_audit(case.ledger, case.private, CONTRACT, case.folder, now=NOW, evidence=store)
    page, table = files.text.read_text(), files.html.read_text()
    assert "photo[U+202E].jpg, 6 bytes, in the store\n" in page
    assert "plan.pdf, 12 bytes, in the store, but with another content\n" in page
    assert "gone.pdf, 3 bytes, not in the store\n" in page
    for each in (page, table):
        assert all(document.sha256 in each for document in shown)
    assert "a forgery" not in page
    assert "photo[U+202E].jpg, 6 bytes, not looked for" in case.audit().text.read_text()
