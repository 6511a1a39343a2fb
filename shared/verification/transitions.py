"""Steps that all decisions about a verification document share: state changes, the record, events."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from shared.kernel.errors import WrongState
from shared.kernel.event import event_id
from shared.verification.domain import TRANSITIONS, DocumentState, VerificationDocument, VerificationRecord
from shared.verification.events import DocumentEvent

_LEGAL = frozenset((move.source, move.target) for move in TRANSITIONS)
E = TypeVar("E", bound=DocumentEvent)


class IllegalDocumentTransition(WrongState):
    """The state of the document does not allow this."""

    code = "ILLEGAL_DOCUMENT_TRANSITION"
    detail = "The document's state does not allow this. Read the document to see its state."


def moved(document: VerificationDocument, target: DocumentState) -> VerificationDocument:
    """Return the document in another state. Raises `IllegalDocumentTransition`."""
    if (document.state, target) not in _LEGAL:  # mutant: reviewed-in-any-state
        raise IllegalDocumentTransition
    return replace(document, state=target)


def without(record: VerificationRecord, document_id: str) -> VerificationRecord:
    """Return the record without a document, whether that was pending or approved."""
    return replace(  # mutant: revoked-stays
        record,
        pending=tuple(id_ for id_ in record.pending if id_ != document_id),
        approved=tuple(found for found in record.approved if found.document_id != document_id),
    )


def event_of(cls: type[E], document: VerificationDocument, at: datetime, actor: str) -> E:
    """Return the event `cls` of a document; each class of event happens to it at most once."""
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
