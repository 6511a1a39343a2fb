"""The events of the verification context."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEvent(Event):
    """An event about the verification document of a person or a merchant."""

    document_id: str
    subject_id: str
    subject_kind: str
    owner_id: str
    """The person who uploaded it."""
    kind: str
    valid_until: datetime | None = None

    @property
    def subject(self) -> str:
        """The person or merchant that the document is about."""
        return self.subject_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentApproved(DocumentEvent):
    """An admin approved the document; it is valid before `valid_until`."""

    TYPE: ClassVar[str] = "waybill.verification.document_approved.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRejected(DocumentEvent):
    """An admin rejected the document, or revoked its approval."""

    TYPE: ClassVar[str] = "waybill.verification.document_rejected.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExpiring(DocumentEvent):
    """The document expires soon."""

    TYPE: ClassVar[str] = "waybill.verification.document_expiring.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExpired(DocumentEvent):
    """The last day of the document is over."""

    TYPE: ClassVar[str] = "waybill.verification.document_expired.v1"
