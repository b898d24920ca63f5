"""Exhibits: the files that entries name as evidence, and whether they are still there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from ladders import entries as kinds
from ladders.contract import Document
from ladders.entries import AnyBody, Entry
from ladders.values import Ref, Sha256
from ledger.book import Ledger
from ledger.evidence import Condition, EvidenceStore


class Exhibit(NamedTuple):
    """A file that entry number ``seq`` of a contract names."""

    seq: int
    document: Document


def exhibits(entries: Iterable[tuple[int, Entry]]) -> Iterator[Exhibit]:
    """All files that the numbered ``entries`` name as evidence, in order."""
    for seq, entry in entries:
        for document in _named(entry.body):
            yield Exhibit(seq, document)


def wanting(ledger: Ledger, contract: Ref, store: EvidenceStore) -> dict[Sha256, Condition]:
    """The files of a contract's evidence that ``store`` lacks, or holds changed; reads them all."""
    numbered = ((line.seq, line.entry) for line in ledger.lines(contract))
    named = dict.fromkeys(exhibit.document.sha256 for exhibit in exhibits(numbered))
    found = {sha256: store.examine(sha256) for sha256 in named}
    return {sha256: condition for sha256, condition in found.items() if condition != "kept"}


def awaited(ledger: Ledger, contract: Ref) -> list[datetime]:
    """Since when each file of a contract is owed that was attached and has not come yet."""
    owed: dict[tuple[str, str], datetime] = {}
    for line in ledger.lines(contract):
        entry = line.entry
        match entry.body:
            case (
                kinds.RungCompleted(attached=files)
                | kinds.CureTendered(attached=files)
                | kinds.NoteAdded(attached=files)
            ):
                owed |= {(entry.key, file.id): entry.occurred_at for file in files or ()}
            case kinds.EvidenceKept(act=act, attachment=file_id):
                owed.pop((act, file_id), None)
            case kinds.EvidenceMissing(act=act, attachment=file):
                owed.pop((act, file.id), None)
    return list(owed.values())


def _named(body: AnyBody) -> tuple[Document, ...]:
    match body:
        case kinds.EvidenceKept(document=document):
            return (document,)
        case (
            kinds.RungCompleted(evidence=shown)
            | kinds.CureTendered(evidence=shown)
            | kinds.NoteAdded(evidence=shown)
            | kinds.TimeTolled(evidence=shown)
            | kinds.TimeResumed(evidence=shown)
        ):
            return shown or ()
        case _:
            return ()
