"""Requests and responses about papers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from shared.edge.schemas import Id, RequestModel, ResponseModel, ShortText
from shared.verification.domain import Document, DocumentKind, DocumentState, SubjectKind, Wish
from shared.verification.files import MAX_BYTES
from shared.verification.usecases.upload_document import Drafted


def _written(value: Any) -> Any:
    """A day is text: a bare number could be anything."""
    if value is not None and not isinstance(value, str):
        raise ValueError("a day is text in ISO 8601")
    return value


Day = Annotated[date, Field(strict=False), BeforeValidator(_written)]
"""A day of the calendar: ISO 8601 text."""

ContentType = Literal["image/jpeg", "image/png", "image/webp", "application/pdf"]


class DocumentRequest(RequestModel):
    """A paper that you are going to upload: its last day, and the type and exact size of its file in bytes.

    With `merchant_id`, it is a licence of a merchant of yours. Only an identity may have no last day.
    """

    kind: Annotated[DocumentKind, Field(strict=False)]
    content_type: ContentType
    size: Annotated[int, Field(ge=1, le=MAX_BYTES)]
    expires_on: Day | None = None
    merchant_id: Id | None = None

    def wish(self) -> Wish:
        """Return what is going to be uploaded."""
        return Wish(self.kind, self.expires_on, self.content_type, self.size)


class RejectionRequest(RequestModel):
    """Why an admin rejects a document; its owner reads it."""

    reason: ShortText


class DocumentView(ResponseModel):
    """A paper; `state` is as of now, and `reason` says why it was rejected."""

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
    def of(cls, document: Document, now: datetime) -> DocumentView:
        """Return the view of a document at a moment."""
        return cls(**_fields(document, now))


class UploadView(ResponseModel):
    """How the file gets into the store: this method to this URL with exactly these headers, once."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: datetime


class DraftedDocumentView(DocumentView):
    """A paper that waits for its file."""

    upload: UploadView

    @classmethod
    def of_drafted(cls, drafted: Drafted) -> DraftedDocumentView:
        """Return the view of a document that was just drafted."""
        ticket = drafted.ticket
        upload = UploadView(
            method=ticket.method, url=ticket.url, headers=dict(ticket.headers), expires_at=ticket.expires_at
        )
        return cls(**_fields(drafted.document, drafted.document.created_at), upload=upload)


class DocumentPage(ResponseModel):
    """Some papers; an empty `next_page_token` ends the list."""

    documents: list[DocumentView]
    next_page_token: str


class FiledDocumentView(DocumentView):
    """A paper as whoever decides about it sees it; the URL of its file is good for some minutes."""

    owner_id: str
    reviewer_id: str
    sha256: str
    file_url: str

    @classmethod
    def of_file(cls, document: Document, url: str, now: datetime) -> FiledDocumentView:
        """Return the view of a document and its file."""
        return cls(
            **_fields(document, now),
            owner_id=document.owner_id,
            reviewer_id=document.reviewer_id,
            sha256=document.sha256,
            file_url=url,
        )


def _fields(document: Document, now: datetime) -> dict[str, Any]:
    names = DocumentView.model_fields.keys() - {"state"}
    return {name: getattr(document, name) for name in names} | {"state": document.state_at(now)}
