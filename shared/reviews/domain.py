"""The rules of reviews: after a delivery, who dealt with whom may say once how it was.

A customer judges the driver and the merchant; each of these judges the customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.errors import Invalid, NotFound, WrongState
from shared.kernel.order import Fulfilment
from shared.kernel.ratings import MAX_STARS

MAX_TAGS = 5
OPEN_FOR = timedelta(days=30)
"""How long after the delivery it can be said."""

DELIVERED = "order_delivered"
"""What the order's timeline calls its delivery."""


class Side(StrEnum):
    """Who judges whom."""

    CUSTOMER_OF_DRIVER = "customer_of_driver"
    CUSTOMER_OF_MERCHANT = "customer_of_merchant"
    DRIVER_OF_CUSTOMER = "driver_of_customer"
    MERCHANT_OF_CUSTOMER = "merchant_of_customer"


class Judged(StrEnum):
    """What somebody is when they are judged."""

    DRIVER = "driver"
    MERCHANT = "merchant"
    CUSTOMER = "customer"


class Tag(StrEnum):
    """What can be said with one touch."""

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


SUBJECTS: Mapping[Side, Judged] = {
    Side.CUSTOMER_OF_DRIVER: Judged.DRIVER,
    Side.CUSTOMER_OF_MERCHANT: Judged.MERCHANT,
    Side.DRIVER_OF_CUSTOMER: Judged.CUSTOMER,
    Side.MERCHANT_OF_CUSTOMER: Judged.CUSTOMER,
}

TAGS: Mapping[Judged, frozenset[Tag]] = {
    Judged.DRIVER: frozenset(
        {Tag.ON_TIME, Tag.LATE, Tag.CAREFUL, Tag.DAMAGED, Tag.FRIENDLY, Tag.RUDE, Tag.UNSAFE}
    ),
    Judged.MERCHANT: frozenset({Tag.TASTY, Tag.COLD, Tag.WELL_PACKED, Tag.WRONG_ITEMS, Tag.GOOD_VALUE}),
    Judged.CUSTOMER: frozenset(
        {Tag.FRIENDLY, Tag.RUDE, Tag.CLEAR_ADDRESS, Tag.HARD_TO_FIND, Tag.SLOW_TO_ANSWER, Tag.UNSAFE}
    ),
}
"""What can be said of whom."""

_NAMES: Mapping[Side, str] = {
    Side.CUSTOMER_OF_DRIVER: "customer",
    Side.CUSTOMER_OF_MERCHANT: "merchant",
    Side.DRIVER_OF_CUSTOMER: "by_driver",
    Side.MERCHANT_OF_CUSTOMER: "by_merchant",
}


class OrderNotFound(NotFound):
    """There is no such order, or it is not yours."""

    code = "ORDER_NOT_FOUND"
    detail = "There is no such order, or it is not yours."


class SubjectNotFound(NotFound):
    """There is nobody whose reviews you could read under this id."""

    code = "SUBJECT_NOT_FOUND"
    detail = "There is nobody whose reviews you could read under this id."


class OrderNotDelivered(WrongState):
    """An order can be reviewed once it has been delivered."""

    code = "ORDER_NOT_DELIVERED"
    detail = "An order can be reviewed once it has been delivered."


class ReviewTooLate(WrongState):
    """An order can be reviewed for thirty days after its delivery."""

    code = "REVIEW_TOO_LATE"
    detail = "An order can be reviewed for thirty days after its delivery."


class AlreadyReviewed(WrongState):
    """You have reviewed this order before."""

    code = "ALREADY_REVIEWED"
    detail = "You have reviewed this order before."


class StarsOutOfRange(Invalid):
    """A review has one to five stars."""

    code = "STARS_OUT_OF_RANGE"
    detail = "A review has one to five stars."


class TagsInvalid(Invalid):
    """A review has up to five tags, each once, of those for whom it is about."""

    code = "TAGS_INVALID"
    detail = "A review has up to five tags, each once, of those for whom it is about."


class OwnReview(Invalid):
    """Nobody reviews themselves, or the merchant that they work for."""

    code = "OWN_REVIEW"
    detail = "Nobody reviews themselves, or the merchant that they work for."


