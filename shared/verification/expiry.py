"""Decide what the sweep does with a due verification document: expire, remind, abandon, delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from shared.kernel.actor import SYSTEM
from shared.kernel.decision import Decision
from shared.verification.domain import DocumentState, Verification, VerificationDocument, VerificationRecord
from shared.verification.events import DocumentExpired, DocumentExpiring
from shared.verification.transitions import event_of, moved, without


class SweepStep(StrEnum):
    """What the sweep did with one document."""

    NOTHING = "nothing"
    EXPIRED = "expired"
    REMINDED = "reminded"
    ABANDONED = "abandoned"
    """Its file has to be deleted next, then the document itself."""


def sweep(
    document: VerificationDocument | None, record: VerificationRecord, now: datetime
) -> Decision[Verification, SweepStep]:
    """Return a due document expired or abandoned, or with its next due time after a reminder.

    An abandoned document stays due until `delete_abandoned` removes it.
    """
    if document is None or document.due_at is None or now < document.due_at:
        return Decision(Verification(document, record), (), SweepStep.NOTHING)
    if document.state is DocumentState.ABANDONED:
        return Decision(Verification(document, record), (), SweepStep.ABANDONED)
    if document.state is DocumentState.AWAITING_UPLOAD:
        abandoned = moved(document, DocumentState.ABANDONED)
        return Decision(Verification(abandoned, without(record, document.id)), (), SweepStep.ABANDONED)
    if document.state_at(now) is DocumentState.EXPIRED:  # mutant: never-expires
        expired = replace(moved(document, DocumentState.EXPIRED), due_at=None)
        rest = without(record, document.id)
        expiry = event_of(DocumentExpired, expired, now, SYSTEM.uid)
        return Decision(Verification(expired, rest), (expiry,), SweepStep.EXPIRED)
    reminded = replace(document, due_at=document.valid_until)
    reminder = event_of(DocumentExpiring, reminded, now, SYSTEM.uid)
    return Decision(Verification(reminded, record), (reminder,), SweepStep.REMINDED)


def delete_abandoned(
    document: VerificationDocument | None, record: VerificationRecord
) -> Decision[Verification, None]:
    """Return no document in place of an abandoned one; any other document stays."""
    gone = document is None or document.state is DocumentState.ABANDONED
    return Decision(Verification(None if gone else document, record), (), None)
