"""Requests and responses of `verification_api`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from shared.edge.schemas import Id, RequestModel, ResponseModel
from shared.edge.text import Reason
from shared.verification.domain import (
    DocumentKind,
    DocumentState,
    SubjectKind,
    UploadRequest,
    VerificationDocument,
)
from shared.verification.files import MAX_BYTES
from shared.verification.usecases.upload_document import PendingUpload


def _text(value: Any) -> Any:
    """Refuse a day that is not text: pydantic would read a number as Unix time."""
    if value is not None and not isinstance(value, str):
        raise ValueError("a day is text in ISO 8601")
    return value


Day = Annotated[date, Field(strict=False), BeforeValidator(_text)]
"""A calendar day in ISO 8601."""

ContentType = Literal["image/jpeg", "image/png", "image/webp", "application/pdf"]


class DocumentRequest(RequestModel):
    """A verification document to upload: its expiry day, and the type and exact size of its file in bytes.

    With `merchant_id`, it is a licence of a merchant that you work for. Only `identity` may have no
    expiry day.
    """

    kind: Annotated[DocumentKind, Field(strict=False)]
    content_type: ContentType
    size: Annotated[int, Field(ge=1, le=MAX_BYTES)]
    expires_on: Day | None = None
    merchant_id: Id | None = None

    def upload(self) -> UploadRequest:
        """Return the declared upload."""
        return UploadRequest(self.kind, self.expires_on, self.content_type, self.size)


class RejectionRequest(RequestModel):
    """The reason of a rejection; the owner reads it."""

    reason: Reason


class DocumentView(ResponseModel):
    """A verification document; `state` is as of now, and `reason` says why it was rejected."""

    id: str
    subject_id: str
    subject_kind: SubjectKind
    kind: DocumentKind
    state: DocumentState
    expires_on: date | None
    content_type: str
    size: int
    created_at: datetime
    submitted_at: datetime | None
    reviewed_at: datetime | None
    reason: str

    @classmethod
    def of(cls, document: VerificationDocument, now: datetime) -> DocumentView:
        """Return the view of a document at a time."""
        return cls(**_fields(document, now))


class UploadView(ResponseModel):
    """A signed upload: send `method` to `url` with exactly these headers, once, before `expires_at`."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: datetime


class PendingDocumentView(DocumentView):
    """A verification document that waits for its file."""

    upload: UploadView

    @classmethod
    def of_pending(cls, pending: PendingUpload) -> PendingDocumentView:
        """Return the view of a new document and its signed upload."""
        signed = pending.upload
        upload = UploadView(
            method=signed.method, url=signed.url, headers=dict(signed.headers), expires_at=signed.expires_at
        )
        return cls(**_fields(pending.document, pending.document.created_at), upload=upload)


class DocumentPage(ResponseModel):
    """A page of verification documents; an empty `next_page_token` ends the list."""

    documents: list[DocumentView]
    next_page_token: str


class DocumentReviewView(DocumentView):
    """A verification document for its reviewer; the URL of its file is valid for five minutes."""

    owner_id: str
    reviewer_id: str
    sha256: str
    file_url: str

    @classmethod
    def of_file(cls, document: VerificationDocument, url: str, now: datetime) -> DocumentReviewView:
        """Return the view of a document and its file."""
        return cls(
            **_fields(document, now),
            owner_id=document.owner_id,
            reviewer_id=document.reviewer_id,
            sha256=document.sha256,
            file_url=url,
        )


def _fields(document: VerificationDocument, now: datetime) -> dict[str, Any]:
    names = DocumentView.model_fields.keys() - {"state"}
    return {name: getattr(document, name) for name in names} | {"state": document.state_at(now)}
