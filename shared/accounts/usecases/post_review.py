"""A customer judges the driver who brought an order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.accounts.domain import Review, ReviewableOrder, review_driver, review_id
from shared.accounts.events import ReviewPosted
from shared.accounts.ports import ReviewStore
from shared.kernel.once import Once


@dataclass(frozen=True, slots=True)
class PostReview:
    """Who judges, about which order, and how."""

    author_id: str
    order_id: str
    stars: int
    comment: str = ""


async def post_review(
    command: PostReview, *, reviews: ReviewStore, now: datetime, once: Once | None = None
) -> Review:
    """Store the review and announce `ReviewPosted`; the errors are those of `domain.review_driver`."""

    def decide(
        order: ReviewableOrder | None, existing: Review | None
    ) -> tuple[Review, Sequence[ReviewPosted]]:
        return review_driver(order, existing, command.author_id, command.stars, command.comment, now)

    return await reviews.post(command.order_id, review_id(command.order_id), decide, once)
