"""The rules of blocks: a merchant accepts no new orders from a customer. Paid orders continue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from shared.catalogue.domain import Merchant
from shared.catalogue.events import CustomerBlocked
from shared.kernel.decision import Decision
from shared.kernel.errors import NotFound, WrongState
from shared.kernel.event import Event, event_id

MAX_BLOCKED = 500


class OrderNotFound(NotFound):
    """The merchant has no such order."""

    code = "ORDER_NOT_FOUND"
    detail = "Your merchant has no such order. Check the order id."


class BlockNotFound(NotFound):
    """The merchant has not blocked this customer."""

    code = "BLOCK_NOT_FOUND"
    detail = "Your merchant has not blocked this customer."


class TooManyBlocks(WrongState):
    """The merchant has reached the limit of blocked customers."""

    code = "TOO_MANY_BLOCKS"
    detail = "Your merchant has blocked 500 customers, which is the limit. Remove a block or contact support."


@dataclass(frozen=True, slots=True)
class Block:
    """A customer (`uid`) whose new orders a merchant refuses.

    `order_id` is the order that was the reason, `by` the member of staff who added the block.
    """

    uid: str
    order_id: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BlockState:
    """A merchant and its block of one customer. The block is None where there is none."""

    merchant: Merchant
    block: Block | None


BlockDecision = Decision[BlockState, Block | None]


def add_block(merchant: Merchant, existing: Block | None, block: Block) -> BlockDecision:
    """Return the merchant with the block, and its event. An existing block does not change.

    Raises `TooManyBlocks`.
    """
    if existing:
        return _decided(merchant, existing)
    if merchant.blocked >= MAX_BLOCKED:
        raise TooManyBlocks
    event = CustomerBlocked(
        id=event_id(merchant.id, "customer_blocked", block.uid, block.at.isoformat()),
        at=block.at,
        actor=block.by,
        merchant_id=merchant.id,
        customer_id=block.uid,
    )
    return _decided(replace(merchant, blocked=merchant.blocked + 1), block, event)


def remove_block(merchant: Merchant, existing: Block | None) -> BlockDecision:
    """Return the merchant without the block. Raises `BlockNotFound`."""
    if existing is None:
        raise BlockNotFound
    return _decided(replace(merchant, blocked=max(0, merchant.blocked - 1)), None)


def _decided(merchant: Merchant, block: Block | None, *events: Event) -> BlockDecision:
    return Decision(BlockState(merchant, block), events, block)
