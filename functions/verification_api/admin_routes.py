"""The routes on which admins decide about papers; what they look at and decide is kept in the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.verification_api import wiring
from functions.verification_api.schemas import DocumentPage, DocumentView, FiledDocumentView, RejectionRequest
from shared.edge.app import api_router
from shared.edge.auth import Admin
from shared.edge.refusals import refuses
from shared.edge.schemas import IdPath, PageSize, PageToken, page_token, page_values
from shared.kernel.actor import Operator
from shared.kernel.clock import utc_now
from shared.kernel.ids import new_id
from shared.verification import queries as paper_queries
from shared.verification.audit import AdminAction
from shared.verification.domain import (
    DocumentNotFound,
    DocumentOutOfDate,
    DocumentState,
    IllegalDocumentTransition,
    OwnDocument,
)
from shared.verification.usecases.review_document import (
    JudgeDocument,
    ReadDocument,
    approve_document,
    read_document,
    reject_document,
)

router = api_router("/api/v1/admin/documents", tags=["admin"])


def _action(operator: Operator, reason: str = "") -> AdminAction:
    return AdminAction(new_id("aud"), operator.uid, reason, utc_now())


@router.get("", operation_id="listDocumentsForReview")
async def list_documents(
    _: Admin,
    state: Annotated[DocumentState, Query()] = DocumentState.SUBMITTED,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> DocumentPage:
    """List verification documents by state.

    For admins, the oldest first.
    """
    now, after = utc_now(), page_values(page_token_, (datetime, str))
    page = await paper_queries.documents_in(
        state, page_size, (after[0], after[1]) if after else None, papers=wiring.papers()
    )
    return DocumentPage(
        documents=[DocumentView.of(document, now) for document in page.documents],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/{document_id}", operation_id="reviewVerificationDocument")
@refuses(DocumentNotFound)
async def look_at(document_id: IdPath, operator: Admin) -> FiledDocumentView:
    """Get a verification document with its file.

    For admins. The file's URL is valid for some minutes; each access is audited.
    """
    command = ReadDocument(document_id, _action(operator))
    document, url = await read_document(command, papers=wiring.papers(), vault=wiring.document_vault())
    return FiledDocumentView.of_file(document, url, command.action.at)


@router.post("/{document_id}/approve", operation_id="approveVerificationDocument")
@refuses(DocumentNotFound, DocumentOutOfDate, IllegalDocumentTransition, OwnDocument)
async def approve(document_id: IdPath, operator: Admin) -> DocumentView:
    """Approve a verification document.

    For admins. It counts until its expiry date.
    """
    command = JudgeDocument(document_id, _action(operator))
    return DocumentView.of(await approve_document(command, papers=wiring.papers()), command.action.at)


@router.post("/{document_id}/reject", operation_id="rejectVerificationDocument")
@refuses(DocumentNotFound, IllegalDocumentTransition, OwnDocument)
async def reject(document_id: IdPath, body: RejectionRequest, operator: Admin) -> DocumentView:
    """Reject a verification document.

    For admins. Also withdraws an approval; the owner reads the reason.
    """
    command = JudgeDocument(document_id, _action(operator, body.reason))
    return DocumentView.of(await reject_document(command, papers=wiring.papers()), command.action.at)
