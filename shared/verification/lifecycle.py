"""What happens to a document: it is drafted, gets its file, is judged, and ends with its last day."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from shared.kernel.actor import SYSTEM
from shared.kernel.event import event_id
from shared.verification.audit import AdminAction, AuditedAction
from shared.verification.days import INDIA, end_of, is_over
from shared.verification.domain import (
    KEPT_EMPTY,
    LONGEST,
    MAX_APPROVED,
    MAX_PENDING,
    NOTICE,
    OF_MERCHANTS,
    TRANSITIONS,
    WITHOUT_END,
    Document,
    DocumentNotFound,
    DocumentOutOfDate,
    DocumentState,
    ExpiryMissing,
    ExpiryOutOfRange,
    Filed,
    FileNotAsDeclared,
    IllegalDocumentTransition,
    KindNotForSubject,
    OwnDocument,
    Paper,
    Papers,
    Shop,
    Subject,
    SubjectKind,
    TooManyDocuments,
    UploadMissing,
    Wish,
)
from shared.verification.events import (
    DocumentApproved,
    DocumentEvent,
    DocumentExpired,
    DocumentExpiring,
    DocumentRejected,
)
from shared.verification.files import JPEG, PDF, StoredFile, type_of

_LEGAL = frozenset((move.source, move.target) for move in TRANSITIONS)
E = TypeVar("E", bound=DocumentEvent)


def drafted(
    wish: Wish, document_id: str, subject: Subject, owner: str, papers: Papers | None, now: datetime
) -> Filed:
    """Return the document that waits for its file.

    Raises `KindNotForSubject`, `ExpiryMissing`, `ExpiryOutOfRange` or `TooManyDocuments`.
    """
    if (wish.kind in OF_MERCHANTS) != (subject.kind is SubjectKind.MERCHANT):
        raise KindNotForSubject
    held = papers or Papers(subject.id)
    if len(held.pending) >= MAX_PENDING or len(held.approved) >= MAX_APPROVED:
        raise TooManyDocuments
    document = Document(
        id=document_id,
        subject_id=subject.id,
        subject_kind=subject.kind,
        owner_id=owner,
        kind=wish.kind,
        content_type=wish.content_type,
        size=wish.size,
        valid_until=_valid_until(wish, now),
        created_at=now,
        due_at=now + KEPT_EMPTY,
    )
    return Filed(document, replace(held, pending=(*held.pending, document_id)))


def submitted(document: Document, file: StoredFile | None, now: datetime) -> Document:
    """Return the document with its file, as that is shown; one that has been submitted stays as it is.

    Raises `IllegalDocumentTransition`, `UploadMissing` or `FileNotAsDeclared`.
    """
    if document.state is DocumentState.SUBMITTED:
        return document
    moved = _moved(document, DocumentState.SUBMITTED)
    if file is None:
        raise UploadMissing
    if not file.drawn and document.content_type != PDF:
        raise FileNotAsDeclared
    return replace(
        moved,
        content_type=JPEG if file.drawn else PDF,
        size=file.size,
        sha256=file.sha256,
        generation=file.generation,
        submitted_at=now,
        due_at=None,
    )


def demand_declared(document: Document, file: StoredFile) -> None:
    """Return if an uploaded file has the size and type that were declared. Raises `FileNotAsDeclared`."""
    if file.size != document.size or type_of(file.head) != document.content_type:
        raise FileNotAsDeclared


def approved(document: Document | None, shop: Shop | None, papers: Papers, action: AdminAction) -> Filed:
    """Return the document as one of its subject's papers; one that is approved stays as it is.

    Raises `DocumentNotFound`, `IllegalDocumentTransition`, `DocumentOutOfDate`, `OwnDocument`.
    """
    found = _judged_by(document, shop, action)
    if found.state is DocumentState.APPROVED:
        return Filed(found, papers)
    moved = _moved(found, DocumentState.APPROVED)
    if is_over(found.valid_until, action.at):
        raise DocumentOutOfDate
    due_at = found.valid_until - NOTICE if found.valid_until else None
    moved = replace(moved, due_at=due_at, reviewed_at=action.at, reviewer_id=action.admin_id, reason="")
    paper = Paper(found.id, found.kind, found.valid_until)
    held = _without(papers, found.id)
    return Filed(
        moved,
        replace(held, approved=(*held.approved, paper)),
        (_said(DocumentApproved, moved, action.at, action.admin_id),),
        action.entry(AuditedAction.DOCUMENT_APPROVED, found.id),
    )


def rejected(document: Document | None, shop: Shop | None, papers: Papers, action: AdminAction) -> Filed:
    """Return the document rejected, be it for the first time or after it was approved.

    Raises `DocumentNotFound`, `IllegalDocumentTransition`, `OwnDocument`.
    """
    found = _judged_by(document, shop, action)
    if found.state is DocumentState.REJECTED:
        return Filed(found, papers)
    moved = replace(
        _moved(found, DocumentState.REJECTED),
        due_at=None,
        reviewed_at=action.at,
        reviewer_id=action.admin_id,
        reason=action.reason,
    )
    return Filed(
        moved,
        _without(papers, found.id),
        (_said(DocumentRejected, moved, action.at, action.admin_id),),
        action.entry(AuditedAction.DOCUMENT_REJECTED, found.id),
    )


def swept(document: Document | None, papers: Papers, now: datetime) -> Filed:
    """Return what is due: an empty document is given up, a paper ends, or its owner is told of its end.

    What is given up stays due: it goes by `cleared`, once nothing lies there for it any more.
    """
    if document is None or document.due_at is None or now < document.due_at:
        return Filed(document, papers)
    if document.state is DocumentState.ABANDONED:
        return Filed(document, papers)
    if document.state is DocumentState.AWAITING_UPLOAD:
        return Filed(_moved(document, DocumentState.ABANDONED), _without(papers, document.id))
    if document.state_at(now) is DocumentState.EXPIRED:  # mutant: papers-never-end
        moved = replace(_moved(document, DocumentState.EXPIRED), due_at=None)
        return Filed(moved, _without(papers, document.id), (_said(DocumentExpired, moved, now, SYSTEM.uid),))
    moved = replace(document, due_at=document.valid_until)
    return Filed(moved, papers, (_said(DocumentExpiring, moved, now, SYSTEM.uid),))


def cleared(document: Document | None, papers: Papers) -> Filed:
    """Return nothing in place of a document that was given up; any other stays."""
    gone = document is None or document.state is DocumentState.ABANDONED
    return Filed(None if gone else document, papers)


def _valid_until(wish: Wish, now: datetime) -> datetime | None:
    if wish.expires_on is None:
        if wish.kind not in WITHOUT_END:
            raise ExpiryMissing
        return None
    today = now.astimezone(INDIA).date()
    if not today <= wish.expires_on <= today + LONGEST:
        raise ExpiryOutOfRange
    return end_of(wish.expires_on)


def _judged_by(document: Document | None, shop: Shop | None, action: AdminAction) -> Document:
    """Return the document if the operator has no part in it, as its subject, uploader or merchant's staff."""
    if document is None:
        raise DocumentNotFound
    staff = shop.staff if shop else ()
    if action.admin_id in (document.subject_id, document.owner_id, *staff):
        raise OwnDocument
    return document


def _moved(document: Document, target: DocumentState) -> Document:
    if (document.state, target) not in _LEGAL:  # mutant: judged-whatever
        raise IllegalDocumentTransition
    return replace(document, state=target)


def _without(papers: Papers, document_id: str) -> Papers:
    return replace(  # mutant: still-filed
        papers,
        pending=tuple(id_ for id_ in papers.pending if id_ != document_id),
        approved=tuple(paper for paper in papers.approved if paper.document_id != document_id),
    )


def _said(cls: type[E], document: Document, at: datetime, actor: str) -> E:
    """Return the event `cls` of a document; each of them happens to it once."""
    return cls(
        id=event_id(document.id, cls.name()),
        at=at,
        actor=actor,
        document_id=document.id,
        subject_id=document.subject_id,
        subject_kind=document.subject_kind.value,
        owner_id=document.owner_id,
        kind=document.kind.value,
        valid_until=document.valid_until,
    )
