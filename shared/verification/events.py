"""The events of the verification context."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEvent(Event):
    """Something happened to the paper of a person or a merchant; its words stay in its document."""

    document_id: str
    subject_id: str
    subject_kind: str
    owner_id: str
    """Who uploaded it."""
    kind: str
    valid_until: datetime | None = None

    @property
    def subject(self) -> str:
        """Whose paper it is."""
        return self.subject_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentApproved(DocumentEvent):
    """The document is good before `valid_until`."""

    TYPE: ClassVar[str] = "waybill.verification.document_approved.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRejected(DocumentEvent):
    """The document proves nothing, whether it was approved before or not."""

    TYPE: ClassVar[str] = "waybill.verification.document_rejected.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExpiring(DocumentEvent):
    """The document's end is near."""

    TYPE: ClassVar[str] = "waybill.verification.document_expiring.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExpired(DocumentEvent):
    """The document's last day is over."""

    TYPE: ClassVar[str] = "waybill.verification.document_expired.v1"