@dataclass(frozen=True, slots=True)
class Person:
    """The part of `users/{uid}` that this context owns: ratings by number of stars, and blocks.

    Each rating counts one star, two stars, and so on; it is empty before the first review.
    """

    uid: str
    ratings_given: tuple[int, ...] = ()
    ratings_as_customer: tuple[int, ...] = ()
    ratings_as_driver: tuple[int, ...] = ()
    not_matched: tuple[str, ...] = ()
    """The people with whom this person is never matched, whichever of the two blocked the other."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """The part of an order's assignment that a review needs."""

    driver_id: str | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of an order's timeline."""

    type: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ReviewableOrder:
    """What a review must know of an order; the order belongs to other contexts and is only read."""

    id: str
    customer_id: str
    fulfilment: Fulfilment
    assignment: Carrier
    merchant_id: str = ""
    merchant_staff: tuple[str, ...] = ()
    timeline: tuple[Happened, ...] = ()

    @property
    def delivered_at(self) -> datetime | None:
        """When it was delivered, as far as its timeline says."""
        return max((line.at for line in self.timeline if line.type == DELIVERED), default=None)


@dataclass(frozen=True, slots=True)
class ReviewedMerchant:
    """What the reviews of a merchant need to know of it."""

    approved: bool = False
    staff: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """One side's judgement of the other about one order."""

    id: str
    order_id: str
    author_id: str
    subject_id: str
    side: Side
    stars: int
    comment: str
    at: datetime
    tags: tuple[Tag, ...] = ()
    subject_kind: Judged = Judged.DRIVER


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody says of the other side."""

    side: Side
    stars: int
    comment: str = ""
    tags: tuple[Tag, ...] = ()


def review_id(order_id: str, side: Side) -> str:
    """Return the id of one side's one review of an order."""
    return f"{order_id}_{_NAMES[side]}"


def judged(order: ReviewableOrder, side: Side) -> str | None:
    """Return the id of whom a side judges; None where there is nobody."""
    subject = SUBJECTS[side]
    if subject is Judged.CUSTOMER:
        return order.customer_id
    return order.assignment.driver_id if subject is Judged.DRIVER else order.merchant_id or None


def review_order(
    order: ReviewableOrder | None, existing: Review | None, author: str, opinion: Opinion, at: datetime
) -> Review:
    """Return one side's review of an order.

    Raises `OrderNotFound` for a foreign order or side, `OrderNotDelivered`, `ReviewTooLate`,
    `AlreadyReviewed`, `StarsOutOfRange`, `TagsInvalid` or `OwnReview`.
    """
    side = opinion.side
    _demand_sense(opinion)
    if order is None or not _speaks_for(order, author, side):
        raise OrderNotFound
    subject = judged(order, side)
    if order.fulfilment is not Fulfilment.DELIVERED or subject is None:  # mutant: reviewed-early
        raise OrderNotDelivered
    if author == subject or (side is Side.CUSTOMER_OF_MERCHANT and author in order.merchant_staff):
        raise OwnReview
    if existing:
        raise AlreadyReviewed
    if order.delivered_at and at >= order.delivered_at + OPEN_FOR:
        raise ReviewTooLate
    return Review(  # mutant: reviewed-twice
        id=review_id(order.id, side),
        order_id=order.id,
        author_id=author,
        subject_id=subject,
        side=side,
        stars=opinion.stars,
        comment=opinion.comment,
        at=at,
        tags=opinion.tags,
        subject_kind=SUBJECTS[side],
    )


def _speaks_for(order: ReviewableOrder, author: str, side: Side) -> bool:
    if side is Side.DRIVER_OF_CUSTOMER:
        return order.assignment.driver_id == author
    if side is Side.MERCHANT_OF_CUSTOMER:
        return author in order.merchant_staff
    return order.customer_id == author


def _demand_sense(opinion: Opinion) -> None:
    if not 1 <= opinion.stars <= MAX_STARS:
        raise StarsOutOfRange
    tags = opinion.tags
    if len(tags) > MAX_TAGS or len({*tags}) < len(tags) or not TAGS[SUBJECTS[opinion.side]] >= {*tags}:
        raise TagsInvalid
