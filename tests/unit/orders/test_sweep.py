"""The sweeper: it ends orders whose timeouts expired, and leaves the others alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import httpx
import pytest

from functions.orders_cron.main import app
from shared.adapters.firestore.change import DocumentStore
from shared.adapters.firestore.codec import to_document
from shared.adapters.firestore.database import CommitUnknown, Write
from shared.adapters.firestore.orders import ORDERS, FirestoreOrders
from shared.edge import oidc
from shared.kernel.actor import SYSTEM, Actor, Role
from shared.kernel.batch import DEFAULT_LIMITS, Limits
from shared.kernel.order import AssignmentState, Business, Fulfilment, PaymentState
from shared.orders.businesses import POLICIES
from shared.orders.businesses.policy import Step
from shared.orders.cancellation import cancel
from shared.orders.domain import Assignment, Order, Payment, Reserved, TimelineEntry
from shared.orders.sla import next_sla_check_at
from shared.orders.timeouts import enter, expired_timeout, first_check_at, next_check_at
from shared.orders.transitions import advance
from shared.orders.usecases import sweep_orders as sweeper
from shared.orders.usecases.advance_order import AdvanceOrder, advance_order
from shared.orders.usecases.sweep_orders import STEP_ON_TIMEOUT
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF
from tests.fakes.bus import MemoryBus
from tests.fakes.database import MemoryDatabase
from tests.fakes.runtime import FakeRuntime, run_on
from tests.unit.orders.batches import Counts, sweep_at
from tests.unit.orders.machines import order_of

pytestmark = pytest.mark.mission("C4")

MINUTE = timedelta(minutes=1)
WAITING = (
    Fulfilment.PLACED,
    Fulfilment.CONFIRMED,
    Fulfilment.PREPARING,
    Fulfilment.READY,
    Fulfilment.FAILED,
    Fulfilment.RETURNING,
)
UNPAID = Payment(PaymentState.PENDING, "pay_1")
SEARCHING = Assignment(AssignmentState.SEARCHING)


def happened(*what: tuple[str, datetime]) -> tuple[TimelineEntry, ...]:
    return tuple(TimelineEntry(n, f"evt_{n}", type_, at, "x") for n, (type_, at) in enumerate(what, start=1))


def placed(*, paid_at: datetime | None = None, **changes: Any) -> Order:
    """Return an order that was placed just now and is checked when its first timeout can expire."""
    what = [("order_placed", NOW)] + ([("payment_captured", paid_at)] if paid_at else [])
    given = {
        "timeline": happened(*what),
        "next_check_at": first_check_at(POLICIES[Business.FOOD], Fulfilment.PLACED, NOW),
        "assignment": Assignment(),
    } | ({} if paid_at else {"payment": UNPAID})
    return order_of(Business.FOOD, Fulfilment.PLACED, **(given | changes))


def ready(business: Business = Business.FOOD, assignment: Assignment = SEARCHING) -> Order:
    """Return an order that became ready just now."""
    before = order_of(business, Fulfilment.PREPARING, assignment=assignment)
    return replace(enter(before, Fulfilment.READY, NOW), timeline=happened(("order_ready", NOW)))


class Sweeps:
    """A database with orders in it, and the sweeper."""

    def __init__(self, database: MemoryDatabase, orders: FirestoreOrders) -> None:
        self._database, self._orders = database, orders

    def seed(self, *orders: Order) -> None:
        for order in orders:
            self._database.seed(ORDERS.path(order.id), to_document(order))

    async def at(self, minutes: float, limits: Limits = DEFAULT_LIMITS) -> Counts:
        return await sweep_at(self._orders, NOW + minutes * MINUTE, limits)

    def state(self, order_id: str = ORDER_ID) -> str:
        return str(self._database.data(ORDERS.path(order_id))["fulfilment"])


@pytest.fixture
def sweeps(database: MemoryDatabase, orders: FirestoreOrders) -> Sweeps:
    return Sweeps(database, orders)


async def test_the_system_cancels_an_order_that_is_not_paid_in_fifteen_minutes(
    sweeps: Sweeps, bus: MemoryBus, database: MemoryDatabase
) -> None:
    sweeps.seed(placed())
    for minute in range(15):
        await sweeps.at(minute)
    assert sweeps.state() == "placed"

    assert await sweeps.at(15) == (1, 1, 0)

    assert sweeps.state() == "cancelled"
    [event] = bus.fields("order_cancelled")
    assert (event["reason"], event["actor"], event["role"]) == ("unpaid", "system", "system")
    assert (event["customer_id"], event["merchant_id"]) == (CUSTOMER, "mer_1")
    assert database.data(ORDERS.path(ORDER_ID))["next_check_at"] is None


async def test_an_order_that_is_not_confirmed_ten_minutes_after_its_payment_is_refunded_in_full(
    sweeps: Sweeps, bus: MemoryBus
) -> None:
    sweeps.seed(placed(paid_at=NOW + 12 * MINUTE))
    for minute in range(22):
        await sweeps.at(minute)
    assert sweeps.state() == "placed"

    await sweeps.at(22)

    [event] = bus.fields("order_cancelled")
    assert (event["reason"], event["cancellation_fee"], event["payment_id"]) == ("unconfirmed", 0, "pay_1")


@pytest.mark.parametrize("state", [Fulfilment.CONFIRMED, Fulfilment.PREPARING])
async def test_an_order_that_is_never_made_ready_reaches_operators_and_is_refunded_in_full_in_the_end(
    sweeps: Sweeps, bus: MemoryBus, database: MemoryDatabase, state: Fulfilment
) -> None:
    entered = enter(order_of(Business.FOOD, Fulfilment.PLACED), state, NOW)
    sweeps.seed(replace(entered, timeline=happened((f"order_{state}", NOW))))
    for minute in range(0, 6 * 60, 5):
        await sweeps.at(minute)
    assert (sweeps.state(), bus.names()) == (state, ["order_reminder_raised", "order_delayed"])
    assert database.data(ORDERS.path(ORDER_ID))["delayed_since"] is not None

    await sweeps.at(6 * 60)

    assert sweeps.state() == "cancelled"
    [event] = bus.fields("order_cancelled")
    assert (event["reason"], event["role"], event["cancellation_fee"]) == ("not_prepared", "system", 0)
    assert event["payment_id"] == "pay_1", "which payments refund"
    assert database.data(ORDERS.path(ORDER_ID))["delayed_since"] is None


async def test_the_time_to_prepare_begins_anew_when_the_merchant_acts(sweeps: Sweeps) -> None:
    begun = enter(order_of(Business.FOOD, Fulfilment.CONFIRMED), Fulfilment.PREPARING, NOW)
    hour = timedelta(hours=1)
    sweeps.seed(
        replace(begun, timeline=happened(("order_confirmed", NOW - 5 * hour), ("order_preparing", NOW)))
    )
    await sweeps.at(2 * 60)
    assert sweeps.state() == "preparing"


async def test_an_order_without_a_driver_for_an_hour_is_refunded_in_full(
    sweeps: Sweeps, bus: MemoryBus
) -> None:
    sweeps.seed(ready())
    await sweeps.at(59)
    assert sweeps.state() == "ready"

    await sweeps.at(60)

    [event] = bus.fields("order_cancelled")
    assert (event["reason"], event["cancellation_fee"]) == ("without_driver", 0)


async def test_an_order_with_a_driver_does_not_expire_until_the_driver_is_released(
    sweeps: Sweeps, database: MemoryDatabase
) -> None:
    assigned = Assignment(AssignmentState.ASSIGNED, driver_id=DRIVER)
    sweeps.seed(ready(assignment=assigned))
    for minute in range(55, 100):
        await sweeps.at(minute)
    assert sweeps.state() == "ready"

    stored = database.data(ORDERS.path(ORDER_ID))
    database.seed(ORDERS.path(ORDER_ID), stored | {"assignment": to_document(SEARCHING)})
    for minute in range(100, 111):
        await sweeps.at(minute)
    assert sweeps.state() == "cancelled"


async def test_returning_goods_count_as_returned_after_a_day(sweeps: Sweeps, bus: MemoryBus) -> None:
    back = enter(order_of(Business.FOOD, Fulfilment.FAILED), Fulfilment.RETURNING, NOW)
    sweeps.seed(replace(back, timeline=happened(("order_returning", NOW))))
    await sweeps.at(24 * 60 - 1)
    assert sweeps.state() == "returning"

    await sweeps.at(24 * 60)

    assert (sweeps.state(), bus.names()) == ("returned", ["order_returned"])


async def test_a_failed_delivery_returns_when_the_driver_does_not_act_for_two_hours(
    sweeps: Sweeps, bus: MemoryBus
) -> None:
    failed = enter(order_of(Business.FOOD, Fulfilment.FAILED), Fulfilment.FAILED, NOW)
    sweeps.seed(replace(failed, timeline=happened(("order_delivery_failed", NOW))))
    await sweeps.at(119)
    assert sweeps.state() == "failed"

    await sweeps.at(120)

    assert sweeps.state() == "returning"
    [event] = bus.fields("order_returning")
    assert (event["actor"], event["driver_id"]) == ("system", DRIVER)
    await sweeps.at(120 + 24 * 60)
    assert sweeps.state() == "returned"


async def test_the_timeouts_of_a_scheduled_order_start_with_its_activation(sweeps: Sweeps) -> None:
    waiting = order_of(Business.FOOD, Fulfilment.SCHEDULED, payment=UNPAID, placed_at=NOW - timedelta(days=3))
    active = advance(waiting, Step.ACTIVATE, SYSTEM, NOW).state
    sweeps.seed(replace(active, timeline=happened(("order_activated", NOW))))
    await sweeps.at(14)
    assert sweeps.state() == "placed"
    await sweeps.at(15)
    assert sweeps.state() == "cancelled"


async def test_a_scheduled_order_that_is_paid_late_is_activated_at_the_next_run(
    sweeps: Sweeps, database: MemoryDatabase
) -> None:
    soon = order_of(
        Business.FOOD,
        Fulfilment.SCHEDULED,
        payment=UNPAID,
        placed_at=NOW,
        scheduled_for=NOW + 46 * MINUTE,
        eta_minutes=43,
        next_check_at=NOW - 7 * MINUTE,
    )
    sweeps.seed(soon)
    await sweeps.at(0)
    assert sweeps.state() == "scheduled"

    path = ORDERS.path(ORDER_ID)
    stored = database.data(path)
    database.seed(path, {**stored, "payment": {**stored["payment"], "state": "captured"}})
    await sweeps.at(1)

    assert sweeps.state() == "placed"


@pytest.mark.parametrize("business", Business)
@pytest.mark.parametrize(
    "state",
    ["delivered", "returned", "cancelled"],
)
def test_no_other_state_has_a_timeout(business: Business, state: str) -> None:
    order, later = order_of(business, Fulfilment(state)), NOW + timedelta(days=400)
    assert first_check_at(POLICIES[business], Fulfilment(state), NOW) is None
    assert expired_timeout(order, later) is None
    assert next_check_at(order, later) == next_sla_check_at(order)


@pytest.mark.parametrize(("business", "paid"), list(product(Business, [True, False])))
def test_the_system_may_end_every_expired_timeout_and_checks_are_in_the_future(
    business: Business, paid: bool
) -> None:
    reached = {rule.target for rule in POLICIES[business].steps.values()}
    for state in (state for state in WAITING if state in reached):
        seen: dict[str, Any] = {"assignment": SEARCHING, "delayed_since": NOW}
        order = order_of(business, state, **seen | ({} if paid else {"payment": UNPAID}))
        due_at = next_check_at(order, NOW)
        if due_at is None:
            assert expired_timeout(order, NOW + timedelta(days=400)) is None
            continue
        assert due_at > NOW
        while (reason := expired_timeout(order, due_at)) is None:
            look = next_check_at(order, due_at)
            assert look is not None
            assert look > due_at
            due_at = look
        assert expired_timeout(order, due_at - timedelta(microseconds=1)) is None
        end = (
            advance(order, STEP_ON_TIMEOUT[reason], SYSTEM, due_at)
            if reason in STEP_ON_TIMEOUT
            else cancel(order, SYSTEM, reason, due_at)
        )
        assert end.state.next_check_at == first_check_at(POLICIES[business], end.state.fulfilment, due_at)


def test_the_first_check_is_early_enough_for_every_business() -> None:
    for policy in POLICIES.values():
        first = first_check_at(policy, Fulfilment.PLACED, NOW)
        assert first == NOW + min(policy.timeouts.unpaid, policy.timeouts.unconfirmed)


async def test_of_a_late_confirmation_and_the_sweeper_one_wins(
    sweeps: Sweeps, orders: FirestoreOrders, bus: MemoryBus
) -> None:
    sweeps.seed(placed(paid_at=NOW))
    later = NOW + 10 * MINUTE
    confirm = advance_order(AdvanceOrder(STAFF, ORDER_ID, Step.CONFIRM), orders=orders, now=later)

    outcomes = await asyncio.gather(confirm, sweep_at(orders, later), return_exceptions=True)

    assert sweeps.state() in ("confirmed", "cancelled")
    assert bus.names() == [f"order_{sweeps.state()}"], outcomes


async def test_a_payment_between_the_query_and_the_commit_saves_the_order(
    sweeps: Sweeps, database: MemoryDatabase, bus: MemoryBus
) -> None:
    """The decision is made on what the commit finds, not on what the query found."""
    sweeps.seed(placed())
    paid = placed(paid_at=NOW + 15 * MINUTE, next_check_at=NOW + 10 * MINUTE)

    class Overtaken(FirestoreOrders):
        async def due(self, now: datetime, limit: int, cursor: Any = None) -> Any:
            found = await super().due(now, limit, cursor)
            sweeps.seed(paid)
            return found

    store = Overtaken(DocumentStore(database, bus, clock=lambda: NOW))
    await sweep_at(store, NOW + 15 * MINUTE)

    assert (sweeps.state(), bus.names()) == ("placed", [])
    assert database.data(ORDERS.path(ORDER_ID))["next_check_at"] == NOW + 25 * MINUTE


async def test_concurrent_sweepers_reschedule_an_order_once(sweeps: Sweeps, database: MemoryDatabase) -> None:
    sweeps.seed(placed())
    await asyncio.gather(*(sweeps.at(11) for _ in range(3)))
    assert len(database.commits) == 1


async def test_concurrent_sweepers_end_an_order_once(
    sweeps: Sweeps, orders: FirestoreOrders, bus: MemoryBus
) -> None:
    sweeps.seed(placed())
    await asyncio.gather(*(sweeps.at(15) for _ in range(2)))
    assert bus.names() == ["order_cancelled"]


async def test_a_lost_answer_causes_no_second_cancellation(
    sweeps: Sweeps, database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweeps.seed(placed())
    commit = database.commit
    lost: list[bool] = []

    async def loses_its_first_answer(writes: list[Write]) -> None:
        await commit(writes)
        if not lost:
            lost.append(True)
            raise CommitUnknown

    monkeypatch.setattr(database, "commit", loses_its_first_answer)
    assert await sweeps.at(15) == (1, 1, 0)
    assert bus.names() == ["order_cancelled"]


async def test_an_unreadable_document_stops_no_other(sweeps: Sweeps, database: MemoryDatabase) -> None:
    database.seed("orders/ord_bad", {"id": "ord_bad", "next_check_at": NOW})
    unreadable = to_document(placed(id="ord_odd", next_check_at=NOW)) | {"business": "laundry"}
    database.seed("orders/ord_odd", unreadable)
    sweeps.seed(placed())

    assert await sweeps.at(15) == (3, 1, 2)


async def test_fault_11_more_unreadable_documents_than_a_page_stop_no_other_and_are_reported(
    sweeps: Sweeps, database: MemoryDatabase
) -> None:
    for n in range(DEFAULT_LIMITS.page_size + 1):
        odd = to_document(placed(id=f"ord_odd{n}", next_check_at=NOW + n * timedelta(seconds=1)))
        database.seed(f"orders/ord_odd{n}", odd | {"business": "laundry"})
    sweeps.seed(placed())

    odd_ones = DEFAULT_LIMITS.page_size + 1
    assert await sweeps.at(15) == (odd_ones + 1, 1, odd_ones)


async def test_fault_12_two_thousand_due_orders_are_swept_in_one_run(sweeps: Sweeps) -> None:
    sweeps.seed(*(placed(id=f"ord_{n:04}", quote_id=f"quo_{n}") for n in range(2_000)))

    assert await sweeps.at(15) == (2_000, 2_000, 0)


async def test_more_orders_with_unreadable_stock_than_a_page_stop_no_other(
    sweeps: Sweeps, database: MemoryDatabase
) -> None:
    database.seed("merchants/mer_1/stock/itm_odd", {"on_hand": "some"})
    held = (Reserved("itm_odd", 1),)
    sweeps.seed(*(placed(id=f"ord_{n}", next_check_at=NOW + n * MINUTE, reserved=held) for n in range(2)))
    sweeps.seed(placed(id="ord_sound", next_check_at=NOW + 5 * MINUTE))

    assert await sweeps.at(15, Limits(page_size=2)) == (3, 1, 2)
    assert sweeps.state("ord_sound") == "cancelled"
    assert await sweeps.at(16) == (0, 0, 0), "they are due again later, after the others"
    assert await sweeps.at(25) == (2, 0, 2)


async def test_an_order_that_fails_stops_no_other(sweeps: Sweeps, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = placed(id="ord_0")
    sweeps.seed(gone, placed())
    monkeypatch.setattr(sweeper, "cancel", _refusing("ord_0"))

    assert await sweeps.at(15) == (2, 1, 1)
    assert (sweeps.state("ord_0"), sweeps.state()) == ("placed", "cancelled")
    assert await sweeps.at(16) == (0, 0, 0), "it is due again later, after the others"
    assert await sweeps.at(25) == (1, 0, 1)


def _refusing(order_id: str) -> Any:
    def cancelled(order: Order, *rest: Any) -> Any:
        actor = Actor("x", Role.DRIVER) if order.id == order_id else rest[0]
        return cancel(order, actor, *rest[1:])

    return cancelled


async def test_all_due_orders_are_processed_longest_due_first_page_by_page(
    sweeps: Sweeps, bus: MemoryBus
) -> None:
    sweeps.seed(*(placed(id=f"ord_{n}", next_check_at=NOW + (5 - n) * MINUTE) for n in range(4)))

    assert await sweeps.at(15, Limits(page_size=1)) == (4, 4, 0)
    cancelled = [event["order_id"] for event in bus.fields("order_cancelled")]
    assert cancelled == ["ord_3", "ord_2", "ord_1", "ord_0"]


async def test_a_check_without_effect_costs_one_write_and_then_none(
    sweeps: Sweeps, database: MemoryDatabase
) -> None:
    sweeps.seed(placed())
    await sweeps.at(11)
    assert len(database.commits) == 1
    assert await sweeps.at(12) == (0, 0, 0)
    assert len(database.commits) == 1


@pytest.fixture
async def scheduler(
    database: MemoryDatabase, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    async def let_in(token: str, *_: object) -> None:
        if token != "platform":
            raise oidc.InvokerNotTrusted

    monkeypatch.setattr(oidc, "check_invoker", let_in)
    run_on(app, FakeRuntime(database=database, bus=bus, clock=lambda: NOW + 15 * MINUTE), monkeypatch)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "demo-waybill")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://waybill.test", timeout=5) as client:
        yield client


async def test_only_the_scheduler_starts_the_sweep(scheduler: httpx.AsyncClient, sweeps: Sweeps) -> None:
    sweeps.seed(placed())
    for headers in ({}, {"Authorization": f"Bearer {STAFF}"}):
        assert (await scheduler.post("/cron/sweep-orders", headers=headers)).status_code == 401
    assert sweeps.state() == "placed"

    answer = await scheduler.post("/cron/sweep-orders", headers={"Authorization": "Bearer platform"})
    assert (answer.status_code, answer.json()) == (200, {"seen": 1, "done": 1, "failed": 0, "finished": True})
