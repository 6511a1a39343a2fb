"""Upload a verification document: declare the file, then submit it for review."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.ids import NewId
from shared.verification.domain import (
    DocumentNotFound,
    DocumentState,
    MerchantNotFound,
    Subject,
    SubjectKind,
    UploadRequest,
    Verification,
    VerificationDocument,
    VerificationRecord,
    VerificationRules,
    check_acts_for,
    object_name,
)
from shared.verification.files import SignedUpload
from shared.verification.ports import ObjectStore, VerificationStore
from shared.verification.submission import new_document, submit
from shared.verification.upload_processor import UploadProcessor


@dataclass(frozen=True, slots=True)
class CreateDocument:
    """A person declares a file, for themselves or for the merchant of id `merchant_id`."""

    uid: str
    upload: UploadRequest
    merchant_id: str = ""

    @property
    def subject(self) -> Subject:
        """The subject of the new document."""
        if self.merchant_id:
            return Subject(self.merchant_id, SubjectKind.MERCHANT)
        return Subject(self.uid)


@dataclass(frozen=True, slots=True)
class SubmitDocument:
    """A person submits a document whose file is uploaded."""

    uid: str
    document_id: str


@dataclass(frozen=True, slots=True)
class PendingUpload:
    """A new document and the permission to upload its file."""

    document: VerificationDocument
    upload: SignedUpload


async def create_document(
    command: CreateDocument,
    *,
    store: VerificationStore,
    objects: ObjectStore,
    rules: VerificationRules,
    ids: NewId,
    now: datetime,
    idempotency: IdempotentRequest | None = None,
) -> PendingUpload:
    """Store a document that waits for its file; return it with a signed upload.

    Raises `MerchantNotFound`, and what `new_document` raises.
    """
    document_id, declared, subject = ids("doc"), command.upload, command.subject
    name = object_name(subject.id, document_id)
    signed = await objects.sign_upload(name, declared.content_type, declared.size, now)

    def decide(
        is_staff: bool, record: VerificationRecord | None
    ) -> Decision[Verification, VerificationDocument]:
        if subject.kind is SubjectKind.MERCHANT and not is_staff:
            raise MerchantNotFound
        return new_document(declared, document_id, subject, command.uid, record, now, rules)

    document = await store.create(
        document_id, subject, command.uid, decide, _with_upload(idempotency, signed)
    )
    return PendingUpload(document, signed)


async def submit_document(
    command: SubmitDocument, *, store: VerificationStore, processor: UploadProcessor, now: datetime
) -> VerificationDocument:
    """Submit the document for review, after its file was processed.

    Raises `DocumentNotFound`, and what `UploadProcessor.process` and `submit` raise.
    """
    found, is_staff = await store.find(command.document_id, command.uid)
    if found is None:
        raise DocumentNotFound
    check_acts_for(found.subject, command.uid, is_staff)
    file = await processor.process(found) if found.state is DocumentState.AWAITING_UPLOAD else None

    def decide(
        stored: VerificationDocument | None, is_staff: bool, record: VerificationRecord
    ) -> Decision[Verification, VerificationDocument]:
        if stored is None:
            raise DocumentNotFound
        check_acts_for(stored.subject, command.uid, is_staff)
        return submit(stored, record, file, now)

    return await store.change(found, command.uid, decide)


def _with_upload(idempotency: IdempotentRequest | None, signed: SignedUpload) -> IdempotentRequest | None:
    """Return the request with an answer that contains the signed upload: a retry needs it too."""
    if idempotency is None:
        return None
    render = idempotency.render
    return replace(idempotency, render=lambda document: render(PendingUpload(document, signed)))
