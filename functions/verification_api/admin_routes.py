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
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.kernel.actor import Operator
from shared.kernel.ids import NewId
from shared.verification import queries
from shared.verification.audit import AdminAction
from shared.verification.domain import DocumentState
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


@router.get("")
async def list_documents(
    _: Admin,
    ports: Ports,
    now: Now,
    state: Annotated[DocumentState, Query()] = DocumentState.SUBMITTED,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> DocumentPage:
    """List the verification documents in one state, oldest first (admin)."""
    after = page_values(page_token_, (datetime, str))
    page = await queries.documents_in(
        state, page_size, (after[0], after[1]) if after else None, store=ports.store
    )
    return DocumentPage(
        documents=[DocumentView.of(document, now) for document in page.documents],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/{document_id}")
async def read(
    document_id: IdPath, operator: Admin, ports: Ports, now: Now, new_id: NewIds
) -> DocumentReviewView:
    """Read a verification document, with a URL of its file for five minutes (admin)."""
    command = ReadDocument(document_id, _action(new_id, now, operator))
    document, url = await read_document(command, store=ports.store, objects=ports.objects)
    return DocumentReviewView.of_file(document, url, now)


@router.post("/{document_id}/approve")
async def approve(
    document_id: IdPath, operator: Admin, ports: Ports, now: Now, new_id: NewIds
) -> DocumentView:
    """Approve a verification document: it counts until its expiry day is over (admin)."""
    command = ReviewDocument(document_id, _action(new_id, now, operator))
    approved = await approve_document(command, store=ports.store, rules=ports.rules)
    return DocumentView.of(approved, now)


@router.post("/{document_id}/reject")
async def reject(
    document_id: IdPath,
    body: RejectionRequest,
    operator: Admin,
    ports: Ports,
    now: Now,
    new_id: NewIds,
) -> DocumentView:
    """Reject a verification document, or revoke its approval; its owner reads the reason (admin)."""
    command = ReviewDocument(document_id, _action(new_id, now, operator, body.reason))
    return DocumentView.of(await reject_document(command, store=ports.store), now)
