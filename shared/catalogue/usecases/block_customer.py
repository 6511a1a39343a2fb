"""Block a customer of a merchant, or remove the block."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.catalogue.access import MerchantAccess, for_staff
from shared.catalogue.blocks import Block, BlockDecision, OrderNotFound, add_block, remove_block
from shared.catalogue.ports import BlockStore, MerchantStore


@dataclass(frozen=True, slots=True)
class BlockCustomer:
    """Block the customer of `order_id`; `uid` is a member of the merchant's staff."""

    uid: str
    merchant_id: str
    order_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnblockCustomer:
    """Remove the block of a customer; `uid` is a member of the merchant's staff."""

    uid: str
    merchant_id: str
    customer_id: str


async def block_customer(
    command: BlockCustomer, *, merchants: MerchantStore, blocks: BlockStore, now: datetime
) -> Block:
    """Store a block of the customer and return it. To block a customer twice changes nothing.

    Orders release what the customer has not paid, after the event.

    Raises `MerchantNotFound`, `OrderNotFound`, `TooManyBlocks`.
    """
    shop = for_staff(await merchants.access(command.merchant_id, command.uid))
    customer = await blocks.customer_of(shop.id, command.order_id)
    if customer is None:
        raise OrderNotFound
    block = Block(customer, command.order_id, command.reason, command.uid, now)

    def decide(access: MerchantAccess, existing: Block | None) -> BlockDecision:
        return add_block(for_staff(access), existing, block)

    return await blocks.change(shop.id, command.uid, customer, decide) or block


async def unblock_customer(command: UnblockCustomer, *, blocks: BlockStore) -> None:
    """Remove the block of the customer. Raises `MerchantNotFound`, `BlockNotFound`."""

    def decide(access: MerchantAccess, existing: Block | None) -> BlockDecision:
        return remove_block(for_staff(access), existing)

    await blocks.change(command.merchant_id, command.uid, command.customer_id, decide)
