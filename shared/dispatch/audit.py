"""The audit entries of what admins do with drivers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditedAction(StrEnum):
    """What an admin did with a driver."""

    DRIVER_APPROVED = "driver_approved"
    DRIVER_SUSPENDED = "driver_suspended"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the audit log: who did what to which driver, when and why."""

    id: str
    at: datetime
    actor_id: str
    action: AuditedAction
    subject_id: str
    reason: str
