"""The audit entries of an admin's actions on verification documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditedAction(StrEnum):
    """What an admin did with a verification document."""

    DOCUMENT_APPROVED = "document_approved"
    DOCUMENT_REJECTED = "document_rejected"
    DOCUMENT_READ = "document_read"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the audit log: who did what to which document, when and why."""

    id: str
    at: datetime
    actor_id: str
    action: AuditedAction
    subject_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class AdminAction:
    """An admin's request before its effect is known: the id of its audit entry, the admin, reason, time."""

    id: str
    admin_id: str
    reason: str
    at: datetime

    def entry(self, action: AuditedAction, subject: str) -> AuditEntry:
        """Return the audit entry of the action."""
        return AuditEntry(self.id, self.at, self.admin_id, action, subject, self.reason)
