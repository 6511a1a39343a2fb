"""The rules of reviews after a delivery.

A customer reviews the driver and the merchant; the driver and the merchant review the customer. Each
side reviews an order once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.errors import Invalid, NotFound, WrongState
from shared.kernel.order import Fulfilment
from shared.kernel.ratings import MAX_STARS
from shared.reviews.reviewable import ReviewableOrder

MAX_TAGS = 5
REVIEW_PERIOD = timedelta(days=30)
"""How long after the delivery an order can be reviewed."""


class Side(StrEnum):
    """Author and subject of a review."""

    CUSTOMER_OF_DRIVER = "customer_of_driver"
    CUSTOMER_OF_MERCHANT = "customer_of_merchant"
    DRIVER_OF_CUSTOMER = "driver_of_customer"
    MERCHANT_OF_CUSTOMER = "merchant_of_customer"


class ReviewSubject(StrEnum):
    """The role of the person or merchant that a review is about."""

    DRIVER = "driver"
    MERCHANT = "merchant"
    CUSTOMER = "customer"


class Tag(StrEnum):
    """A predefined remark."""

    ON_TIME = "on_time"
    LATE = "late"
    CAREFUL = "careful"
    DAMAGED = "damaged"
    FRIENDLY = "friendly"
    RUDE = "rude"
    TASTY = "tasty"
    COLD = "cold"
    WELL_PACKED = "well_packed"
    WRONG_ITEMS = "wrong_items"
    GOOD_VALUE = "good_value"
    CLEAR_ADDRESS = "clear_address"
    HARD_TO_FIND = "hard_to_find"
    SLOW_TO_ANSWER = "slow_to_answer"
    UNSAFE = "unsafe"


SUBJECTS: Mapping[Side, ReviewSubject] = {
    Side.CUSTOMER_OF_DRIVER: ReviewSubject.DRIVER,
    Side.CUSTOMER_OF_MERCHANT: ReviewSubject.MERCHANT,
    Side.DRIVER_OF_CUSTOMER: ReviewSubject.CUSTOMER,
    Side.MERCHANT_OF_CUSTOMER: ReviewSubject.CUSTOMER,
}

TAGS: Mapping[ReviewSubject, frozenset[Tag]] = {
    ReviewSubject.DRIVER: frozenset(
        {Tag.ON_TIME, Tag.LATE, Tag.CAREFUL, Tag.DAMAGED, Tag.FRIENDLY, Tag.RUDE, Tag.UNSAFE}
    ),
    ReviewSubject.MERCHANT: frozenset(
        {Tag.TASTY, Tag.COLD, Tag.WELL_PACKED, Tag.WRONG_ITEMS, Tag.GOOD_VALUE}
    ),
    ReviewSubject.CUSTOMER: frozenset(
        {Tag.FRIENDLY, Tag.RUDE, Tag.CLEAR_ADDRESS, Tag.HARD_TO_FIND, Tag.SLOW_TO_ANSWER, Tag.UNSAFE}
    ),
}
"""The tags that fit each subject."""

_ID_SUFFIXES: Mapping[Side, str] = {
    Side.CUSTOMER_OF_DRIVER: "customer",
    Side.CUSTOMER_OF_MERCHANT: "merchant",
    Side.DRIVER_OF_CUSTOMER: "by_driver",
    Side.MERCHANT_OF_CUSTOMER: "by_merchant",
}


class OrderNotFound(NotFound):
    """The order does not exist, or the author has no part in it."""

    code = "ORDER_NOT_FOUND"
    detail = "There is no such order, or it is not yours."


class SubjectNotFound(NotFound):
    """No merchant has this id, and it is not the reader's own."""

    code = "SUBJECT_NOT_FOUND"
    detail = "Send the id of an approved merchant, or your own uid."


class OrderNotDelivered(WrongState):
    """The order is not delivered."""

    code = "ORDER_NOT_DELIVERED"
    detail = "The order is not delivered yet. Review it after its delivery."


class ReviewTooLate(WrongState):
    """The review period is over."""

    code = "REVIEW_TOO_LATE"
    detail = "An order can be reviewed for thirty days after its delivery."


class AlreadyReviewed(WrongState):
    """This side has reviewed the order before."""

    code = "ALREADY_REVIEWED"
    detail = "You have reviewed this order before."


class StarsOutOfRange(Invalid):
    """The number of stars is out of range."""

    code = "STARS_OUT_OF_RANGE"
    detail = "Send one to five `stars`."


