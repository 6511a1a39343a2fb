"""Decide how a verification document begins, gets its file, and is submitted for review."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from shared.kernel.decision import Decision
from shared.kernel.errors import Invalid, WrongState
from shared.verification.days import end_of
from shared.verification.domain import (
    KINDS_WITHOUT_EXPIRY,
    MERCHANT_KINDS,
    DocumentState,
    Subject,
    SubjectKind,
    UploadRequest,
    Verification,
    VerificationDocument,
    VerificationRecord,
    VerificationRules,
)
from shared.verification.files import JPEG, PDF, StoredFile, content_type_of
from shared.verification.transitions import moved


class KindNotForSubject(Invalid):
    """The kind is a licence of merchants and the subject is a person, or the other way round."""

    code = "KIND_NOT_FOR_SUBJECT"
    detail = "Send `merchant_id` for a licence of a merchant, and leave it out for other kinds."


class ExpiryMissing(Invalid):
    """This kind of document needs an expiry day."""

    code = "EXPIRY_MISSING"
    detail = "This kind of document has a last day: send it as `expires_on`."


class ExpiryOutOfRange(Invalid):
    """The expiry day is over, or too far in the future."""

    code = "EXPIRY_OUT_OF_RANGE"
    detail = "The document's last day is over, or too far in the future. Check `expires_on`."


class TooManyDocuments(WrongState):
    """The subject has reached the limit of pending or approved documents."""

    code = "TOO_MANY_DOCUMENTS"
    detail = "Too many documents wait for a file or a review. Wait until some are reviewed or removed."


class UploadMissing(WrongState):
    """The object store has no file of the document."""

    code = "UPLOAD_MISSING"
    detail = "Upload the file to the signed URL first, then submit the document."


class FileNotAsDeclared(Invalid):
    """The uploaded file has another size or type than the request declared."""

    code = "FILE_NOT_AS_DECLARED"
    detail = "The uploaded file has another size or type than was declared. Create a new document."


def new_document(
    upload: UploadRequest,
    document_id: str,
    subject: Subject,
    owner: str,
    record: VerificationRecord | None,
    now: datetime,
    rules: VerificationRules,
) -> Decision[Verification, VerificationDocument]:
    """Return a document that waits for its file.

    Raises `KindNotForSubject`, `ExpiryMissing`, `ExpiryOutOfRange` or `TooManyDocuments`.
    """
    if (upload.kind in MERCHANT_KINDS) != (subject.kind is SubjectKind.MERCHANT):
        raise KindNotForSubject
    known = record or VerificationRecord(subject.id)
    if len(known.pending) >= rules.max_pending or len(known.approved) >= rules.max_approved:
        raise TooManyDocuments
    document = VerificationDocument(
        id=document_id,
        subject_id=subject.id,
        subject_kind=subject.kind,
        owner_id=owner,
        kind=upload.kind,
        content_type=upload.content_type,
        size=upload.size,
        expires_on=upload.expires_on,
        valid_until=_valid_until(upload, now, rules),
        created_at=now,
        due_at=now + rules.upload_deadline,
    )
    state = Verification(document, replace(known, pending=(*known.pending, document_id)))
    return Decision(state, (), document)


def check_declared(document: VerificationDocument, file: StoredFile) -> None:
    """Return if an uploaded file has the declared size and type. Raises `FileNotAsDeclared`."""
    if file.size != document.size or content_type_of(file.head) != document.content_type:
        raise FileNotAsDeclared


def submit(
    document: VerificationDocument, record: VerificationRecord, file: StoredFile | None, now: datetime
) -> Decision[Verification, VerificationDocument]:
    """Return the document with its file, ready for review; a submitted document stays unchanged.

    Raises `IllegalDocumentTransition`, `UploadMissing` or `FileNotAsDeclared`.
    """
    if document.state is DocumentState.SUBMITTED:
        return Decision(Verification(document, record), (), document)
    submitted = moved(document, DocumentState.SUBMITTED)
    if file is None:
        raise UploadMissing
    if not file.re_encoded and document.content_type != PDF:
        raise FileNotAsDeclared
    submitted = replace(
        submitted,
        content_type=JPEG if file.re_encoded else PDF,
        size=file.size,
        sha256=file.sha256,
        generation=file.generation,
        submitted_at=now,
        due_at=None,
    )
    return Decision(Verification(submitted, record), (), submitted)


def _valid_until(upload: UploadRequest, now: datetime, rules: VerificationRules) -> datetime | None:
    if upload.expires_on is None:
        if upload.kind not in KINDS_WITHOUT_EXPIRY:
            raise ExpiryMissing
        return None
    today = now.astimezone(rules.time_zone).date()
    if not today <= upload.expires_on <= today + rules.max_validity:
        raise ExpiryOutOfRange
    return end_of(upload.expires_on, rules.time_zone)
