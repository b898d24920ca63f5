"""Entries of evidence: fetched from where somebody had attached it, hashed and kept, or not."""

from __future__ import annotations

from typing import Literal

from ladders.contract import Attachment, Document
from ladders.kinds.common import Body, Names, told


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
        lost = f"{self.attachment.name} could not be fetched ({self.problem})"
        return f"Evidence missing: {lost}; {told(self, names)} asked to attach it again."
