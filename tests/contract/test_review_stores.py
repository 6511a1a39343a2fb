"""One contract suite for the stores of reviews and blocks, against every database."""

from __future__ import annotations

import asyncio

import pytest

from shared.adapters.firestore.blocks import FirestoreBlocks
from shared.adapters.firestore.reviews import FirestoreReviews
from shared.kernel.decision import Decision
from shared.kernel.errors import WrongState
from shared.kernel.idempotency import AlreadyAnswered
from shared.kernel.order import Fulfilment
from shared.reviews.blocks import Block, Pair, block, unblock
from shared.reviews.domain import OrderNotFound, Person, Review, ReviewInput, Side, review_order
from shared.reviews.ratings import CountedReview, count_review
from shared.reviews.reviewable import ReviewableOrder
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, membership, order
from tests.contract.stores import Ground, idempotency

pytestmark = [pytest.mark.mission("A7")]

REVIEW_ID = f"{ORDER_ID}_customer"


@pytest.fixture
def reviews(ground: Ground) -> FirestoreReviews:
    return FirestoreReviews(ground.documents)


def reviewed(
    order: ReviewableOrder | None,
    existing: Review | None,
    author: Person | None,
    subject: Person | None,
    is_staff: bool,
) -> Decision[CountedReview, Review]:
    opinion = ReviewInput(Side.CUSTOMER_OF_DRIVER, 4, "ठीक")
    return count_review(
        review_order(order, existing, CUSTOMER, opinion, NOW, is_staff=is_staff), CUSTOMER, author, subject
    )


async def test_a_review_of_no_order_is_not_stored(ground: Ground, reviews: FirestoreReviews) -> None:
    with pytest.raises(OrderNotFound):
        await reviews.post(ORDER_ID, CUSTOMER, Side.CUSTOMER_OF_DRIVER, reviewed, None)
    assert await ground.ids("reviews") == []


async def test_a_review_is_stored_and_published_and_does_not_change_the_order(
    ground: Ground, reviews: FirestoreReviews
) -> None:
    await ground.put(f"orders/{ORDER_ID}", order(Fulfilment.DELIVERED, driver=DRIVER))
    before = await ground.data(f"orders/{ORDER_ID}")
    review = await reviews.post(ORDER_ID, CUSTOMER, Side.CUSTOMER_OF_DRIVER, reviewed, None)

    stored = await ground.data(f"reviews/{REVIEW_ID}")
    assert stored is not None
    assert (stored["stars"], stored["comment"], stored["side"]) == (4, "ठीक", review.side.value)
    assert ground.bus.names() == ["review_posted"]
    assert await ground.data(f"orders/{ORDER_ID}") == before
    author, subject = [await ground.data(f"review_records/{uid}") for uid in (CUSTOMER, DRIVER)]
    assert author is not None
    assert subject is not None
    assert (author["ratings_given"], subject["ratings_as_driver"]) == ([0, 0, 0, 1, 0], [0, 0, 0, 1, 0])


async def test_of_two_simultaneous_reviews_one_is_stored(ground: Ground, reviews: FirestoreReviews) -> None:
    await ground.put(f"orders/{ORDER_ID}", order(Fulfilment.DELIVERED, driver=DRIVER))
    tries = (reviews.post(ORDER_ID, CUSTOMER, Side.CUSTOMER_OF_DRIVER, reviewed, None) for _ in range(2))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert len([outcome for outcome in outcomes if isinstance(outcome, WrongState)]) == 1
    assert ground.bus.names() == ["review_posted"]


async def test_one_key_posts_one_review(ground: Ground, reviews: FirestoreReviews) -> None:
    await ground.put(f"orders/{ORDER_ID}", order(Fulfilment.DELIVERED, driver=DRIVER))
    request = idempotency(lambda review: {"id": review.id})
    await reviews.post(ORDER_ID, CUSTOMER, Side.CUSTOMER_OF_DRIVER, reviewed, request)
    with pytest.raises(AlreadyAnswered) as answered:
        await reviews.post(ORDER_ID, CUSTOMER, Side.CUSTOMER_OF_DRIVER, reviewed, request)
    assert answered.value.answer == {"id": REVIEW_ID}


async def test_a_block_is_stored_for_both_people_and_removed_for_both(ground: Ground) -> None:
    blocks = FirestoreBlocks(ground.documents)

    def block_rude(pair: Pair) -> Decision[Pair, Block]:
        return block(pair, "rude", NOW)

    await asyncio.gather(blocks.change("asha", "dev", block_rude), blocks.change("dev", "asha", block_rude))
    assert ((await ground.data("review_records/asha")) or {})["not_matched"] == ["dev"]
    assert ((await ground.data("review_records/dev")) or {})["not_matched"] == ["asha"]
    assert [found.uid for found in await blocks.blocks("asha", 10, None)] == ["dev"]
    assert await blocks.blocks("asha", 10, (NOW, "dev")) == []

    for one, other in (("asha", "dev"), ("dev", "asha")):
        await blocks.change(one, other, unblock)
    asha = (await ground.data("review_records/asha")) or {}
    assert asha["not_matched"] == []


async def test_two_parties_to_one_order_have_met(ground: Ground) -> None:
    blocks = FirestoreBlocks(ground.documents)
    await ground.put(f"orders/{ORDER_ID}", order(Fulfilment.DELIVERED, driver=DRIVER))
    await ground.put(f"merchants/mer_1/staff/{STAFF}", membership())

    for one, other in ((CUSTOMER, DRIVER), (CUSTOMER, STAFF), (DRIVER, STAFF)):
        assert await blocks.have_met(one, other)
        assert await blocks.have_met(other, one)
    assert not await blocks.have_met(CUSTOMER, "mallory")
    assert not await blocks.have_met(CUSTOMER, CUSTOMER)


async def test_a_former_employee_has_not_met_the_customers(ground: Ground) -> None:
    blocks = FirestoreBlocks(ground.documents)
    await ground.put(f"orders/{ORDER_ID}", order(Fulfilment.DELIVERED, driver=DRIVER))

    assert not await blocks.have_met(CUSTOMER, STAFF)
    assert not await blocks.have_met(STAFF, DRIVER)
