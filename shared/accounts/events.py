"""What the accounts context tells the others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPosted(Event):
    """Somebody judged somebody about a delivered order; the words of the review stay in its document."""

    TYPE: ClassVar[str] = "waybill.accounts.review_posted.v1"

    review_id: str
    order_id: str
    author_id: str
    subject_id: str
    side: str
    stars: int
    subject_kind: str = "driver"
    """What the subject is in this: driver, merchant or customer."""

    @property
    def subject(self) -> str:
        """The person or merchant that was judged."""
        return self.subject_id


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorReset(Event):
    """An admin took somebody's second factor away; their sessions have ended. Why stands in the audit."""

    TYPE: ClassVar[str] = "waybill.accounts.second_factor_reset.v1"

    user_id: str

    @property
    def subject(self) -> str:
        """Whose second factor it was."""
        return self.user_id


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

    TYPE: ClassVar[str] = "waybill.accounts.document_approved.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRejected(DocumentEvent):
    """The document proves nothing, whether it was approved before or not."""

    TYPE: ClassVar[str] = "waybill.accounts.document_rejected.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExpiring(DocumentEvent):
    """The document's end is near."""

    TYPE: ClassVar[str] = "waybill.accounts.document_expiring.v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExpired(DocumentEvent):
    """The document's last day is over."""

    TYPE: ClassVar[str] = "waybill.accounts.document_expired.v1"
