"""What people read about reviews and blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.order import Fulfilment
from shared.reviews.blocks import Block
from shared.reviews.domain import Person, Review, SubjectNotFound
from shared.reviews.ports import BlockBook, OrderCounts, ReviewStore


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """Some reviews, whether they are the reader's own, and where the next page begins."""

    reviews: Sequence[Review]
    own: bool
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class BlockPage:
    """Some blocks and where the next page begins; None after the last."""

    blocks: Sequence[Block]
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """A person in numbers: the orders that they placed, got, saw cancelled and brought, and their ratings."""

    person: Person
    orders_placed: int
    orders_received: int
    orders_cancelled: int
    orders_carried: int


async def reviews_of(
    uid: str, subject: str, limit: int, after: tuple[datetime, str] | None, *, reviews: ReviewStore
) -> ReviewPage:
    """Return the reviews of the person themselves or of a merchant that they may see, newest first.

    Raises `SubjectNotFound`: what others were told about a person is nobody else's business.
    """
    own = subject == uid
    if not own:
        merchant = await reviews.merchant(subject)
        own = bool(merchant and uid in merchant.staff)
        if merchant is None or not (merchant.approved or own):
            raise SubjectNotFound
    found = await reviews.about(subject, limit + 1, after)
    page, more = found[:limit], len(found) > limit
    return ReviewPage(page, own, (page[-1].at, page[-1].id) if more else None)


async def blocks_of(
    uid: str, limit: int, after: tuple[datetime, str] | None, *, blocks: BlockBook
) -> BlockPage:
    """Return whom the person has blocked, newest first."""
    found = await blocks.of(uid, limit + 1, after)
    page, more = found[:limit], len(found) > limit
    return BlockPage(page, (page[-1].at, page[-1].uid) if more else None)


async def statistics_of(uid: str, *, reviews: ReviewStore, orders: OrderCounts) -> Statistics:
    """Return the person's orders and ratings in numbers."""
    person, placed, received, cancelled, carried = await asyncio.gather(
        reviews.person(uid),
        orders.as_customer(uid),
        orders.as_customer(uid, Fulfilment.DELIVERED),
        orders.as_customer(uid, Fulfilment.CANCELLED),
        orders.as_driver(uid, Fulfilment.DELIVERED),
    )
    return Statistics(person or Person(uid), placed, received, cancelled, carried)
