"""Customers that a merchant has blocked, when they order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.adapters.firestore.catalogue import FirestoreMerchants
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.database import Snapshot
from shared.adapters.firestore.recurrences import FirestoreRecurrences
from shared.adapters.firestore.shop_blocks import FirestoreShopBlocks
from shared.catalogue.usecases.block_customer import (
    BlockCustomer,
    UnblockCustomer,
    block_customer,
    unblock_customer,
)
from shared.kernel.batch import Batch
from shared.kernel.ids import new_id
from shared.kernel.order import Fulfilment
from shared.orders.businesses.policy import Step
from shared.orders.pricing import ItemRequest
from shared.orders.quotes import CustomerBlocked
from shared.orders.recurrences.domain import RecurrenceRules
from shared.orders.recurrences.usecases.place_occurrences import PlacementPorts, place_occurrences
from shared.orders.recurrences.usecases.start_recurrence import StartRecurrence, start_recurrence
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from tests.builders import CUSTOMER, NOW, STAFF
from tests.fakes.database import MemoryDatabase
from tests.unit.orders.world import HOME, ORDERING, World

pytestmark = pytest.mark.mission("A7", "C1")

TOMORROW = NOW + timedelta(days=1)


class Noting(MemoryDatabase):
    """Keeps what was read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    async def get_all(self, paths: Sequence[str]) -> dict[str, Snapshot]:
        self.read += paths
        return await super().get_all(paths)


class Shop(World):
    """The world of orders, with what a merchant does about its customers."""

    def __init__(self) -> None:
        self.noting = Noting()
        super().__init__(self.noting)
        self.store = DocumentStore(self.database, self.bus)
        self.blocks, self.merchants = FirestoreShopBlocks(self.store), FirestoreMerchants(self.store)
        self.recurrences = FirestoreRecurrences(self.store)

    async def block(self, order_id: str) -> None:
        command = BlockCustomer(STAFF, "mer_1", order_id, "Rude")
        await block_customer(command, merchants=self.merchants, blocks=self.blocks, now=NOW)

    async def unblock(self) -> None:
        await unblock_customer(UnblockCustomer(STAFF, "mer_1", CUSTOMER), blocks=self.blocks)

    async def again(self) -> str:
        """Order something for every day; return the recurring order's id."""
        wanted = StartRecurrence(
            CUSTOMER, "mer_1", [ItemRequest("dosa", 1)], HOME, 0, "FREQ=DAILY", "Asia/Kolkata", TOMORROW
        )
        started = await start_recurrence(
            wanted,
            catalogue=self.catalogue,
            recurrences=self.recurrences,
            rules=RecurrenceRules(),
            ordering=ORDERING,
            now=NOW,
            new_id=new_id,
        )
        return started.id


@pytest.fixture
def world() -> Shop:
    return Shop()


async def test_a_blocked_customer_gets_no_quote_until_the_block_is_removed(world: Shop) -> None:
    placed = await world.place((await world.quote()).id)
    await world.block(placed.id)
    with pytest.raises(CustomerBlocked):
        await world.quote()

    await world.unblock()
    assert await world.quote()


async def test_a_quote_from_before_the_block_cannot_be_placed(world: Shop) -> None:
    placed, held = await world.place((await world.quote()).id), await world.quote()
    await world.block(placed.id)
    with pytest.raises(CustomerBlocked):
        await world.place(held.id)
    assert list(world.database.collection("orders")) == [placed.id]

    await world.unblock()
    assert await world.place(held.id)


async def test_an_order_from_before_the_block_continues(world: Shop) -> None:
    placed = await world.place((await world.quote()).id)
    world.pay(placed)
    await world.block(placed.id)

    command = AdvanceOrder(STAFF, placed.id, Step.CONFIRM)
    moved = await advance_order(command, orders=world.orders, now=NOW)
    assert moved.fulfilment is Fulfilment.CONFIRMED


async def test_a_block_affects_no_other_customer(world: Shop) -> None:
    placed = await world.place((await world.quote()).id)
    world.seed(replace(placed, id="ord_other", customer_id="dev"))
    await world.block("ord_other")

    assert await world.place((await world.quote()).id)


async def test_a_recurrence_skips_the_occurrences_of_a_blocked_customer_and_records_the_reason(
    world: Shop,
) -> None:
    placed = await world.place((await world.quote()).id)
    recurrence_id = await world.again()
    await world.block(placed.id)

    ports = PlacementPorts(world.catalogue, world.quotes, world.recurrences, RecurrenceRules(), ORDERING)
    late = TOMORROW - timedelta(hours=2)
    result = await place_occurrences(ports=ports, batch=Batch(clock=lambda: late), new_id=new_id)

    found = await world.recurrences.find(recurrence_id)
    assert found
    assert (result.seen, result.done, found.skipped) == (1, 0, "CUSTOMER_BLOCKED")
    with pytest.raises(CustomerBlocked):
        await world.again()


async def test_a_merchant_without_blocks_costs_no_extra_read(world: Shop) -> None:
    await world.place((await world.quote()).id)

    assert [path for path in world.noting.read if "/blocks/" in path] == []
