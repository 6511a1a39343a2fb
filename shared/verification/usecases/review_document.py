"""Review a verification document as an admin; the audit log records reading and deciding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.verification.audit import AdminAction, AuditedAction
from shared.verification.domain import (
    DocumentNotFound,
    Verification,
    VerificationDocument,
    VerificationRecord,
    VerificationRules,
)
from shared.verification.ports import ObjectStore, VerificationStore
from shared.verification.review import approve, reject


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """An admin opens a document."""

    document_id: str
    action: AdminAction


@dataclass(frozen=True, slots=True)
class ReviewDocument:
    """An admin decides about a document; the action holds the admin and the reason."""

    document_id: str
    action: AdminAction


Review = Callable[
    [VerificationDocument | None, bool, VerificationRecord],
    Decision[Verification, VerificationDocument],
]


async def read_document(
    command: ReadDocument, *, store: VerificationStore, objects: ObjectStore
) -> tuple[VerificationDocument, str]:
    """Return the document and a URL of its file, empty if it has none. Raises `DocumentNotFound`."""
    document, _ = await store.find(command.document_id, command.action.admin_id)
    if document is None:
        raise DocumentNotFound
    if not document.generation:
        return document, ""
    await store.write_audit(command.action.entry(AuditedAction.DOCUMENT_READ, document.id))
    return document, await objects.sign_download(document.object_name, document.generation)


async def approve_document(
    command: ReviewDocument,
    *,
    store: VerificationStore,
    rules: VerificationRules,
    idempotency: IdempotentRequest | None = None,
) -> VerificationDocument:
    """Approve the document, so that it counts for its subject. Raises what `approve` raises."""
    return await _review(
        command,
        store,
        lambda document, is_staff, record: approve(document, is_staff, record, command.action, rules),
        idempotency,
    )


async def reject_document(
    command: ReviewDocument, *, store: VerificationStore, idempotency: IdempotentRequest | None = None
) -> VerificationDocument:
    """Reject the document, so that it does not count any more. Raises what `reject` raises."""
    return await _review(
        command,
        store,
        lambda document, is_staff, record: reject(document, is_staff, record, command.action),
        idempotency,
    )


async def _review(
    command: ReviewDocument, store: VerificationStore, decide: Review, idempotency: IdempotentRequest | None
) -> VerificationDocument:
    found, _ = await store.find(command.document_id, command.action.admin_id)
    if found is None:
        raise DocumentNotFound
    return await store.change(found, command.action.admin_id, decide, idempotency)
