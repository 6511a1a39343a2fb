"""Requests and responses about reviews, and about people in numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import Field

from shared.edge.schemas import Id, RequestModel, ResponseModel, Text
from shared.kernel.ratings import MAX_STARS, by_stars, mean
from shared.reviews.domain import MAX_TAGS, Judged, Opinion, Review, Side, Tag
from shared.reviews.queries import Statistics


class ReviewRequest(RequestModel):
    """What you think of the other side of an order; `side` says who of you judges whom."""

    order_id: Id
    stars: Annotated[int, Field(ge=1, le=MAX_STARS)]
    comment: Text = ""
    side: Annotated[Side, Field(strict=False)] = Side.CUSTOMER_OF_DRIVER
    tags: Annotated[list[Annotated[Tag, Field(strict=False)]], Field(max_length=MAX_TAGS)] = Field(
        default_factory=list
    )

    def opinion(self) -> Opinion:
        """Return what is thought."""
        return Opinion(self.side, self.stars, self.comment, tuple(self.tags))


class ReviewView(ResponseModel):
    """Your review."""

    id: str
    order_id: str
    subject_id: str
    subject_kind: Judged
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
    """A review, without who wrote it; the order is named to those alone whom it is about."""

    side: Side
    stars: int
    comment: str
    tags: list[Tag]
    at: datetime
    order_id: str | None

    @classmethod
    def of(cls, review: Review, *, own: bool) -> ReceivedReviewView:
        """Return the view for whom it is about, or for everybody."""
        return cls(
            side=review.side,
            stars=review.stars,
            comment=review.comment,
            tags=list(review.tags),
            at=review.at,
            order_id=review.order_id if own else None,
        )


class ReviewPage(ResponseModel):
    """Some reviews, newest first; an empty `next_page_token` ends the list."""

    reviews: list[ReceivedReviewView]
    next_page_token: str


class OrdersInNumbers(ResponseModel):
    """Your orders: those that you placed, that reached you and that were cancelled, and those you brought."""

    placed: int
    received: int
    cancelled: int
    carried: int


class Ratings(ResponseModel):
    """Ratings: how many, their mean, and how often one star, two stars and so on."""

    count: int
    mean: float | None
    stars: list[int]

    @classmethod
    def of(cls, ratings: tuple[int, ...]) -> Ratings:
        """Return the view of ratings that are counted by their stars."""
        return cls(count=sum(ratings), mean=mean(ratings), stars=list(by_stars(ratings)))


class StatisticsView(ResponseModel):
    """You, in numbers."""

    orders: OrdersInNumbers
    ratings_given: Ratings
    ratings_as_customer: Ratings
    ratings_as_driver: Ratings

    @classmethod
    def of(cls, found: Statistics) -> StatisticsView:
        """Return the view of a person's statistics."""
        return cls(
            orders=OrdersInNumbers(
                placed=found.orders_placed,
                received=found.orders_received,
                cancelled=found.orders_cancelled,
                carried=found.orders_carried,
            ),
            ratings_given=Ratings.of(found.person.ratings_given),
            ratings_as_customer=Ratings.of(found.person.ratings_as_customer),
            ratings_as_driver=Ratings.of(found.person.ratings_as_driver),
        )
