"""Routes on which admins review verification documents; the audit log records what they open and decide."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.verification_api.schemas import (
    DocumentPage,
    DocumentReviewView,
    DocumentView,
    RejectionRequest,
)
from shared.composition.upload_processing import UploadPorts
from shared.edge.app import api_router
from shared.edge.auth import Admin
from shared.edge.idempotency import OptionalIdempotencyKey, RequestKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.kernel.actor import Operator
from shared.kernel.audit import AlreadyDecided
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import NewId
from shared.verification import queries
from shared.verification.audit import AdminAction
from shared.verification.domain import DocumentNotFound, DocumentState
from shared.verification.review import DocumentOutOfDate, OwnDocument
from shared.verification.transitions import IllegalDocumentTransition
from shared.verification.usecases.review_document import (
    ReadDocument,
    ReviewDocument,
    approve_document,
    read_document,
    reject_document,
)

Ports = Annotated[UploadPorts, PORTS]

router = api_router("/api/v1/admin/documents", tags=["admin"])


def _action(new_id: NewId, now: datetime, operator: Operator, reason: str = "") -> AdminAction:
    return AdminAction(new_id("aud"), operator.uid, reason, now)


def _answer(key: RequestKey | None, now: datetime) -> IdempotentRequest | None:
    """Return the request whose repetition gets the same answer and undoes no later decision."""
    return key.for_answer(lambda document: DocumentView.of(document, now)) if key else None


@router.get("", operation_id="listDocumentsForReview")
async def list_documents(
    _: Admin,
    ports: Ports,
    now: Now,
    state: Annotated[DocumentState, Query()] = DocumentState.SUBMITTED,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> DocumentPage:
    """List verification documents by state.

    For admins, the oldest first.
    """
    after = page_values(page_token_, (datetime, str))
    page = await queries.documents_in(
        state, page_size, (after[0], after[1]) if after else None, store=ports.store
    )
    return DocumentPage(
        documents=[DocumentView.of(document, now) for document in page.documents],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/{document_id}", operation_id="reviewVerificationDocument")
@refuses(DocumentNotFound)
async def read(
    document_id: IdPath, operator: Admin, ports: Ports, now: Now, new_id: NewIds
) -> DocumentReviewView:
    """Get a verification document with its file.

    For admins. The URL of the file is valid for five minutes; the audit log records each access.
    """
    command = ReadDocument(document_id, _action(new_id, now, operator))
    document, url = await read_document(command, store=ports.store, objects=ports.objects)
    return DocumentReviewView.of_file(document, url, now)


@router.post("/{document_id}/approve", operation_id="approveVerificationDocument")
@refuses(DocumentNotFound, DocumentOutOfDate, IllegalDocumentTransition, OwnDocument)
async def approve(
    document_id: IdPath,
    operator: Admin,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> DocumentView:
    """Approve a verification document.

    For admins. It counts until its expiry date.
    """
    command = ReviewDocument(document_id, _action(new_id, now, operator))
    approved = await approve_document(
        command, store=ports.store, rules=ports.rules, idempotency=_answer(key, now)
    )
    return DocumentView.of(approved, now)


@router.post("/{document_id}/reject", operation_id="rejectVerificationDocument")
@refuses(AlreadyDecided, DocumentNotFound, IllegalDocumentTransition, OwnDocument)
async def reject(
    document_id: IdPath,
    body: RejectionRequest,
    operator: Admin,
    key: OptionalIdempotencyKey,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> DocumentView:
    """Reject a verification document.

    For admins. Also revokes an approval; the owner reads the reason.
    """
    command = ReviewDocument(document_id, _action(new_id, now, operator, body.reason))
    rejected = await reject_document(command, store=ports.store, idempotency=_answer(key, now))
    return DocumentView.of(rejected, now)
