"""Read reviews, blocks and statistics."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.order import Fulfilment
from shared.reviews.blocks import Block
from shared.reviews.domain import Person, Review, SubjectNotFound
from shared.reviews.ports import BlockStore, OrderCounts, ReviewStore


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A page of reviews, whether they are about the reader, and the cursor of the next page."""

    reviews: Sequence[Review]
    own: bool
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class BlockPage:
    """A page of blocks; `after` is the cursor of the next page, None at the end."""

    blocks: Sequence[Block]
    after: tuple[datetime, str] | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """The order counts and ratings of a person."""

    person: Person
    orders_placed: int
    orders_received: int
    orders_cancelled: int
    orders_carried: int


async def reviews_of(
    uid: str, subject: str, limit: int, after: tuple[datetime, str] | None, *, reviews: ReviewStore
) -> ReviewPage:
    """Return the reviews about the person themselves or about a visible merchant, newest first.

    Raises `SubjectNotFound` for any other subject: reviews about a person are private.
    """
    own = subject == uid
    if not own:
        merchant, own = await reviews.merchant(subject, uid)
        if merchant is None or not (merchant.approved or own):
            raise SubjectNotFound
    found = await reviews.about(subject, limit + 1, after)
    page, more = found[:limit], len(found) > limit
    return ReviewPage(page, own, (page[-1].at, page[-1].id) if more else None)


async def blocks_of(
    uid: str, limit: int, after: tuple[datetime, str] | None, *, blocks: BlockStore
) -> BlockPage:
    """Return the blocks of the person, newest first."""
    found = await blocks.blocks(uid, limit + 1, after)
    page, more = found[:limit], len(found) > limit
    return BlockPage(page, (page[-1].at, page[-1].uid) if more else None)


async def statistics_of(uid: str, *, reviews: ReviewStore, orders: OrderCounts) -> Statistics:
    """Return the order counts and ratings of the person."""
    person, placed, received, cancelled, carried = await asyncio.gather(
        reviews.person(uid),
        orders.as_customer(uid),
        orders.as_customer(uid, Fulfilment.DELIVERED),
        orders.as_customer(uid, Fulfilment.CANCELLED),
        orders.as_driver(uid, Fulfilment.DELIVERED),
    )
    return Statistics(person or Person(uid), placed, received, cancelled, carried)
