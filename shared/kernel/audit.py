"""The audit log as contexts write it: what an operator did or looked at, in the commit that does it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.actor import Operator
from shared.kernel.errors import WrongState


class AlreadyDecided(WrongState):
    """The state is the one that the operator asks for, and was not decided for their reason."""

    code = "ALREADY_DECIDED"
    detail = "It is so already, for another reason than yours. Nothing was changed, and yours was not stored."


def demand_same_reason(reason: str, decided: str) -> None:
    """Return if a decision that changes nothing repeats the one that was stored, so that no reason is lost.

    Raises `AlreadyDecided`.
    """
    if reason != decided:  # mutant: reason-dropped
        raise AlreadyDecided


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the audit log: who did what to which subject, when and why."""

    id: str
    at: datetime
    actor_id: str
    action: str
    subject_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class OperatorAction:
    """An operator's request, with the id of the audit entry that it makes."""

    id: str
    operator: Operator
    at: datetime
    reason: str = ""

    def entry(self, action: str, subject_id: str) -> AuditEntry:
        """Return the audit entry of the action."""
        return AuditEntry(self.id, self.at, self.operator.uid, action, subject_id, self.reason)
