"""SLA monitoring: a reminder, then a delay that operators see; no order ends by it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.orders import ORDERS, FirestoreOrders
from shared.kernel.actor import Role
from shared.kernel.order import AssignmentState, Business, Fulfilment
from shared.orders.businesses import POLICIES
from shared.orders.businesses.policy import Step
from shared.orders.domain import Assignment, Order, TimelineEntry
from shared.orders.sla import check_sla, next_sla_check_at
from shared.orders.timeouts import enter
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.unit.orders.batches import Counts, sweep_at
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("C4")

MINUTE = timedelta(minutes=1)
BEGUN = {
    "confirmed": "order_confirmed",
    "preparing": "order_preparing",
    "ready": "driver_assigned",
    "picked_up": "order_picked_up",
    "in_transit": "order_in_transit",
    "arrived": "order_arrived",
}
MONITORED = [(business, state) for business, policy in POLICIES.items() for state in policy.sla]


class Sweeps:
    """A database with one order in it, which entered its state just now, and the sweeper."""

    def __init__(self, database: MemoryDatabase, orders: FirestoreOrders) -> None:
        self.database, self.orders = database, orders

    def seed(self, business: Business, state: Fulfilment, **changes: Any) -> Order:
        entered = enter(order_of(business, state, assignment=_driver(), **changes), state, NOW)
        seeded = replace(entered, timeline=_history(state, NOW))
        self.database.seed(ORDERS.path(ORDER_ID), to_document(seeded) | {"version": 1})
        return seeded

    async def at(self, time: datetime) -> Counts:
        return await sweep_at(self.orders, time)

    async def until(self, time: datetime) -> None:
        """Sweep every minute up to just before a time."""
        now = NOW
        while now < time:
            await self.at(now)
            now += max(MINUTE, (time - NOW) / 50)

    async def order(self) -> Order:
        return await self.orders.get(ORDER_ID)


@pytest.fixture
def sweeps(database: MemoryDatabase, orders: FirestoreOrders) -> Sweeps:
    return Sweeps(database, orders)


def _driver(uid: str = DRIVER) -> Assignment:
    return Assignment(AssignmentState.ASSIGNED, driver_id=uid, since=NOW)


def _history(state: Fulfilment, at: datetime) -> tuple[TimelineEntry, ...]:
    return (TimelineEntry(1, "evt_1", BEGUN[state], at, "x"),)


def _expected(order: Order) -> timedelta:
    minutes = {
        Fulfilment.PREPARING: order.prep_minutes,
        Fulfilment.IN_TRANSIT: order.eta_minutes - order.prep_minutes,
    }
    return timedelta(minutes=minutes.get(order.fulfilment, 0))


@pytest.mark.parametrize(("business", "state"), MONITORED)
async def test_one_reminder_is_raised_and_then_the_order_is_delayed_once(
    sweeps: Sweeps, bus: MemoryBus, business: Business, state: Fulfilment
) -> None:
    seeded, threshold = sweeps.seed(business, state), POLICIES[business].sla[state]
    reminder_after = NOW + _expected(seeded) + threshold.reminder_after
    late = NOW + _expected(seeded) + threshold.delayed_after
    await sweeps.until(reminder_after)
    assert bus.names() == []

    for _ in range(2):
        await asyncio.gather(*(sweeps.at(reminder_after) for _ in range(3)))
    assert bus.names() == ["order_reminder_raised"]
    assert (await sweeps.order()).delayed_since is None

    await sweeps.at(late - timedelta(seconds=1))
    for _ in range(2):
        await asyncio.gather(*(sweeps.at(late) for _ in range(3)))
    await sweeps.at(late + timedelta(hours=1))

    assert bus.names() == ["order_reminder_raised", "order_delayed"]
    after = await sweeps.order()
    assert (after.fulfilment, after.delayed_since) == (state, late)
    assert [entry.type for entry in after.timeline][1:] == bus.names()


def test_the_event_names_the_responsible_role() -> None:
    later = NOW + timedelta(days=9)
    for business, state in MONITORED:
        order = order_of(business, state, timeline=_history(state, NOW))
        found = check_sla(order, later)
        assert found is not None
        event: Any = found.events[0]
        cooks = business is not Business.P2P and state in (Fulfilment.CONFIRMED, Fulfilment.PREPARING)
        assert event.responsible_role == (Role.MERCHANT if cooks else order.policy.carrier)
        assert (event.state, event.customer_id, event.driver_id) == (state, CUSTOMER, DRIVER)


async def test_the_next_step_ends_the_delay(sweeps: Sweeps, bus: MemoryBus) -> None:
    sweeps.seed(Business.FOOD, Fulfilment.CONFIRMED)
    late = NOW + POLICIES[Business.FOOD].sla[Fulfilment.CONFIRMED].delayed_after
    await sweeps.at(late)
    assert bus.names() == ["order_delayed"]

    step = AdvanceOrder(STAFF, ORDER_ID, Step.PREPARE)
    after = await advance_order(step, orders=sweeps.orders, now=late)

    assert (after.delayed_since, after.reminded_at) == (None, None)
    assert (
        after.next_check_at
        == late + 15 * MINUTE + POLICIES[Business.FOOD].sla[Fulfilment.PREPARING].reminder_after
    )


async def test_a_new_driver_has_the_full_time_again(sweeps: Sweeps, bus: MemoryBus) -> None:
    threshold = POLICIES[Business.FOOD].sla[Fulfilment.READY]
    sweeps.seed(Business.FOOD, Fulfilment.READY)
    await sweeps.until(NOW + threshold.delayed_after + 15 * MINUTE)
    assert bus.names() == ["order_reminder_raised", "order_delayed"]

    stored = await sweeps.order()
    at = NOW + 2 * threshold.delayed_after
    another = TimelineEntry(stored.version + 1, "evt_9", "driver_assigned", at, "driver-2")
    given = replace(
        stored,
        assignment=replace(_driver("driver-2"), since=at),
        timeline=(*stored.timeline, another),
        version=stored.version + 1,
    )
    sweeps.database.seed(ORDERS.path(ORDER_ID), to_document(given))

    await sweeps.at(at + threshold.reminder_after - timedelta(seconds=1))
    assert len(bus.names()) == 2
    await sweeps.at(at + threshold.reminder_after + 10 * MINUTE)
    assert [event["driver_id"] for event in bus.fields("order_reminder_raised")] == [DRIVER, "driver-2"]


async def test_monitoring_starts_soon_after_a_driver_was_assigned(sweeps: Sweeps, bus: MemoryBus) -> None:
    sweeps.seed(Business.FOOD, Fulfilment.READY)
    searching = replace(await sweeps.order(), assignment=Assignment(AssignmentState.SEARCHING))
    patience = POLICIES[Business.FOOD].timeouts.without_driver
    assert patience is not None
    assert next_sla_check_at(searching) is None
    sweeps.database.seed(ORDERS.path(ORDER_ID), to_document(searching))
    for minute in range(0, 40, 10):
        await sweeps.at(NOW + minute * MINUTE)
    assert bus.names() == []

    taken = TimelineEntry(2, "evt_2", "driver_assigned", NOW + 40 * MINUTE, DRIVER)
    stored = await sweeps.order()
    given = replace(stored, assignment=_driver(), timeline=(*stored.timeline, taken), version=2)
    sweeps.database.seed(ORDERS.path(ORDER_ID), to_document(given))
    for minute in range(40, 71):
        await sweeps.at(NOW + minute * MINUTE)
    assert bus.names() == ["order_reminder_raised"]
    assert (await sweeps.order()).fulfilment is Fulfilment.READY


@pytest.mark.parametrize("state", [Fulfilment.PICKED_UP, Fulfilment.IN_TRANSIT, Fulfilment.ARRIVED])
async def test_fault_05_food_that_nobody_carries_on_is_returned_by_itself_and_its_money_goes_back(
    sweeps: Sweeps, bus: MemoryBus, state: Fulfilment
) -> None:
    sweeps.seed(Business.FOOD, state)
    ended = NOW
    while (await sweeps.order()).fulfilment is not Fulfilment.RETURNED:
        order = await sweeps.order()
        assert order.next_check_at is not None, "an open order is always due"
        ended = max(order.next_check_at, ended + MINUTE)
        await sweeps.at(ended)
    assert ended - NOW <= timedelta(hours=31)
    assert bus.names()[-2:] == ["order_returning", "order_returned"]
    assert bus.fields("order_returned")[0]["cancellation_fee"] == 0


async def test_fault_05_an_order_that_its_driver_never_picks_up_is_cancelled_in_the_end(
    sweeps: Sweeps, bus: MemoryBus
) -> None:
    sweeps.seed(Business.FOOD, Fulfilment.READY)
    for hour in range(1, 8):
        assert (await sweeps.order()).next_check_at is not None
        await sweeps.at(NOW + hour * timedelta(hours=1))
        if (await sweeps.order()).fulfilment is Fulfilment.CANCELLED:
            break
    assert bus.names()[-1] == "order_cancelled"
    assert bus.fields("order_cancelled")[0]["reason"] == "not_picked_up"
