"""Decide about a submitted verification document: approve it, or reject it."""

from __future__ import annotations

from dataclasses import replace

from shared.kernel.audit import demand_same_reason
from shared.kernel.decision import Decision
from shared.kernel.errors import Forbidden, WrongState
from shared.kernel.four_eyes import demand_uninvolved
from shared.verification.audit import AdminAction, AuditedAction
from shared.verification.days import has_expired
from shared.verification.domain import (
    ApprovedDocument,
    DocumentNotFound,
    DocumentState,
    Verification,
    VerificationDocument,
    VerificationRecord,
    VerificationRules,
)
from shared.verification.events import DocumentApproved, DocumentRejected
from shared.verification.transitions import event_of, moved, without


class DocumentOutOfDate(WrongState):
    """The document has expired before its approval."""

    code = "DOCUMENT_OUT_OF_DATE"
    detail = "The document's last day is over. Reject it."


class OwnDocument(Forbidden):
    """The admin is the subject, the owner, or on the staff of the merchant."""

    code = "OWN_DOCUMENT"
    detail = "You cannot review your own document. Another admin has to."


def approve(
    document: VerificationDocument | None,
    is_staff: bool,
    record: VerificationRecord,
    action: AdminAction,
    rules: VerificationRules,
) -> Decision[Verification, VerificationDocument]:
    """Return the document approved and in its subject's record; an approved one stays unchanged.

    `is_staff` says whether the admin works for the merchant that is the subject.

    Raises `DocumentNotFound`, `IllegalDocumentTransition`, `DocumentOutOfDate`, `OwnDocument`.
    """
    found = _reviewable(document, is_staff, action)
    if found.state is DocumentState.APPROVED:
        return Decision(Verification(found, record), (), found)
    approved = moved(found, DocumentState.APPROVED)
    if has_expired(found.valid_until, action.at):
        raise DocumentOutOfDate
    approved = replace(
        approved,
        due_at=found.valid_until - rules.expiry_notice if found.valid_until else None,
        reviewed_at=action.at,
        reviewer_id=action.admin_id,
        reason="",
    )
    rest = without(record, found.id)
    counted = ApprovedDocument(found.id, found.kind, found.valid_until)
    state = Verification(
        approved,
        replace(rest, approved=(*rest.approved, counted)),
        action.entry(AuditedAction.DOCUMENT_APPROVED, found.id),
    )
    return Decision(state, (event_of(DocumentApproved, approved, action.at, action.admin_id),), approved)


def reject(
    document: VerificationDocument | None,
    is_staff: bool,
    record: VerificationRecord,
    action: AdminAction,
) -> Decision[Verification, VerificationDocument]:
    """Return the document rejected, also after an approval; a rejected one stays unchanged.

    Raises `DocumentNotFound`, `IllegalDocumentTransition`, `AlreadyDecided`, `OwnDocument`.
    """
    found = _reviewable(document, is_staff, action)
    if found.state is DocumentState.REJECTED:
        demand_same_reason(action.reason, found.reason)
        return Decision(Verification(found, record), (), found)
    rejected = replace(
        moved(found, DocumentState.REJECTED),
        due_at=None,
        reviewed_at=action.at,
        reviewer_id=action.admin_id,
        reason=action.reason,
    )
    state = Verification(
        rejected, without(record, found.id), action.entry(AuditedAction.DOCUMENT_REJECTED, found.id)
    )
    return Decision(state, (event_of(DocumentRejected, rejected, action.at, action.admin_id),), rejected)


def _reviewable(
    document: VerificationDocument | None, is_staff: bool, action: AdminAction
) -> VerificationDocument:
    """Return the document if the admin has no part in it. Raises `DocumentNotFound`, `OwnDocument`."""
    if document is None:
        raise DocumentNotFound
    demand_uninvolved(
        action.admin_id,
        document.subject_id,
        document.owner_id,
        is_staff=lambda _: is_staff,
        refusal=OwnDocument,
    )
    return document
