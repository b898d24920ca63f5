"""The audit of a contract: its chronology for people, its lines for a verifier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timezone
from pathlib import Path
from typing import NamedTuple

from jinja2 import PackageLoader, StrictUndefined, select_autoescape
from jinja2.sandbox import SandboxedEnvironment

from ladders.calendar import Calendar
from ladders.entries import (
    ENGINE,
    Authentication,
    ContractRegistered,
    Doer,
    Entry,
    MessagePosted,
    Names,
    RehearsalStarted,
    Via,
)
from ledger.book import Ledger
from ledger.errors import NothingRecorded
from ledger.evidence import Condition, EvidenceStore
from ledger.exhibits import exhibits
from ledger.lines import Head, Line
from ledger.naming import naming
from ledger.private import PrivateRows
from ledger.verifying import HEAD_FILE, LINES_FILE, Verdict, verify_ledger

_SHORT_HASH = 12
_AUTHENTICATED: dict[Authentication, str] = {
    "none": "not authenticated",
    "os-user": "known as a user of the operating system",
    "slack": "signed in to Slack",
    "email-link": "by a signed link sent to their address",
    "sign-in": "signed in",
    "api-key": "by API key",
}
_VIA: dict[Via, str] = {
    "timer": "by the clock",
    "cli": "at the command line",
    "slack": "in Slack",
    "email": "by e-mail",
    "web": "on the page",
    "api": "through the API",
}


_WHERE: dict[Condition, str] = {
    "kept": "in the store",
    "missing": "not in the store",
    "changed": "in the store, but with another content",
    "unreadable": "in the store, but cannot be read",
}


class AuditFiles(NamedTuple):
    """What was written, and what the check of the ledger said on that occasion."""

    text: Path
    html: Path
    lines: Path
    head: Path
    verdict: Verdict


@dataclass(frozen=True)
class _Time:
    """An instant as people read it: on the contract's wall clock, and in UTC."""

    local: str
    utc: str


@dataclass(frozen=True)
class _Step:
    """One row of the chronology."""

    seq: int
    stream: str
    occurred: _Time
    deemed: _Time | None
    recorded: _Time
    who: str
    how: str
    what: str
    hash: str
    wording: str | None


@dataclass(frozen=True)
class _Exhibit:
    """One file that an entry names as evidence, and whether it is still there."""

    seq: int
    name: str
    size: int
    sha256: str
    where: str


@dataclass(frozen=True)
class _Page:
    """All that the templates show."""

    contract: str
    facts: tuple[tuple[str, str], ...]
    is_rehearsal: bool
    verdict: str
    findings: tuple[str, ...]
    head: Head
    steps: tuple[_Step, ...]
    exhibits: tuple[_Exhibit, ...]


def write_audit(
    ledger: Ledger,
    private: PrivateRows,
    contract: str,
    folder: Path,
    *,
    now: datetime,
    evidence: EvidenceStore | None = None,
) -> AuditFiles:
    """Write the chronology as text and HTML, the exact lines, and the head, into ``folder``.

    ``now`` is printed as the time of writing; files shown as evidence are looked for in
    ``evidence``, and read as a whole. Files of an earlier audit there are replaced.
    Raises NothingRecorded for an unknown contract, UnreadableLine or PrivateRowForged where
    something was tampered with so that it cannot be shown.
    """
    lines = ledger.lines(contract)
    if not lines:
        raise NothingRecorded(contract)
    verdict = verify_ledger(ledger.engine, contract)
    page = _page(lines, private, verdict, now, evidence)
    folder.mkdir(parents=True, exist_ok=True)
    files = AuditFiles(
        text=folder / "chronology.txt",
        html=folder / "chronology.html",
        lines=folder / LINES_FILE,
        head=folder / HEAD_FILE,
        verdict=verdict,
    )
    _write(files.text, _render("chronology.txt", page))
    _write(files.html, _render("chronology.html", page))
    _write(files.lines, "".join(f"{line.text}\n" for line in lines))
    _write(files.head, f"{page.head}\n")
    return files


