"""The events of the reviews context."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPosted(Event):
    """Somebody judged somebody about a delivered order; the words of the review stay in its document."""

    TYPE: ClassVar[str] = "waybill.reviews.review_posted.v1"

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
