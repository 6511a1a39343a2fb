"""Routes of the owners of verification documents: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.verification_api.schemas import (
    DocumentPage,
    DocumentRequest,
    DocumentView,
    PendingDocumentView,
)
from shared.composition.upload_processing import UploadPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.idempotency import IdempotencyKey
from shared.edge.provided import PORTS, NewIds, Now
from shared.edge.ratelimit import COSTLY, CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import Id, IdPath, PageSize, PageToken, page_token, page_values
from shared.verification import queries
from shared.verification.domain import DocumentNotFound, MerchantNotFound
from shared.verification.files import ActiveContent, FileUnreadable, PictureTooLarge
from shared.verification.submission import (
    ExpiryMissing,
    ExpiryOutOfRange,
    FileNotAsDeclared,
    KindNotForSubject,
    TooManyDocuments,
    UploadMissing,
)
from shared.verification.transitions import IllegalDocumentTransition
from shared.verification.usecases.upload_document import (
    CreateDocument,
    SubmitDocument,
    create_document,
    submit_document,
)

Ports = Annotated[UploadPorts, PORTS]

router = api_router("/api/v1/me/documents", tags=["verification"])


@router.post("", operation_id="createVerificationDocument", status_code=201)
@limited(CREATING)
@refuses(ExpiryMissing, ExpiryOutOfRange, KindNotForSubject, MerchantNotFound, TooManyDocuments)
async def create(
    body: DocumentRequest, user: ActiveUser, key: IdempotencyKey, ports: Ports, now: Now, new_id: NewIds
) -> PendingDocumentView:
    """Create a verification document.

    For yourself or for a merchant of yours. Upload the file to the URL of the answer within ten minutes,
    then submit the document.
    """
    pending = await create_document(
        CreateDocument(user.uid, body.upload(), body.merchant_id or ""),
        store=ports.store,
        objects=ports.objects,
        rules=ports.rules,
        ids=new_id,
        now=now,
        idempotency=key.for_answer(PendingDocumentView.of_pending),
    )
    return PendingDocumentView.of_pending(pending)


@router.get("", operation_id="listVerificationDocuments")
@refuses(MerchantNotFound)
async def list_documents(
    user: ActiveUser,
    ports: Ports,
    now: Now,
    merchant_id: Annotated[Id | None, Query()] = None,
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> DocumentPage:
    """List your verification documents.

    Yours or those of a merchant of yours, newest first.
    """
    after = page_values(page_token_, (datetime, str))
    page = await queries.documents_of(
        user.uid,
        merchant_id or "",
        page_size,
        (after[0], after[1]) if after else None,
        store=ports.store,
    )
    return DocumentPage(
        documents=[DocumentView.of(document, now) for document in page.documents],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/{document_id}", operation_id="getVerificationDocument")
@refuses(DocumentNotFound)
async def read_document(document_id: IdPath, user: ActiveUser, ports: Ports, now: Now) -> DocumentView:
    """Get one of your verification documents.

    With its state, and the reason if it was rejected.
    """
    found = await queries.own_document(user.uid, document_id, store=ports.store)
    return DocumentView.of(found, now)


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
async def submit(document_id: IdPath, user: ActiveUser, ports: Ports, now: Now) -> DocumentView:
    """Submit a verification document for review.

    After its file is uploaded. An image is re-encoded as JPEG without metadata: from then on, the type and
    size of the document are those of the new file. Submitting twice changes nothing.
    """
    document = await submit_document(
        SubmitDocument(user.uid, document_id),
        store=ports.store,
        processor=ports.processor,
        now=now,
    )
    return DocumentView.of(document, now)