def _page(
    lines: Sequence[Line],
    private: PrivateRows,
    verdict: Verdict,
    now: datetime,
    evidence: EvidenceStore | None,
) -> _Page:
    opened = private.open(tuple(line.entry for line in lines))
    names = naming(opened, private.identity_of)
    registered = _registered(opened)
    calendar = None if registered is None else registered.calendar
    return _Page(
        contract=lines[0].entry.contract,
        facts=_facts(registered, len(lines), _time(now, calendar)),
        is_rehearsal=any(isinstance(entry.body, RehearsalStarted) for entry in opened),
        verdict=str(verdict),
        findings=tuple(str(finding) for finding in verdict.findings),
        head=Head(lines[-1].seq, lines[-1].hash),
        steps=tuple(
            _step(line, entry, names, calendar) for line, entry in zip(lines, opened, strict=True)
        ),
        exhibits=tuple(_exhibits(lines, opened, evidence)),
    )


def _exhibits(
    lines: Sequence[Line], opened: Sequence[Entry], store: EvidenceStore | None
) -> Iterator[_Exhibit]:
    for seq, document in exhibits(
        (line.seq, entry) for line, entry in zip(lines, opened, strict=True)
    ):
        sha256 = document.sha256
        where = "not looked for" if store is None else _WHERE[store.examine(sha256)]
        yield _Exhibit(seq, _one_line(document.name), document.size, sha256, where)


def _registered(opened: Sequence[Entry]) -> ContractRegistered | None:
    bodies = (entry.body for entry in reversed(opened))
    return next((body for body in bodies if isinstance(body, ContractRegistered)), None)


def _facts(
    registered: ContractRegistered | None, entries: int, now: _Time
) -> tuple[tuple[str, str], ...]:
    written = [("Entries", str(entries)), ("Written", f"{now.local} ({now.utc})")]
    if registered is None:
        return tuple(written)
    terms = registered.terms
    facts: list[tuple[str, str | None]] = [
        ("Supplier", terms.supplier),
        ("Buyer", terms.buyer),
        ("Title", terms.title),
    ]
    if terms.document is not None:
        signed = f"{terms.document.name}, SHA-256 {terms.document.sha256}"
        facts.append(("Signed contract", signed))
    facts.append(("Contract file", f"{registered.source.name}, SHA-256 {registered.source.sha256}"))
    facts.append(("Local time", f"{registered.calendar.zone}, as the frozen calendar has it"))
    shown = [(label, _one_line(text)) for label, text in facts if text is not None]
    return (*shown, *written)


def _step(line: Line, opened: Entry, names: Names, calendar: Calendar | None) -> _Step:
    is_deemed_then = f"{opened.deemed_at:%FT%T}" == f"{opened.occurred_at:%FT%T}"
    return _Step(
        seq=line.seq,
        stream=opened.stream,
        occurred=_time(opened.occurred_at, calendar),
        deemed=None if is_deemed_then else _time(opened.deemed_at, calendar),
        recorded=_time(line.recorded_at, calendar),
        who=_one_line(_who(opened.by, names)),
        how=_how(opened.by),
        what=_one_line(opened.body.sentence(names)),
        hash=line.hash[:_SHORT_HASH],
        wording=_wording(opened),
    )


def _wording(opened: Entry) -> str | None:
    """A message in full, line by line, where the entry is the posting of one."""
    if not isinstance(opened.body, MessagePosted):
        return None
    return "\n".join(_indented(line) for line in opened.body.wording.split("\n"))


def _who(by: Doer, names: Names) -> str:
    actor = names(by.actor)
    return actor if by.on_behalf_of is None else f"{actor} on behalf of {names(by.on_behalf_of)}"


def _how(by: Doer) -> str:
    if by.actor == ENGINE:
        return _VIA[by.via]
    return f"{_VIA[by.via]}, {_AUTHENTICATED[by.authenticated_by]}"


def _time(instant: datetime, calendar: Calendar | None) -> _Time:
    utc = instant.astimezone(UTC)
    if calendar is None:
        local = utc
    else:
        offset = calendar.local(utc) - utc.replace(tzinfo=None)
        local = utc.astimezone(timezone(offset))
    return _Time(local=local.isoformat(" ", "seconds"), utc=f"{utc:%F %T} UTC")


def _one_line(text: str) -> str:
    # Text that people typed must neither break the layout nor steer a terminal or the reading
    # direction.
    words = " ".join(text.split())
    return "".join(char if char.isprintable() else f"[U+{ord(char):04X}]" for char in words)


def _indented(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" "))) + _one_line(line)


def _render(template: str, page: _Page) -> str:
    environment = SandboxedEnvironment(
        loader=PackageLoader("ledger"),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(page=page)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
