"""Reviews: by whom, of what, how often."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.accounts.domain import (
    AlreadyReviewed,
    OrderNotDelivered,
    OrderNotFound,
    Review,
    StarsOutOfRange,
)
from shared.accounts.usecases.post_review import PostReview, post_review
from shared.adapters.firestore.accounts import FirestoreReviews
from shared.adapters.firestore.change import DocumentStore
from shared.kernel.errors import DomainError
from shared.kernel.order import Fulfilment
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.interleaving import InterleavingDatabase

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


async def _no_pause(_: int) -> None:
    await asyncio.sleep(0)


@pytest.fixture
def database() -> MemoryDatabase:
    return InterleavingDatabase()


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


@pytest.fixture
def reviews(database: MemoryDatabase, bus: MemoryBus) -> FirestoreReviews:
    return FirestoreReviews(DocumentStore(database, bus, pause=_no_pause))


def _order(database: MemoryDatabase, **changes: Any) -> None:
    order = {
        "id": "ord_1",
        "customer_id": "asha",
        "fulfilment": "delivered",
        "assignment": {"state": "assigned", "driver_id": "dev"},
        "dropoff": {"address": "somewhere"},
    }
    database.seed("orders/ord_1", {**order, **changes})


async def _review(
    reviews: FirestoreReviews, author: str = "asha", stars: int = 5, comment: str = "Quick!"
) -> Review:
    return await post_review(PostReview(author, "ord_1", stars, comment), reviews=reviews, now=NOW)


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


async def test_the_news_of_a_review_carries_the_stars_and_not_the_words(
    database: MemoryDatabase, bus: MemoryBus, reviews: FirestoreReviews
) -> None:
    _order(database)

    await _review(reviews, stars=2, comment="Cold soup")

    [message] = bus.messages
    assert (message.topic, message.type, message.subject) == (
        "accounts",
        "waybill.accounts.review_posted.v1",
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
async def test_for_anyone_but_its_customer_the_order_does_not_exist(
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
