"""Routes of reviews and statistics: parse, authorise, one use case, map the result."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query

from functions.reviews_api.schemas import (
    ReceivedReviewView,
    ReviewPage,
    ReviewRequest,
    ReviewView,
    StatisticsView,
)
from shared.composition.reviews import ReviewsPorts
from shared.edge.app import api_router
from shared.edge.auth import ActiveUser
from shared.edge.idempotency import IdempotencyKey
from shared.edge.provided import PORTS, Now
from shared.edge.ratelimit import COSTLY, CREATING, limited
from shared.edge.refusals import refuses
from shared.edge.schemas import Id, PageSize, PageToken, page_token, page_values
from shared.reviews import queries
from shared.reviews.domain import (
    AlreadyReviewed,
    OrderNotDelivered,
    OrderNotFound,
    SubjectNotFound,
    TagsInvalid,
)
from shared.reviews.usecases.post_review import PostReview, post_review

Ports = Annotated[ReviewsPorts, PORTS]

router = api_router("/api/v1", tags=["reviews"])


@router.post("/reviews", operation_id="postReview", status_code=201)
@limited(CREATING)
@refuses(AlreadyReviewed, OrderNotDelivered, OrderNotFound, TagsInvalid)
async def review(
    body: ReviewRequest, user: ActiveUser, key: IdempotencyKey, ports: Ports, now: Now
) -> ReviewView:
    """Review the other party of an order.

    Once for each order and side, within thirty days after the delivery.
    """
    command = PostReview(user.uid, body.order_id, body.content())
    posted = await post_review(
        command, reviews=ports.reviews, now=now, idempotency=key.for_answer(ReviewView.of)
    )
    return ReviewView.of(posted)


@router.get("/reviews", operation_id="listReviews")
@refuses(SubjectNotFound)
async def list_reviews(
    user: ActiveUser,
    ports: Ports,
    subject: Annotated[Id, Query()],
    page_size: PageSize = 20,
    page_token_: Annotated[PageToken, Query(alias="page_token")] = "",
) -> ReviewPage:
    """List reviews of a merchant or of yourself.

    `subject` is a merchant's id or your uid.
    """
    after = page_values(page_token_, (datetime, str))
    page = await queries.reviews_of(
        user.uid, subject, page_size, (after[0], after[1]) if after else None, reviews=ports.reviews
    )
    return ReviewPage(
        reviews=[ReceivedReviewView.of(review, own=page.own) for review in page.reviews],
        next_page_token=page_token(page.after) if page.after else "",
    )


@router.get("/me/statistics", operation_id="getStatistics")
@limited(COSTLY)
async def statistics(user: ActiveUser, ports: Ports) -> StatisticsView:
    """Get your order and rating statistics.

    Orders are counted up to ten thousand.
    """
    found = await queries.statistics_of(user.uid, reviews=ports.reviews, orders=ports.order_counts)
    return StatisticsView.of(found)
