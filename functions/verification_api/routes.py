"""The routes by which people hand in their papers: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.verification_api import wiring
from functions.verification_api.schemas import (
    DocumentPage,
    DocumentRequest,
    DocumentView,
    DraftedDocumentView,
)
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.idempotency import IdempotencyKey
from shared.edge.ratelimit import COSTLY, CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import Id, IdPath, PageSize, PageToken, page_token, page_values
from shared.kernel.clock import utc_now
from shared.kernel.ids import new_id
from shared.verification import queries as paper_queries
from shared.verification.domain import (
    DocumentNotFound,
    ExpiryMissing,
    ExpiryOutOfRange,
    FileNotAsDeclared,
    IllegalDocumentTransition,
    KindNotForSubject,
    MerchantNotFound,
    TooManyDocuments,
    UploadMissing,
)
from shared.verification.files import ActiveContent, FileUnreadable, PictureTooLarge
from shared.verification.usecases.upload_document import (
    DraftDocument,
    SubmitDocument,
    draft_document,
    submit_document,
)

router = api_router("/api/v1/me/documents", tags=["verification"])


@router.post("", operation_id="createVerificationDocument", status_code=201)
@limited(CREATING)
@refuses(ExpiryMissing, ExpiryOutOfRange, KindNotForSubject, MerchantNotFound, TooManyDocuments)
async def draft(body: DocumentRequest, user: ActiveUser, key: IdempotencyKey) -> DraftedDocumentView:
    """Create a verification document.

    For yourself or for a merchant of yours. Upload the file to the URL of the answer within ten minutes,
    then submit the document.
    """
    drafted = await draft_document(
        DraftDocument(user.uid, body.wish(), body.merchant_id or ""),
        papers=wiring.papers(),
        vault=wiring.document_vault(),
        ids=new_id,
        now=utc_now(),
        idempotency=key.for_answer(DraftedDocumentView.of_drafted),
    )
    return DraftedDocumentView.of_drafted(drafted)


@router.get("", operation_id="listVerificationDocuments")
@refuses(MerchantNotFound)
async def list_documents(
    user: ActiveUser,
    merchant_id: Annotated[Id | None, Query()] = None,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> DocumentPage:
    """List your verification documents.

    Yours or those of a merchant of yours, newest first.
    """
    now, after = utc_now(), page_values(page_token_, (datetime, str))
    page = await paper_queries.documents_of(
        user.uid,
        merchant_id or "",
        page_size,
        (after[0], after[1]) if after else None,
        papers=wiring.papers(),
    )
    return DocumentPage(
        documents=[DocumentView.of(document, now) for document in page.documents],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/{document_id}", operation_id="getVerificationDocument")
@refuses(DocumentNotFound)
async def read_document(document_id: IdPath, user: ActiveUser) -> DocumentView:
    """Get one of your verification documents.

    With its state, and the reason where it was rejected.
    """
    found = await paper_queries.own_document(user.uid, document_id, papers=wiring.papers())
    return DocumentView.of(found, utc_now())


@router.post("/{document_id}/submit", operation_id="submitVerificationDocument")
@limited(COSTLY)
@refuses(
    ActiveContent,
    DocumentNotFound,
    FileNotAsDeclared,
    FileUnreadable,
    IllegalDocumentTransition,
    PictureTooLarge,
    UploadMissing,
)
async def submit(document_id: IdPath, user: ActiveUser) -> DocumentView:
    """Submit a verification document for review.

    Once its file is uploaded. Submitting twice changes nothing.
    """
    now = utc_now()
    document = await submit_document(
        SubmitDocument(user.uid, document_id),
        papers=wiring.papers(),
        intake=wiring.intake(),
        now=now,
    )
    return DocumentView.of(document, now)
