"""Post the review of a delivered order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.reviews.domain import Person, Review, ReviewInput, review_order
from shared.reviews.ports import ReviewStore
from shared.reviews.ratings import CountedReview, count_review
from shared.reviews.reviewable import ReviewableOrder


@dataclass(frozen=True, slots=True)
class PostReview:
    """An author reviews one side of an order."""

    author_id: str
    order_id: str
    content: ReviewInput


async def post_review(
    command: PostReview, *, reviews: ReviewStore, now: datetime, idempotency: IdempotentRequest | None = None
) -> Review:
    """Store the review, count it, and publish `ReviewPosted`. Raises what `review_order` raises."""

    def decide(
        order: ReviewableOrder | None,
        existing: Review | None,
        author: Person | None,
        subject: Person | None,
        is_staff: bool,
    ) -> Decision[CountedReview, Review]:
        review = review_order(order, existing, command.author_id, command.content, now, is_staff=is_staff)
        return count_review(review, command.author_id, author, subject)

    return await reviews.post(command.order_id, command.author_id, command.content.side, decide, idempotency)
