"""What the reviews context needs from outside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from shared.kernel.decision import Decision
from shared.kernel.idempotency import IdempotentRequest
from shared.kernel.order import Fulfilment
from shared.reviews.blocks import Block, Pair
from shared.reviews.domain import Person, Review, Side
from shared.reviews.ratings import CountedReview
from shared.reviews.reviewable import ReviewableOrder, ReviewedMerchant

R = TypeVar("R")
PostDecision = Callable[
    [ReviewableOrder | None, Review | None, Person | None, Person | None, bool],
    Decision[CountedReview, Review],
]
"""Decides on the order, this side's stored review, and the documents of author and subject.

The last argument says whether the author belongs to the staff of the order's merchant.
"""


class ReviewStore(Protocol):
    """The reviews, and the ratings that they count in."""

    async def post(
        self,
        order_id: str,
        author: str,
        side: Side,
        decide: PostDecision,
        idempotency: IdempotentRequest | None,
    ) -> Review:
        """Store the review that `decide` returns together with the ratings of both people."""
        ...

    async def about(
        self, subject_id: str, limit: int, after: tuple[datetime, str] | None
    ) -> Sequence[Review]:
        """Return the reviews of a person or merchant, newest first."""
        ...

    async def person(self, uid: str) -> Person | None:
        """Return the ratings and blocks of a person."""
        ...

    async def merchant(self, merchant_id: str, uid: str) -> tuple[ReviewedMerchant | None, bool]:
        """Return a merchant, and whether a person belongs to its staff."""
        ...


class BlockStore(Protocol):
    """The blocks between people."""

    async def have_met(self, uid: str, other: str) -> bool:
        """Say whether the two were parties to one order."""
        ...

    async def blocks(self, uid: str, limit: int, after: tuple[datetime, str] | None) -> Sequence[Block]:
        """Return the blocks that a person has made, newest first."""
        ...

    async def change(self, uid: str, other: str, decide: Callable[[Pair], Decision[Pair, R]]) -> R:
        """Store what `decide` makes of two people and their blocks, together; return its result."""
        ...


class OrderCounts(Protocol):
    """The numbers of a person's orders."""

    async def as_customer(self, uid: str, fulfilment: Fulfilment | None = None) -> int:
        """Return how many orders a customer placed, in one state if it is given."""
        ...

    async def as_driver(self, uid: str, fulfilment: Fulfilment) -> int:
        """Return how many orders in a state are or were assigned to a driver."""
        ...
