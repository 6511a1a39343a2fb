"""What the reviews context needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.order import Fulfilment
from shared.reviews.blocks import Block, Pair
from shared.reviews.domain import Person, Review, ReviewableOrder, ReviewedMerchant, Side
from shared.reviews.ratings import Posted

PostReview = Callable[[ReviewableOrder | None, Review | None, Person | None, Person | None], Posted]
"""Decides on the order, the review that stands already, and the accounts of author and subject."""


class ReviewStore(Protocol):
    """What people wrote about one another."""

    async def post(
        self,
        order_id: str,
        author: str,
        side: Side,
        decide: PostReview,
        idempotency: IdempotentRequest | None,
    ) -> Review:
        """Store the review that `decide` makes, and the accounts in which it counts, together."""
        ...

    async def about(
        self, subject_id: str, limit: int, after: tuple[datetime, str] | None
    ) -> Sequence[Review]:
        """Return the reviews of a person or merchant, newest first."""
        ...

    async def person(self, uid: str) -> Person | None:
        """Return the ratings and blocks of a person."""
        ...

    async def merchant(self, merchant_id: str) -> ReviewedMerchant | None:
        """Return what the reviews need of a merchant."""
        ...


class BlockBook(Protocol):
    """Who does not want to meet whom."""

    async def have_met(self, uid: str, other: str) -> bool:
        """Say whether the two were ever parties to the same order."""
        ...

    async def of(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[Block]:
        """Return the blocks that a person has put, newest first."""
        ...

    async def change(self, uid: str, other: str, decide: Callable[[Pair], Pair]) -> Pair:
        """Store what `decide` makes of two people and their blocks, together."""
        ...


class OrderCounts(Protocol):
    """How many orders somebody was a part of."""

    async def as_customer(self, uid: str, fulfilment: Fulfilment | None = None) -> int:
        """Return how many they placed, those in one state where it is named."""
        ...

    async def as_driver(self, uid: str, fulfilment: Fulfilment) -> int:
        """Return how many they carry or carried that are in a state."""
        ...
