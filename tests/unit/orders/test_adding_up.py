"""Consistency under concurrency: stock and capacity, and the price from the menu to the bank."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from random import Random

import pytest

from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.database import CommitUnknown, Write
from shared.adapters.firestore.orders import ORDERS
from shared.adapters.firestore.payments import FirestorePayments
from shared.kernel.errors import DomainError
from shared.kernel.subject import ChargeKind, SubjectRef
from shared.orders.businesses.policy import Step
from shared.orders.domain import Order
from shared.orders.pricing import ItemRequest
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from shared.orders.usecases.cancel_order import CancelOrder, cancel_order
from shared.payments.domain import Method
from shared.payments.usecases.handle_webhook import handle_webhook
from shared.payments.usecases.start_payment import StartPayment, start_payment
from tests.builders import CUSTOMER, NOW, STAFF
from tests.fakes.admission import admit_always
from tests.fakes.interleaving import InterleavingDatabase
from tests.fakes.payments import FakeGateway
from tests.unit.orders.batches import sweep_at
from tests.unit.orders.world import MENU, World

pytestmark = pytest.mark.mission("B2", "C1")

CAKES, PLACES = 10, 3
SHELF, LOAD = "merchants/mer_1/stock/cake", "merchants/mer_1/capacity/load"


class Forgetful(InterleavingDatabase):
    """Loses every fifth answer, of a commit that it applied or not; looks after each what is left."""

    def __init__(self, chance: Random) -> None:
        super().__init__()
        self._chance = chance

    async def commit(self, writes: Sequence[Write]) -> None:
        lost = self._chance.random() < 0.2
        if lost and self._chance.random() < 0.5:
            raise CommitUnknown
        await super().commit(writes)
        self.check()
        if lost:
            raise CommitUnknown

    def check(self) -> None:
        orders = self.collection("orders").values()
        held = sum(kept["quantity"] for order in orders for kept in order["reserved"])
        assert self.data(SHELF)["on_hand"] == CAKES - held >= 0
        active = self.data(LOAD)["active"] if LOAD in self.docs else 0
        assert active == sum(order["holds_slot"] for order in orders) <= PLACES


def _life(world: World, chance: Random) -> Callable[[], Awaitable[None]]:
    """Place an order, and apply random steps to it."""

    async def cancel(order: Order) -> None:
        await cancel_order(CancelOrder(CUSTOMER, order.id, ""), orders=world.orders, now=NOW)

    async def pay(order: Order) -> None:
        world.pay(order)

    async def sweep(_: Order) -> None:
        await sweep_at(world.orders, NOW.replace(hour=13))

    def take(step: Step) -> Callable[[Order], Awaitable[None]]:
        async def taken(order: Order) -> None:
            await advance_order(AdvanceOrder(STAFF, order.id, step), orders=world.orders, now=NOW)

        return taken

    acts = [cancel, pay, pay, sweep, *map(take, (Step.CONFIRM, Step.PREPARE, Step.READY))]

    async def life() -> None:
        with suppress(DomainError):
            placed = await world.place((await world.quote(ItemRequest("cake", chance.randint(1, 3)))).id)
            for _ in range(6):
                with suppress(DomainError):
                    await chance.choice(acts)(placed)

    return life


@pytest.mark.parametrize("seed", range(25))
async def test_stock_and_capacity_are_consistent_after_concurrent_steps_and_lost_answers(
    seed: int,
) -> None:
    chance = Random(seed)
    database = Forgetful(chance)
    world = World(database)
    world.merchant(max_open_orders=PLACES)
    world.stock("cake", CAKES)
    life = _life(world, chance)

    await asyncio.gather(*(life() for _ in range(15)))

    database.check()
    assert len(database.collection("orders")) > 1


async def test_the_bank_charges_the_servers_price_of_the_quoted_menu_version() -> None:
    world, gateway = World(), FakeGateway()
    made = await world.quote(ItemRequest("dosa", 2), tip=500)
    dearer = [item | {"price": 99_000} for item in MENU["items"]]  # type: ignore[attr-defined]
    world.database.seed("merchants/mer_1/menu/3", MENU | {"version": 3, "items": dearer})
    world.merchant(menu_version=3, prep_minutes=50)
    placed = await world.place(made.id)

    payments = FirestorePayments(DocumentStore(world.database, world.bus, clock=lambda: NOW))
    command = StartPayment(
        SubjectRef(ChargeKind.ORDER, placed.id), CUSTOMER, Method.UPI_INTENT, "+919800000001", "a@b.in"
    )
    payment = await start_payment(command, store=payments, gateway=gateway, admit=admit_always, now=NOW)
    gateway.pay(payment.link)
    for event in gateway.webhooks:
        await handle_webhook(event, store=payments, now=NOW)

    [price] = [item["price"] for item in MENU["items"] if item["id"] == "dosa"]  # type: ignore[attr-defined]
    paid, amounts = world.database.data(ORDERS.path(placed.id))["payment"], made.amounts
    assert (placed.menu_version, amounts.items) == (2, 2 * price)
    fees = amounts.delivery_fee + amounts.small_order_fee + amounts.tax + amounts.tip
    assert (paid["state"], paid["captured"]) == ("captured", 2 * price + fees)
    [bill] = gateway.bills.values()
    assert (bill.request.amount.amount, bill.charge.amount.amount) == (paid["captured"], paid["captured"])
