"""Entries of evidence: fetched from where somebody had attached it, hashed and kept, or not."""

from __future__ import annotations

from typing import Literal

from ladders.contract import Attachment, Document
from ladders.kinds.common import Body, Names, told

_LOST_BECAUSE = {
    "file_deleted": "it is not in Slack any more",
    "file_not_found": "it is not in Slack any more",
    "too_large": "it is larger than 25 MB",
    "not_in_slack": "it lies elsewhere, and Slack only points to it",
    "no_slack": "Holdfast is not connected to Slack",
}


_INSTEAD = {
    "too_large": "attach a smaller one with a note, or give it to whoever runs Holdfast",
    "not_in_slack": "attach the file itself, with a note",
    "no_slack": "give it to whoever runs Holdfast, who can record it with a note",
}


def lost_because(problem: str) -> str:
    """Why a file could not be kept, in words, given the short code of the problem."""
    return _LOST_BECAUSE.get(problem, f"it could not be fetched from Slack ({problem})")


def instead_of_it(problem: str) -> str:
    """What whoever attached a file can do after it could not be kept, in words."""
    return _INSTEAD.get(problem, "attach it again, with a note")


class EvidenceKept(Body):
    """A file that ``act``, an entry's key, had brought was fetched; its hash is of what came."""

    kind: Literal["evidence.kept"] = "evidence.kept"
    act: str
    attachment: str
    document: Document

    def sentence(self, names: Names) -> str:
        """One sentence."""
        document = self.document
        return f"Evidence kept: {document.name}, {document.size} bytes, SHA-256 {document.sha256}."


class EvidenceMissing(Body):
    """A file that ``act``, an entry's key, had brought could not be fetched any more."""

    kind: Literal["evidence.missing"] = "evidence.missing"
    act: str
    attachment: Attachment
    problem: str

    def sentence(self, names: Names) -> str:
        """One sentence."""
        lost = f"{self.attachment.name} could not be kept: {lost_because(self.problem)}"
        return f"Evidence missing: {lost}; {told(self, names)} told."
