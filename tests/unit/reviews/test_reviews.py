"""The rules of reviews: authors, subjects, limits."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.reviews import FirestoreReviews
from shared.kernel.errors import DomainError
from shared.kernel.order import Fulfilment
from shared.kernel.ratings import mean
from shared.reviews.domain import (
    AlreadyReviewed,
    OrderNotDelivered,
    OrderNotFound,
    OwnReview,
    Review,
    ReviewInput,
    ReviewTooLate,
    Side,
    StarsOutOfRange,
    Tag,
    TagsInvalid,
)
from shared.reviews.usecases.post_review import PostReview, post_review
from tests.builders import membership
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase

pytestmark = [pytest.mark.mission("A7")]

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def _no_pause(_: int) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def reviews(database: MemoryDatabase, bus: MemoryBus) -> FirestoreReviews:
    return FirestoreReviews(DocumentStore(database, bus, pause=_no_pause))


def _order(database: MemoryDatabase, **changes: Any) -> None:
    order = {
        "id": "ord_1",
        "customer_id": "asha",
        "fulfilment": "delivered",
        "assignment": {"state": "assigned", "driver_id": "dev"},
        "merchant_id": "mer_1",
        "timeline": [{"seq": 9, "event_id": "evt_9", "type": "order_delivered", "at": NOW, "actor": "dev"}],
        "dropoff": {"address": "somewhere"},
    }
    database.seed("orders/ord_1", {**order, **changes})
    for uid in ("ravi", "meera"):
        database.seed(f"merchants/mer_1/staff/{uid}", to_document(membership(uid)))


async def _review(
    reviews: FirestoreReviews, author: str = "asha", stars: int = 5, comment: str = "Quick!"
) -> Review:
    opinion = ReviewInput(Side.CUSTOMER_OF_DRIVER, stars, comment)
    return await post_review(PostReview(author, "ord_1", opinion), reviews=reviews, now=NOW)


async def test_the_customer_of_a_delivered_order_reviews_its_driver(
    database: MemoryDatabase, reviews: FirestoreReviews
) -> None:
    _order(database)

    review = await _review(reviews)

    assert review.id == "ord_1_customer"
    stored = database.data("reviews/ord_1_customer")
    assert (stored["author_id"], stored["subject_id"], stored["side"], stored["stars"]) == (
        "asha",
        "dev",
        "customer_of_driver",
        5,
    )


async def test_the_event_of_a_review_has_the_stars_and_no_comment(
    database: MemoryDatabase, bus: MemoryBus, reviews: FirestoreReviews
) -> None:
    _order(database)

    await _review(reviews, stars=2, comment="Cold soup")

    [message] = bus.messages
    assert (message.topic, message.type, message.subject) == (
        "reviews",
        "waybill.reviews.review_posted.v1",
        "dev",
    )
    [fields] = bus.fields("review_posted")
    assert (fields["review_id"], fields["order_id"], fields["stars"]) == ("ord_1_customer", "ord_1", 2)
    assert "Cold soup" not in message.data


async def test_an_order_is_reviewed_once_even_by_ten_requests_at_once(
    database: MemoryDatabase, bus: MemoryBus, reviews: FirestoreReviews
) -> None:
    _order(database)

    outcomes = await asyncio.gather(
        *(_review(reviews, stars=1 + n % 5) for n in range(10)), return_exceptions=True
    )

    assert sum(isinstance(outcome, Review) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, AlreadyReviewed) for outcome in outcomes) == 9
    assert bus.names() == ["review_posted"]


@pytest.mark.parametrize("author", ["dev", "stranger"])
async def test_another_persons_order_is_not_found(
    database: MemoryDatabase, reviews: FirestoreReviews, author: str
) -> None:
    _order(database)
    with pytest.raises(OrderNotFound):
        await _review(reviews, author)


async def test_an_unknown_order_cannot_be_reviewed(reviews: FirestoreReviews) -> None:
    with pytest.raises(OrderNotFound):
        await _review(reviews)


@pytest.mark.parametrize("fulfilment", sorted(set(Fulfilment) - {Fulfilment.DELIVERED}))
async def test_an_order_in_any_other_state_than_delivered_cannot_be_reviewed(
    database: MemoryDatabase, reviews: FirestoreReviews, fulfilment: Fulfilment
) -> None:
    _order(database, fulfilment=fulfilment.value)
    with pytest.raises(OrderNotDelivered):
        await _review(reviews)
    assert database.collection("reviews") == {}


@pytest.mark.parametrize(
    ("stars", "author", "error"),
    [(0, "asha", StarsOutOfRange), (6, "asha", StarsOutOfRange), (-1, "asha", StarsOutOfRange)],
)
async def test_stars_beyond_one_to_five_are_refused(
    database: MemoryDatabase, reviews: FirestoreReviews, stars: int, author: str, error: type[DomainError]
) -> None:
    _order(database)
    with pytest.raises(error):
        await _review(reviews, author, stars)


SIDES = {
    Side.CUSTOMER_OF_DRIVER: ("asha", "dev", "driver"),
    Side.CUSTOMER_OF_MERCHANT: ("asha", "mer_1", "merchant"),
    Side.DRIVER_OF_CUSTOMER: ("dev", "asha", "customer"),
    Side.MERCHANT_OF_CUSTOMER: ("ravi", "asha", "customer"),
}


async def _say(
    reviews: FirestoreReviews, author: str, side: Side, stars: int = 4, *tags: Tag, at: datetime = NOW
) -> Review:
    opinion = ReviewInput(side, stars, "", tags)
    return await post_review(PostReview(author, "ord_1", opinion), reviews=reviews, now=at)


@pytest.mark.parametrize("side", Side)
async def test_each_side_reviews_the_other_once(
    database: MemoryDatabase, bus: MemoryBus, reviews: FirestoreReviews, side: Side
) -> None:
    _order(database)
    author, subject, kind = SIDES[side]

    review = await _say(reviews, author, side)

    assert (review.subject_id, review.subject_kind) == (subject, kind)
    [event] = bus.fields("review_posted")
    assert (event["subject_id"], event["subject_kind"], event["side"]) == (subject, kind, side.value)
    with pytest.raises(AlreadyReviewed):
        await _say(reviews, author, side)


async def test_all_sides_of_an_order_can_review_at_once(
    database: MemoryDatabase, reviews: FirestoreReviews
) -> None:
    _order(database)

    await asyncio.gather(*(_say(reviews, SIDES[side][0], side) for side in Side))

    assert len(database.collection("reviews")) == len(Side)
    asha = database.data("review_records/asha")
    assert (asha["ratings_given"], asha["ratings_as_customer"]) == ([0, 0, 0, 2, 0], [0, 0, 0, 2, 0])
    assert database.data("review_records/dev")["ratings_as_driver"] == [0, 0, 0, 1, 0]


async def test_fault_06_a_review_of_a_customer_names_the_merchant_and_not_who_wrote_it(
    database: MemoryDatabase, reviews: FirestoreReviews
) -> None:
    _order(database)
    await _say(reviews, "ravi", Side.MERCHANT_OF_CUSTOMER)

    stored = database.data("reviews/ord_1_by_merchant")
    assert (stored["author_id"], "ravi" in str(stored)) == ("mer_1", False)
    assert database.data("reviews/ord_1_by_merchant/private/author")["uid"] == "ravi"
    assert database.data("review_records/ravi")["ratings_given"] == [0, 0, 0, 1, 0]


async def test_the_staff_of_a_merchant_reviews_a_customer_once_together(
    database: MemoryDatabase, reviews: FirestoreReviews
) -> None:
    _order(database)
    outcomes = await asyncio.gather(
        *(_say(reviews, uid, Side.MERCHANT_OF_CUSTOMER) for uid in ("ravi", "meera")), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [AlreadyReviewed]
    assert database.data("review_records/asha")["ratings_as_customer"] == [0, 0, 0, 1, 0]


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("author", ["asha", "dev", "ravi", "mallory"])
async def test_an_author_cannot_review_for_another_side(
    database: MemoryDatabase, reviews: FirestoreReviews, side: Side, author: str
) -> None:
    _order(database)
    if author == SIDES[side][0]:
        return
    with pytest.raises(OrderNotFound):
        await _say(reviews, author, side)
    assert database.collection("users") == {}


async def test_an_employee_cannot_review_their_merchant(
    database: MemoryDatabase, reviews: FirestoreReviews
) -> None:
    _order(database)
    database.seed("merchants/mer_1/staff/asha", to_document(membership("asha")))
    for side in (Side.CUSTOMER_OF_MERCHANT, Side.MERCHANT_OF_CUSTOMER):
        with pytest.raises(OwnReview):
            await _say(reviews, "asha", side)


@pytest.mark.parametrize(
    ("after", "late"), [(timedelta(days=30), True), (timedelta(days=29, hours=23), False)]
)
async def test_a_review_is_refused_after_thirty_days(
    database: MemoryDatabase, reviews: FirestoreReviews, after: timedelta, late: bool
) -> None:
    _order(database)
    if not late:
        await _say(reviews, "asha", Side.CUSTOMER_OF_DRIVER, at=NOW + after)
        return
    with pytest.raises(ReviewTooLate):
        await _say(reviews, "asha", Side.CUSTOMER_OF_DRIVER, at=NOW + after)


@pytest.mark.parametrize(
    "tags", [(Tag.TASTY,), (Tag.LATE, Tag.LATE), (Tag.CLEAR_ADDRESS,), tuple(Tag)[:6]], ids=str
)
async def test_tags_that_do_not_fit_are_refused(
    database: MemoryDatabase, reviews: FirestoreReviews, tags: tuple[Tag, ...]
) -> None:
    _order(database)
    with pytest.raises(TagsInvalid):
        await _say(reviews, "asha", Side.CUSTOMER_OF_DRIVER, 4, *tags)


def test_the_mean_is_computed_from_the_stars() -> None:
    assert (mean(()), mean((0, 0, 0, 0, 2)), mean((1, 0, 0, 0, 2))) == (None, 5.0, 3.67)
