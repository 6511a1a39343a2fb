"""The rules of blocks: a merchant takes no more orders from a customer. What was ordered before goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.catalogue.domain import Merchant
from shared.kernel.errors import NotFound, WrongState

MAX_BLOCKED = 500


class OrderNotFound(NotFound):
    """Your merchant has had no such order."""

    code = "ORDER_NOT_FOUND"
    detail = "Your merchant has had no such order."


class BlockNotFound(NotFound):
    """Your merchant has not blocked this customer."""

    code = "BLOCK_NOT_FOUND"
    detail = "Your merchant has not blocked this customer."


class TooManyBlocks(WrongState):
    """Your merchant has blocked five hundred customers already; support can help."""

    code = "TOO_MANY_BLOCKS"
    detail = "Your merchant has blocked five hundred customers already; support can help."


@dataclass(frozen=True, slots=True)
class Block:
    """A customer (`uid`) from whom a merchant takes no orders, because of one; `by` is of its staff."""

    uid: str
    order_id: str
    reason: str
    by: str
    at: datetime


Blocked = tuple[Merchant, Block | None]
"""A merchant and its block of one customer, None where there is none."""


def blocked(merchant: Merchant, stands: Block | None, wanted: Block) -> tuple[Merchant, Block]:
    """Return the merchant and the block; one that stands stays as it is. Raises `TooManyBlocks`."""
    if stands:
        return merchant, stands
    if merchant.blocked >= MAX_BLOCKED:
        raise TooManyBlocks
    return replace(merchant, blocked=merchant.blocked + 1), wanted


def unblocked(merchant: Merchant, stands: Block | None) -> Merchant:
    """Return the merchant after it has taken a block back. Raises `BlockNotFound`."""
    if stands is None:
        raise BlockNotFound
    return replace(merchant, blocked=max(0, merchant.blocked - 1))
