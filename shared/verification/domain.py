"""The rules about papers: licences and proofs of identity, uploaded, judged, and good until a day.

A document belongs to a subject: a person, or a merchant whose staff acts for it. What is approved of a
subject stands together in its `Papers`, so that one read says whether somebody may drive or sell. That
a paper is over is decided by its date; the sweeper only writes it down and tells its owner.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from shared.kernel.errors import Forbidden, Invalid, NotFound, WrongState
from shared.kernel.machine import Transition
from shared.verification.audit import AuditEntry
from shared.verification.days import is_over, last_day
from shared.verification.events import DocumentEvent

MAX_PENDING = 5
"""Documents of one subject that nobody has judged yet."""

MAX_APPROVED = 20
KEPT_EMPTY = timedelta(hours=1)
"""How long a document waits for its file. One whose file was refused waits too, in the place of another: who
was refused five times begins again within the hour or two."""

NOTICE = timedelta(days=14)
"""How long before the end its owner is told."""

LONGEST = timedelta(days=50 * 366)
FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)


class DocumentKind(StrEnum):
    """What a document proves."""

    DRIVING_LICENCE = "driving_licence"
    IDENTITY = "identity"
    VEHICLE_REGISTRATION = "vehicle_registration"
    FOOD_LICENCE = "food_licence"
    DRUG_LICENCE = "drug_licence"


OF_MERCHANTS = frozenset({DocumentKind.FOOD_LICENCE, DocumentKind.DRUG_LICENCE})
WITHOUT_END = frozenset({DocumentKind.IDENTITY})
"""Kinds that need not expire."""


class DocumentState(StrEnum):
    """Where a document stands."""

    AWAITING_UPLOAD = "awaiting_upload"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    ABANDONED = "abandoned"
    """Its file never came, or was never handed in; it is kept until what lies there is discarded."""


class SubjectKind(StrEnum):
    """Whose paper it is."""

    PERSON = "person"
    MERCHANT = "merchant"


_S = DocumentState

TRANSITIONS: tuple[Transition, ...] = (
    Transition(_S.AWAITING_UPLOAD, _S.SUBMITTED, "file uploaded", "owner"),
    Transition(_S.AWAITING_UPLOAD, _S.ABANDONED, "a day without its file", "system"),
    Transition(_S.SUBMITTED, _S.APPROVED, "found good", "admin"),
    Transition(_S.SUBMITTED, _S.REJECTED, "found wanting", "admin"),
    Transition(_S.APPROVED, _S.REJECTED, "approval taken back", "admin"),
    Transition(_S.APPROVED, _S.EXPIRED, "last day over", "system"),
)


class DocumentNotFound(NotFound):
    """There is no such document, or it is not yours."""

    code = "DOCUMENT_NOT_FOUND"
    detail = "There is no such document, or it is not yours."


class MerchantNotFound(NotFound):
    """There is no such merchant, or it is not yours."""

    code = "MERCHANT_NOT_FOUND"
    detail = "There is no such merchant, or it is not yours."


class KindNotForSubject(Invalid):
    """A merchant has licences of merchants, and a person has the other documents."""

    code = "KIND_NOT_FOR_SUBJECT"
    detail = "A merchant has licences of merchants, and a person has the other documents."


class ExpiryMissing(Invalid):
    """This kind of document has a last day: send it as `expires_on`."""

    code = "EXPIRY_MISSING"
    detail = "This kind of document has a last day: send it as `expires_on`."


class ExpiryOutOfRange(Invalid):
    """The document's last day is over, or further away than any can be."""

    code = "EXPIRY_OUT_OF_RANGE"
    detail = "The document's last day is over, or further away than any can be."


class TooManyDocuments(WrongState):
    """Five documents wait for their files or for a decision already."""

    code = "TOO_MANY_DOCUMENTS"
    detail = "Five documents wait for their files or for a decision already."


class UploadMissing(WrongState):
    """The file has not been uploaded yet."""

    code = "UPLOAD_MISSING"
    detail = "The file has not been uploaded yet."


