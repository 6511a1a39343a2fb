"""Reviews of merchants, as `catalogue_events` hears of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.catalogue_events import routes
from shared.catalogue.domain import MerchantNotFound
from shared.catalogue.ratings import StarsOutOfRange
from shared.composition.merchants import MerchantPorts
from shared.reviews.events import ReviewPosted
from tests.fakes.database import MemoryDatabase
from tests.fakes.interleaving import InterleavingDatabase
from tests.fakes.runtime import FakeRuntime
from tests.unit.catalogue.shops import put, shop

pytestmark = pytest.mark.mission("A7", "B3")


def posted(review: str = "rev_1", stars: int = 5, **changes: Any) -> ReviewPosted:
    said: dict[str, Any] = {
        "id": f"evt_{review}",
        "at": datetime(2026, 11, 20, 12, tzinfo=UTC),
        "actor": "asha",
        "review_id": review,
        "order_id": "ord_1",
        "author_id": "asha",
        "subject_id": "mer_1",
        "side": "customer_of_merchant",
        "stars": stars,
    }
    return ReviewPosted(**{**said, **changes})


@pytest.fixture
def database() -> MemoryDatabase:
    database = InterleavingDatabase()
    put(database, shop())
    return database


async def review_posted(database: MemoryDatabase, event: ReviewPosted) -> None:
    ports = MerchantPorts(FakeRuntime(database=database))
    await routes.review_posted(event, ports, event.at)


def _rating(database: MemoryDatabase) -> tuple[int, int]:
    stored = database.data("merchants/mer_1")
    return stored["rating_sum"], stored["rating_count"]


async def test_a_review_counts_once_however_often_it_is_told(database: MemoryDatabase) -> None:
    for _ in range(10):
        await review_posted(database, posted("rev_1", 5))
    await review_posted(database, posted("rev_2", 2))
    assert _rating(database) == (7, 2)
    assert database.data("merchants/mer_1")["stars"] == [0, 1, 0, 0, 1]


async def test_reviews_that_come_at_the_same_time_all_count_once(database: MemoryDatabase) -> None:
    told = [posted(f"rev_{n}", n % 5 + 1) for n in range(5)] * 2
    await asyncio.gather(*(review_posted(database, event) for event in told))
    assert _rating(database) == (15, 5)
    assert database.data("merchants/mer_1")["stars"] == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("side", ["customer_of_driver", "merchant_of_customer", "of_nobody"])
async def test_a_review_of_somebody_else_is_none_of_a_merchant(database: MemoryDatabase, side: str) -> None:
    await review_posted(database, posted(side=side))
    assert _rating(database) == (0, 0)


async def test_what_cannot_be_counted_is_refused_for_good(database: MemoryDatabase) -> None:
    with pytest.raises(MerchantNotFound):
        await review_posted(database, posted(subject_id="mer_9"))
    with pytest.raises(StarsOutOfRange):
        await review_posted(database, posted(stars=6))
    assert _rating(database) == (0, 0)
