"""One suite for merchants' blocks and what ordering sees of them: every database alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.firestore.orders import FirestoreOrders
from shared.adapters.firestore.shop_blocks import FirestoreShopBlocks
from shared.adapters.firestore.shops import FirestoreCatalogue
from shared.catalogue.access import MerchantAccess, for_staff, owner_membership
from shared.catalogue.blocks import Block, BlockDecision, BlockNotFound, add_block, remove_block
from shared.orders.domain import OrderDecision, decided
from shared.orders.ports import PlacementContext
from tests.builders import CUSTOMER, NOW, ORDER_ID, STAFF, order, quote
from tests.contract.stores import Ground
from tests.unit.catalogue.shops import shop

pytestmark = pytest.mark.mission("A7")

BLOCK = Block(CUSTOMER, ORDER_ID, "Rude", STAFF, NOW)
LATER = replace(BLOCK, uid="dev", at=NOW + timedelta(minutes=1))


async def put(blocks: FirestoreShopBlocks, block: Block) -> Block | None:
    def decide(access: MerchantAccess, existing: Block | None) -> BlockDecision:
        return add_block(for_staff(access), existing, block)

    return await blocks.change("mer_1", "staff", block.uid, decide)


async def take_back(blocks: FirestoreShopBlocks, uid: str) -> Block | None:
    def decide(access: MerchantAccess, existing: Block | None) -> BlockDecision:
        return remove_block(for_staff(access), existing)

    return await blocks.change("mer_1", "staff", uid, decide)


@pytest.fixture
async def blocks(ground: Ground) -> FirestoreShopBlocks:
    await ground.put("merchants/mer_1", shop("mer_1"))
    await ground.put("merchants/mer_1/staff/staff", owner_membership(shop("mer_1")))
    return FirestoreShopBlocks(ground.documents)


async def counted(ground: Ground) -> int:
    return int((await ground.data("merchants/mer_1") or {})["blocked"])


async def test_a_block_is_kept_once_counted_listed_and_gone(
    ground: Ground, blocks: FirestoreShopBlocks
) -> None:
    await asyncio.gather(*(put(blocks, block) for block in (BLOCK, BLOCK, LATER)))
    assert await put(blocks, replace(BLOCK, reason="Other")) == BLOCK
    assert await counted(ground) == 2
    assert await blocks.blocks("mer_1", 10, None) == [LATER, BLOCK]
    assert await blocks.blocks("mer_1", 10, (LATER.at, "dev")) == [BLOCK]

    assert await take_back(blocks, CUSTOMER) is None
    with pytest.raises(BlockNotFound):
        await take_back(blocks, CUSTOMER)
    assert (await counted(ground), await blocks.blocks("mer_1", 10, None)) == (1, [LATER])


async def test_a_count_that_was_overtaken_is_made_again(ground: Ground, blocks: FirestoreShopBlocks) -> None:
    ground.database.overtake("merchants/mer_1", blocked=7)
    await put(blocks, BLOCK)
    assert await counted(ground) == 8


async def test_an_order_names_its_customer_to_its_own_merchant(
    ground: Ground, blocks: FirestoreShopBlocks
) -> None:
    await ground.put(f"orders/{ORDER_ID}", order())
    assert await blocks.customer_of("mer_1", ORDER_ID) == CUSTOMER
    assert await blocks.customer_of("mer_2", ORDER_ID) is None
    assert await blocks.customer_of("mer_1", "ord_9") is None


async def test_ordering_sees_who_is_blocked(ground: Ground, blocks: FirestoreShopBlocks) -> None:
    catalogue, orders = FirestoreCatalogue(ground.database), FirestoreOrders(ground.documents)
    await ground.put("quotes/quo_1", quote())
    seen: list[tuple[bool, bool, bool]] = []

    async def look(order_id: str) -> None:
        found = await catalogue.shop("mer_1", quote().dropoff)
        assert found
        says = await catalogue.has_blocked("mer_1", CUSTOMER)

        def decide(context: PlacementContext) -> OrderDecision:
            seen.append((found.blocks, says, context.blocked))
            return decided(order(id=order_id))

        await orders.place("quo_1", order_id, decide, None)

    await look("ord_1")
    await put(blocks, LATER)
    await look("ord_2")
    await put(blocks, BLOCK)
    await look("ord_3")
    assert seen == [(False, False, False), (True, False, False), (True, True, True)]
