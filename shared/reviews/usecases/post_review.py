"""One side of a delivered order says how the other was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.kernel.idempotency import IdempotentRequest
from shared.reviews.domain import Opinion, Person, Review, ReviewableOrder, review_order
from shared.reviews.ports import ReviewStore
from shared.reviews.ratings import Posted, counted


@dataclass(frozen=True, slots=True)
class PostReview:
    """Who judges, about which order, and how."""

    author_id: str
    order_id: str
    opinion: Opinion


async def post_review(
    command: PostReview, *, reviews: ReviewStore, now: datetime, idempotency: IdempotentRequest | None = None
) -> Review:
    """Store the review, count it and announce `ReviewPosted`; the errors are those of `review_order`."""

    def decide(
        order: ReviewableOrder | None,
        existing: Review | None,
        author: Person | None,
        subject: Person | None,
    ) -> Posted:
        review = review_order(order, existing, command.author_id, command.opinion, now)
        return counted(review, author, subject)

    return await reviews.post(command.order_id, command.author_id, command.opinion.side, decide, idempotency)
