"""The staff takes no more orders from a customer, or takes that back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.blocks import Block, Blocked, OrderNotFound, blocked, unblocked
from shared.catalogue.domain import Merchant, run_by
from shared.catalogue.ports import BlockBook, MerchantStore


@dataclass(frozen=True, slots=True)
class BlockCustomer:
    """Who (`uid`) blocks, for which merchant, the customer of which of its orders, and why."""

    uid: str
    merchant_id: str
    order_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnblockCustomer:
    """Who (`uid`) takes back which merchant's block of which customer."""

    uid: str
    merchant_id: str
    customer_id: str


async def block_customer(
    command: BlockCustomer, *, merchants: MerchantStore, blocks: BlockBook, now: datetime
) -> Block:
    """Take no orders from the customer from now on, and return the block; a second time changes nothing.

    Raises `MerchantNotFound` for strangers, `OrderNotFound`, `TooManyBlocks`.
    """
    shop = run_by(await merchants.find(command.merchant_id), command.uid)
    customer = await blocks.customer_of(shop.id, command.order_id)
    if customer is None:
        raise OrderNotFound
    wanted = Block(customer, command.order_id, command.reason, command.uid, now)

    def decide(merchant: Merchant | None, stands: Block | None) -> Blocked:
        return blocked(run_by(merchant, command.uid), stands, wanted)

    return await blocks.change(shop.id, customer, decide) or wanted


async def unblock_customer(command: UnblockCustomer, *, blocks: BlockBook) -> None:
    """Take orders from the customer again. Raises `MerchantNotFound` for strangers, `BlockNotFound`."""

    def decide(merchant: Merchant | None, stands: Block | None) -> Blocked:
        return unblocked(run_by(merchant, command.uid), stands), None

    await blocks.change(command.merchant_id, command.customer_id, decide)
