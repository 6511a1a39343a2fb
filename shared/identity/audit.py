"""The audit log of what operators do to accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.kernel.actor import Operator


class AuditAction(StrEnum):
    """The effect that an audit entry records."""

    ROLES_CHANGED = "roles_changed"
    SESSIONS_REVOKED = "sessions_revoked"
    ACCOUNT_DISABLED = "account_disabled"
    ACCOUNT_ENABLED = "account_enabled"
    SECOND_FACTOR_RESET = "second_factor_reset"
    ENROLMENT_CODE_ISSUED = "enrolment_code_issued"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One admin action: actor, effect, subject and reason; `before` and `after` name what it changed."""

    id: str
    at: datetime
    actor_id: str
    action: AuditAction
    subject_id: str
    reason: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AdminAction:
    """An operator's request about the account `uid`, with the id of the audit entry that it may create."""

    id: str
    operator: Operator
    uid: str
    reason: str
    at: datetime

    def entry(self, action: AuditAction, before: Iterable[str] = (), after: Iterable[str] = ()) -> AuditEntry:
        """Return the audit entry of the action."""
        return AuditEntry(
            self.id,
            self.at,
            self.operator.uid,
            action,
            self.uid,
            self.reason,
            tuple(sorted(before)),
            tuple(sorted(after)),
        )
