"""The model of verification documents: identity proofs and licences with an expiry day.

A verification document belongs to a subject: a person, or a merchant for which its staff acts. All that
counts for a subject is in its `VerificationRecord`, so that one read answers whether the subject may
deliver or sell. The expiry day decides whether a document is valid; the sweep stores the new state later
and tells the owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from shared.kernel.errors import NotFound
from shared.kernel.machine import Transition
from shared.verification.audit import AuditEntry
from shared.verification.days import INDIA, has_expired

NO_EXPIRY = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class VerificationRules:
    """Limits and periods of verification documents; `time_zone` is where their expiry days count."""

    time_zone: tzinfo = INDIA
    max_pending: int = 5
    """How many documents of one subject can wait for a file or for a review."""
    max_approved: int = 20
    upload_deadline: timedelta = timedelta(hours=1)
    """How long a document waits for its file. A document whose file was refused also counts as pending
    until then: after five refused files its owner waits up to two hours (deadline and sweep)."""
    expiry_notice: timedelta = timedelta(days=14)
    """How long before the expiry the owner gets a notification."""
    max_validity: timedelta = timedelta(days=50 * 366)


class DocumentKind(StrEnum):
    """What a verification document proves."""

    DRIVING_LICENCE = "driving_licence"
    IDENTITY = "identity"
    VEHICLE_REGISTRATION = "vehicle_registration"
    INSURANCE = "insurance"
    FOOD_LICENCE = "food_licence"
    DRUG_LICENCE = "drug_licence"


MERCHANT_KINDS = frozenset({DocumentKind.FOOD_LICENCE, DocumentKind.DRUG_LICENCE})
KINDS_WITHOUT_EXPIRY = frozenset({DocumentKind.IDENTITY})
"""Kinds that need no expiry day."""


class DocumentState(StrEnum):
    """The review state of a verification document."""

    AWAITING_UPLOAD = "awaiting_upload"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    ABANDONED = "abandoned"
    """The owner never submitted a file; the document stays until its object is deleted."""


class SubjectKind(StrEnum):
    """The kind of subject that a verification document is about."""

    PERSON = "person"
    MERCHANT = "merchant"


_S = DocumentState

TRANSITIONS: tuple[Transition, ...] = (
    Transition(_S.AWAITING_UPLOAD, _S.SUBMITTED, "file uploaded and accepted", "owner"),
    Transition(_S.AWAITING_UPLOAD, _S.ABANDONED, "upload deadline passed", "system"),
    Transition(_S.SUBMITTED, _S.APPROVED, "approved", "admin"),
    Transition(_S.SUBMITTED, _S.REJECTED, "rejected", "admin"),
    Transition(_S.APPROVED, _S.REJECTED, "approval revoked", "admin"),
    Transition(_S.APPROVED, _S.EXPIRED, "expiry day over", "system"),
)
"""The table that decides which change of state is legal, and that docs/machines.md shows."""


class DocumentNotFound(NotFound):
    """The verification document does not exist, or the caller does not act for its subject."""

    code = "DOCUMENT_NOT_FOUND"
    detail = "There is no such document, or it is not yours."


class MerchantNotFound(NotFound):
    """The merchant does not exist, or the caller is not on its staff."""

    code = "MERCHANT_NOT_FOUND"
    detail = "There is no such merchant, or it is not yours."


@dataclass(frozen=True, slots=True)
class Subject:
    """The person or merchant that a verification document is about."""

    id: str
    kind: SubjectKind = SubjectKind.PERSON


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """The file that the owner declares: its kind, expiry day, content type, and size in bytes."""

    kind: DocumentKind
    expires_on: date | None
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class VerificationDocument:
    """One verification document.

    It is valid before `valid_until`, the end of the day `expires_on`; None means no expiry. `due_at` is
    when the sweep has to look at it next.
    """

    id: str
    subject_id: str
    subject_kind: SubjectKind
    owner_id: str
    """The person who uploaded it."""
    kind: DocumentKind
    content_type: str
    size: int
    expires_on: date | None
    valid_until: datetime | None
    created_at: datetime
    state: DocumentState = DocumentState.AWAITING_UPLOAD
    due_at: datetime | None = None
    submitted_at: datetime | None = None
    sha256: str = ""
    generation: str = ""
    reviewed_at: datetime | None = None
    reviewer_id: str = ""
    reason: str = ""
    schema: int = 1

    @property
    def subject(self) -> Subject:
        """The subject of the document."""
        return Subject(self.subject_id, self.subject_kind)

    @property
    def object_name(self) -> str:
        """The name of its file in the object store."""
        return object_name(self.subject_id, self.id)

    def state_at(self, now: datetime) -> DocumentState:
        """Return the state at a time: an approved document expires before the sweep stores it."""
        expired = self.state is DocumentState.APPROVED and has_expired(self.valid_until, now)
        return DocumentState.EXPIRED if expired else self.state


@dataclass(frozen=True, slots=True)
class ApprovedDocument:
    """The part of an approved verification document that decides what its subject may do."""

    document_id: str
    kind: DocumentKind
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class VerificationRecord:
    """The pending and approved verification documents of one subject."""

    subject_id: str
    pending: tuple[str, ...] = ()
    approved: tuple[ApprovedDocument, ...] = ()

    def valid_until(self, required: Iterable[frozenset[DocumentKind]], at: datetime) -> datetime:
        """Return until when the subject has an approved document of each requirement.

        A requirement is met by a document of any of its kinds. A time that is not after `at` means that
        the subject does not meet the requirements.
        """
        return min((self._last_expiry(kinds, at) for kinds in required), default=NO_EXPIRY)

    def holds(self, kind: DocumentKind, at: datetime) -> tuple[bool, datetime | None]:
        """Return whether the subject has a valid document of a kind, and its end; None without an end."""
        end = self._last_expiry(frozenset({kind}), at)
        return (True, None if end == NO_EXPIRY else end) if end > at else (False, None)

    def _last_expiry(self, kinds: frozenset[DocumentKind], at: datetime) -> datetime:
        ends = (document.valid_until or NO_EXPIRY for document in self.approved if document.kind in kinds)
        return max(ends, default=at)


@dataclass(frozen=True, slots=True)
class Verification:
    """What one decision changes: a document (None once deleted), its subject's record, the audit log."""

    document: VerificationDocument | None
    record: VerificationRecord
    audit: AuditEntry | None = None


def object_name(subject_id: str, document_id: str) -> str:
    """Return the name of a document's file in the object store."""
    return f"documents/{subject_id}/{document_id}"


def check_acts_for(subject: Subject, uid: str, is_staff: bool) -> None:
    """Return if the person is the subject, or belongs to the staff of the merchant that is the subject.

    `is_staff` is the person's membership at this moment.

    Raises `DocumentNotFound`: other people must not learn that the document exists.
    """
    allowed = subject.id == uid if subject.kind is SubjectKind.PERSON else is_staff
    if not allowed:
        raise DocumentNotFound
