"""Requests and responses about reviews and statistics."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.edge.schemas import Id, RequestModel, ResponseModel
from shared.edge.text import Note
from shared.kernel.ratings import MAX_STARS, by_stars, mean
from shared.reviews.domain import MAX_TAGS, Review, ReviewInput, ReviewSubject, Side, Tag
from shared.reviews.queries import Statistics


class ReviewRequest(RequestModel):
    """A review of an order; `side` names its author and subject."""

    order_id: Id
    stars: Annotated[int, Field(ge=1, le=MAX_STARS)]
    comment: Note = ""
    side: Annotated[Side, Field(strict=False)] = Side.CUSTOMER_OF_DRIVER
    tags: Annotated[list[Annotated[Tag, Field(strict=False)]], Field(max_length=MAX_TAGS)] = Field(
        default_factory=list
    )

    def content(self) -> ReviewInput:
        """Return the content of the review."""
        return ReviewInput(self.side, self.stars, self.comment, tuple(self.tags))


class ReviewView(ResponseModel):
    """Your review."""

    id: str
    order_id: str
    subject_id: str
    subject_kind: ReviewSubject
    side: Side
    stars: int
    comment: str
    tags: list[Tag]
    at: datetime

    @classmethod
    def of(cls, review: Review) -> ReviewView:
        """Return the view of a review."""
        return cls.model_validate(review)


class ReceivedReviewView(ResponseModel):
    """A review without its author; only the subject sees the order."""

    side: Side
    stars: int
    comment: str
    tags: list[Tag]
    at: datetime
    order_id: str | None

    @classmethod
    def of(cls, review: Review, *, own: bool) -> ReceivedReviewView:
        """Return the view of a review, with the order if it is about the reader."""
        return cls(
            side=review.side,
            stars=review.stars,
            comment=review.comment,
            tags=list(review.tags),
            at=review.at,
            order_id=review.order_id if own else None,
        )


class ReviewPage(ResponseModel):
    """A page of reviews, newest first; an empty `next_page_token` ends the list."""

    reviews: list[ReceivedReviewView]
    next_page_token: str


class OrderCountsView(ResponseModel):
    """The numbers of your orders: placed, received and cancelled as a customer, carried as a driver."""

    placed: int
    received: int
    cancelled: int
    carried: int


class RatingsView(ResponseModel):
    """The number of ratings, their mean, and the number of ratings with one star, two stars, and so on."""

    count: int
    mean: float | None
    stars: list[int]

    @classmethod
    def of(cls, ratings: tuple[int, ...]) -> RatingsView:
        """Return the view of ratings by number of stars."""
        return cls(count=sum(ratings), mean=mean(ratings), stars=list(by_stars(ratings)))


class StatisticsView(ResponseModel):
    """Your order counts and ratings."""

    orders: OrderCountsView
    ratings_given: RatingsView
    ratings_as_customer: RatingsView
    ratings_as_driver: RatingsView

    @classmethod
    def of(cls, found: Statistics) -> StatisticsView:
        """Return the view of a person's statistics."""
        return cls(
            orders=OrderCountsView(
                placed=found.orders_placed,
                received=found.orders_received,
                cancelled=found.orders_cancelled,
                carried=found.orders_carried,
            ),
            ratings_given=RatingsView.of(found.person.ratings_given),
            ratings_as_customer=RatingsView.of(found.person.ratings_as_customer),
            ratings_as_driver=RatingsView.of(found.person.ratings_as_driver),
        )