class FileNotAsDeclared(Invalid):
    """The uploaded file has another size or type than was declared; begin a new document."""

    code = "FILE_NOT_AS_DECLARED"
    detail = "The uploaded file has another size or type than was declared; begin a new document."


class IllegalDocumentTransition(WrongState):
    """The document is not in a state from which this can be done."""

    code = "ILLEGAL_DOCUMENT_TRANSITION"
    detail = "The document is not in a state from which this can be done."


class DocumentOutOfDate(WrongState):
    """The document's last day is over: it can only be rejected."""

    code = "DOCUMENT_OUT_OF_DATE"
    detail = "The document's last day is over: it can only be rejected."


class OwnDocument(Forbidden):
    """Another admin has to decide about your own document."""

    code = "OWN_DOCUMENT"
    detail = "Another admin has to decide about your own document."


@dataclass(frozen=True, slots=True)
class Shop:
    """What papers need to know of a merchant, which belongs to another context and is only read."""

    id: str
    staff: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose papers."""

    id: str
    kind: SubjectKind = SubjectKind.PERSON


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody is going to upload; `expires_on` is its last day in India, `size` is in bytes."""

    kind: DocumentKind
    expires_on: date | None
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Document:
    """One paper. It is good before `valid_until` (None: for ever); `due_at` is when the sweeper looks."""

    id: str
    subject_id: str
    subject_kind: SubjectKind
    owner_id: str
    kind: DocumentKind
    content_type: str
    size: int
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
        """Whose paper it is."""
        return Subject(self.subject_id, self.subject_kind)

    @property
    def file(self) -> str:
        """The name of its file in the store."""
        return file_name(self.subject_id, self.id)

    @property
    def expires_on(self) -> date | None:
        """Its last day."""
        return last_day(self.valid_until) if self.valid_until else None

    def state_at(self, now: datetime) -> DocumentState:
        """Return how it stands at a moment: an approved one is over when its last day is."""
        over = self.state is DocumentState.APPROVED and is_over(self.valid_until, now)
        return DocumentState.EXPIRED if over else self.state


@dataclass(frozen=True, slots=True)
class Paper:
    """An approved document, as far as it matters to whoever may do something by it."""

    document_id: str
    kind: DocumentKind
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Papers:
    """What a subject has: the documents that wait, and those that are approved."""

    subject_id: str
    pending: tuple[str, ...] = ()
    approved: tuple[Paper, ...] = ()

    def holds(self, kind: DocumentKind, at: datetime) -> bool:
        """Say whether the subject has an approved document of a kind that is good at a moment."""
        return any(paper.kind is kind and not is_over(paper.valid_until, at) for paper in self.approved)

    def good_until(self, needed: Iterable[frozenset[DocumentKind]], at: datetime) -> datetime:
        """Return the first moment at which one of each of `needed` is no longer there.

        A moment that is not after `at` means that it is so already.
        """
        return min((self._last_of(kinds, at) for kinds in needed), default=FOR_EVER)

    def _last_of(self, kinds: frozenset[DocumentKind], at: datetime) -> datetime:
        ends = (paper.valid_until or FOR_EVER for paper in self.approved if paper.kind in kinds)
        return max(ends, default=at)


@dataclass(frozen=True, slots=True)
class Filed:
    """A document and its subject's papers after a change; no document where it was dropped."""

    document: Document | None
    papers: Papers
    events: tuple[DocumentEvent, ...] = ()
    entry: AuditEntry | None = None


def file_name(subject_id: str, document_id: str) -> str:
    """Return the name of a document's file in the store."""
    return f"documents/{subject_id}/{document_id}"


def demand_party(subject: Subject, uid: str, shop: Shop | None) -> None:
    """Return if the person acts for the subject: it is they, or they are of the merchant's staff.

    Raises `DocumentNotFound`: to everyone else the paper does not exist.
    """
    ours = subject.id == uid if subject.kind is SubjectKind.PERSON else bool(shop and uid in shop.staff)
    if not ours:
        raise DocumentNotFound
