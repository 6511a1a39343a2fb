"""The events of the reviews context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPosted(Event):
    """One side of a delivered order reviewed the other; the event does not contain the comment."""

    TYPE: ClassVar[str] = "waybill.reviews.review_posted.v1"

    review_id: str
    order_id: str
    author_id: str
    subject_id: str
    side: str
    stars: int
    subject_kind: str = "driver"
    """The role of the subject: driver, merchant or customer."""

    @property
    def subject(self) -> str:
        """The person or merchant that was reviewed."""
        return self.subject_id