class TagsInvalid(Invalid):
    """A tag does not fit the subject, is repeated, or there are too many."""

    code = "TAGS_INVALID"
    detail = "Send up to five different `tags` that fit the subject of the review."


class OwnReview(Invalid):
    """The author is the subject, or works for the merchant."""

    code = "OWN_REVIEW"
    detail = "You cannot review yourself or the merchant that you work for."


@dataclass(frozen=True, slots=True)
class Person:
    """What reviews keep of a person, for themselves: ratings by number of stars, and blocks.

    Each rating counts one star, two stars, and so on; it is empty before the first review.
    """

    uid: str
    ratings_given: tuple[int, ...] = ()
    ratings_as_customer: tuple[int, ...] = ()
    ratings_as_driver: tuple[int, ...] = ()
    not_matched: tuple[str, ...] = ()
    """The people that are never matched with this person, because one of the two blocked the other."""


@dataclass(frozen=True, slots=True)
class Review:
    """The review of one order by one side; the author is a person, or a merchant whose staff wrote it."""

    id: str
    order_id: str
    author_id: str
    subject_id: str
    side: Side
    stars: int
    comment: str
    at: datetime
    tags: tuple[Tag, ...] = ()
    subject_kind: ReviewSubject = ReviewSubject.DRIVER


@dataclass(frozen=True, slots=True)
class ReviewInput:
    """What the author writes about the other side."""

    side: Side
    stars: int
    comment: str = ""
    tags: tuple[Tag, ...] = ()


ABOUT_STAFF = frozenset({Side.CUSTOMER_OF_MERCHANT, Side.MERCHANT_OF_CUSTOMER})
"""The sides whose rules depend on whether the author belongs to the merchant's staff."""


def review_id(order_id: str, side: Side) -> str:
    """Return the id of one side's one review of an order."""
    return f"{order_id}_{_ID_SUFFIXES[side]}"


def subject_of(order: ReviewableOrder, side: Side) -> str | None:
    """Return the id of the person or merchant that a side reviews; None if the order has none."""
    subject = SUBJECTS[side]
    if subject is ReviewSubject.CUSTOMER:
        return order.customer_id
    return order.assignment.driver_id if subject is ReviewSubject.DRIVER else order.merchant_id or None


def review_order(
    order: ReviewableOrder | None,
    existing: Review | None,
    author: str,
    content: ReviewInput,
    at: datetime,
    *,
    is_staff: bool,
) -> Review:
    """Return the review of an order by one side.

    `is_staff` says whether the author belongs to the staff of the order's merchant at this moment.

    Raises `OrderNotFound` for a foreign order or side, `OrderNotDelivered`, `ReviewTooLate`,
    `AlreadyReviewed`, `StarsOutOfRange`, `TagsInvalid` or `OwnReview`.
    """
    side = content.side
    _check_content(content)
    if order is None or not _may_review(order, author, side, is_staff):
        raise OrderNotFound
    subject = subject_of(order, side)
    if order.fulfilment is not Fulfilment.DELIVERED or subject is None:  # mutant: reviewed-early
        raise OrderNotDelivered
    if author == subject or (side is Side.CUSTOMER_OF_MERCHANT and is_staff):
        raise OwnReview
    if existing:
        raise AlreadyReviewed
    if order.delivered_at and at >= order.delivered_at + REVIEW_PERIOD:
        raise ReviewTooLate
    return Review(  # mutant: reviewed-twice
        id=review_id(order.id, side),
        order_id=order.id,
        author_id=order.merchant_id if side is Side.MERCHANT_OF_CUSTOMER else author,
        subject_id=subject,
        side=side,
        stars=content.stars,
        comment=content.comment,
        at=at,
        tags=content.tags,
        subject_kind=SUBJECTS[side],
    )


def _may_review(order: ReviewableOrder, author: str, side: Side, is_staff: bool) -> bool:
    if side is Side.DRIVER_OF_CUSTOMER:
        return order.assignment.driver_id == author
    if side is Side.MERCHANT_OF_CUSTOMER:
        return is_staff
    return order.customer_id == author


def _check_content(content: ReviewInput) -> None:
    if not 1 <= content.stars <= MAX_STARS:
        raise StarsOutOfRange
    tags = content.tags
    if len(tags) > MAX_TAGS or len({*tags}) < len(tags) or not TAGS[SUBJECTS[content.side]] >= {*tags}:
        raise TagsInvalid
