"""An admin looks at a document and decides about it; both are kept in the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.verification.audit import AdminAction, AuditedAction
from shared.verification.domain import Document, DocumentNotFound, Filed, Papers, Shop
from shared.verification.lifecycle import approved, rejected
from shared.verification.ports import DocumentVault, PaperStore


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """Which document is looked at, by whom."""

    document_id: str
    action: AdminAction


@dataclass(frozen=True, slots=True)
class JudgeDocument:
    """Which document is good, or is not; the action says by whom and why."""

    document_id: str
    action: AdminAction


async def read_document(
    command: ReadDocument, *, papers: PaperStore, vault: DocumentVault
) -> tuple[Document, str]:
    """Return the document and a URL for its file, empty while there is none. Raises `DocumentNotFound`."""
    document, _ = await papers.find(command.document_id)
    if document is None:
        raise DocumentNotFound
    if not document.generation:
        return document, ""
    await papers.note(command.action.entry(AuditedAction.DOCUMENT_READ, document.id))
    return document, await vault.read_url(document.file, document.generation)


async def approve_document(command: JudgeDocument, *, papers: PaperStore) -> Document:
    """Let the document count from now on; the errors are those of `paperwork.approved`."""
    return await _judge(command, papers, approved)


async def reject_document(command: JudgeDocument, *, papers: PaperStore) -> Document:
    """Let the document count no more; the errors are those of `paperwork.rejected`."""
    return await _judge(command, papers, rejected)


Verdict = Callable[[Document | None, Shop | None, Papers, AdminAction], Filed]


async def _judge(command: JudgeDocument, papers: PaperStore, verdict: Verdict) -> Document:
    found, _ = await papers.find(command.document_id)
    if found is None:
        raise DocumentNotFound

    def decide(stored: Document | None, shop: Shop | None, held: Papers) -> Filed:
        return verdict(stored, shop, held, command.action)

    judged = await papers.change(found, decide)
    if judged is None:
        raise DocumentNotFound
    return judged
