"""``holdfast audit`` and ``holdfast verify``: the history, and whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console

from desk.casebook import Casebook, UnknownCase
from ledger.audit import write_audit
from ledger.evidence import EvidenceStore
from ledger.lines import Head
from ledger.verifying import Verdict, verify_export, verify_ledger


def audit(
    casebook: Casebook,
    contract: str,
    folder: Path,
    *,
    clock: Callable[[], datetime],
    console: Console,
    as_json: bool = False,
    evidence: EvidenceStore | None = None,
) -> int:
    """Write the chronology and the exact lines into ``folder``; return 1 if they do not verify.

    Files shown as evidence are looked for in ``evidence``, if that is given.
    """
    files = write_audit(
        casebook.ledger, casebook.private, contract, folder, now=clock(), evidence=evidence
    )
    written = [str(path) for path in (files.text, files.html, files.lines, files.head)]
    if not as_json:
        for path in written:
            console.print(f"wrote {path}", soft_wrap=True, highlight=False)
    return _say(files.verdict, console, as_json=as_json, written=written)


def verify_file(path: Path, seen: str | None, *, as_json: bool, console: Console) -> int:
    """Check what an audit wrote: its folder, or the file of lines alone."""
    code = _say(verify_export(path, _head(seen)), console, as_json=as_json)
    if path.is_dir() and not as_json:
        hint = (
            "Checked: the exact lines. The chronology beside them is a reading of them, and is not."
        )
        console.print(hint, soft_wrap=True, highlight=False)
    return code


def verify_contract(
    casebook: Casebook, contract: str, seen: str | None, *, as_json: bool, console: Console
) -> int:
    """Check a contract's entries where they are kept, columns and private rows included."""
    if contract not in casebook.ledger.contracts():
        raise UnknownCase(
            f"{contract!r} is neither a file nor a registered contract",
            "name the folder that holdfast audit wrote, or a contract",
        )
    verdict = verify_ledger(casebook.ledger.engine, contract, _head(seen))
    return _say(verdict, console, as_json=as_json)


def _head(text: str | None) -> Head | None:
    return None if text is None else Head.parse(text)


def _say(
    verdict: Verdict, console: Console, *, as_json: bool = False, written: Sequence[str] = ()
) -> int:
    if as_json:
        document = {
            **({"written": written} if written else {}),
            "ok": verdict.ok,
            "entries": verdict.entries,
            "head": str(verdict.head) if verdict.head else None,
            "findings": [str(finding) for finding in verdict.findings],
            "verdict": str(verdict),
        }
        console.print(json.dumps(document, indent=2), soft_wrap=True, highlight=False)
    else:
        style = "green" if verdict.ok else "red"
        count = f"{verdict.entries} entries{' verified' if verdict.ok else ''}"
        said = f"{count}, head {verdict.head}: {verdict}"
        console.print(said, style=style, soft_wrap=True, highlight=False, markup=False)
        if verdict.ok and not verdict.vouched:
            hint = "Note the head where nobody can change it, and give it to verify --seen later."
            console.print(hint, soft_wrap=True, highlight=False)
        for finding in verdict.findings:
            console.print(f"  {finding}", soft_wrap=True, highlight=False, markup=False)
    return 0 if verdict.ok else 1
