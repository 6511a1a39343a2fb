"""The contract suite of `OrderStore` and `QuoteStore`, over every database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.firestore.orders import FirestoreOrders, FirestoreQuotes
from shared.kernel.errors import WrongState
from shared.kernel.event import event_id
from shared.kernel.idempotency import AlreadyAnswered, IdempotencyKeyReused
from shared.kernel.order import Fulfilment
from shared.orders.domain import Assignment, Order, OrderDecision, OrderNotFound, decided, move
from shared.orders.events import OrderPreparing, OrderReady
from shared.orders.opening import Refusal
from shared.orders.ports import OrderFilter, PlacementContext
from tests.builders import CUSTOMER, DRIVER, NOW, ORDER_ID, STAFF, order, quote
from tests.contract.stores import Ground, idempotency
from tests.unit.catalogue.shops import shop

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def orders(ground: Ground) -> FirestoreOrders:
    return FirestoreOrders(ground.documents)


def cooked(before: Order) -> OrderDecision:
    """Return the order, ready, and the two events that led there: one for all, one for the timeline."""
    fields: Any = {"at": LATER, "actor": STAFF, "order_id": before.id}
    ready = OrderReady(id=event_id(before.id, "ready"), customer_id=CUSTOMER, merchant_id="mer_1", **fields)
    preparing = OrderPreparing(id=event_id(before.id, "preparing"), **fields)
    return decided(move(before, Fulfilment.READY, LATER), preparing, ready)


def refused(*_: Any) -> OrderDecision:
    raise WrongState


def plain(found: Order) -> Order:
    """Return the order as a decision made it, without what the store adds."""
    return replace(found, timeline=(), version=0)


async def place(ground: Ground, store: FirestoreOrders, made: Order, **more: Any) -> Order:
    """Place an order as it is, unless it exists."""

    def decide(context: PlacementContext) -> OrderDecision:
        if context.existing:
            raise WrongState
        return decided(made)

    return await store.place(made.quote_id, made.id, decide, more.get("idempotency"))


async def test_an_unknown_order_is_not_found_and_not_decided_on(orders: FirestoreOrders) -> None:
    with pytest.raises(OrderNotFound):
        await orders.get(ORDER_ID)
    with pytest.raises(OrderNotFound):
        await orders.change(ORDER_ID, cooked)


async def test_a_placed_order_is_read_back_as_it_was_decided(ground: Ground, orders: FirestoreOrders) -> None:
    made = order(note="no onions, ठीक है?", driver=DRIVER)
    assert plain(await place(ground, orders, made)) == made
    assert plain(await orders.get(made.id)) == made


async def test_placing_reads_the_quote_the_merchant_and_an_existing_order(
    ground: Ground, orders: FirestoreOrders
) -> None:
    seen: list[PlacementContext] = []

    def decide(context: PlacementContext) -> OrderDecision:
        seen.append(context)
        if context.existing or context.quote is None:
            raise WrongState
        return decided(order())

    await FirestoreQuotes(ground.documents).add(quote())
    await ground.put("merchants/mer_1", shop("mer_1"))
    await orders.place("quo_1", ORDER_ID, decide, None)
    first = seen[-1]
    await ground.put("merchants/mer_1", shop("mer_1", open=False))
    for quote_id in ("quo_1", "quo_unknown"):
        with pytest.raises(WrongState):
            await orders.place(quote_id, ORDER_ID, decide, None)

    second, unknown = [context for context in seen if context.quote][-1], seen[-1]
    assert (first.quote, first.existing, first.opening_at(NOW).refusal) == (quote(), None, None)
    assert second.existing is not None
    assert (plain(second.existing), second.opening_at(NOW).refusal) == (order(), Refusal.CLOSED)
    assert (unknown.quote, unknown.opening_at(NOW).refusal) == (None, Refusal.CLOSED)


async def test_of_two_concurrent_placements_of_an_order_the_second_sees_the_first(
    ground: Ground, orders: FirestoreOrders
) -> None:
    tries = (place(ground, orders, order(note=note)) for note in ("first", "second"))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    [winner] = [outcome for outcome in outcomes if isinstance(outcome, Order)]
    [_] = [outcome for outcome in outcomes if isinstance(outcome, WrongState)]
    assert (await orders.get(ORDER_ID)).note == winner.note


async def test_a_change_stores_publishes_and_appends_to_the_timeline(
    ground: Ground, orders: FirestoreOrders
) -> None:
    await place(ground, orders, order())
    changed = await orders.change(ORDER_ID, cooked)

    assert changed.fulfilment is Fulfilment.READY
    assert (await orders.get(ORDER_ID)).fulfilment is Fulfilment.READY
    assert await ground.timeline(ORDER_ID) == ["order_preparing", "order_ready"]
    assert ground.bus.names() == ["order_ready"], "what concerns the parties alone is not published"
    assert await ground.ids("outbox") == []


async def test_an_event_waits_in_the_outbox_while_the_bus_is_down(
    ground: Ground, orders: FirestoreOrders
) -> None:
    await place(ground, orders, order())
    ground.bus.down = True
    assert (await orders.change(ORDER_ID, cooked)).fulfilment is Fulfilment.READY
    assert await ground.ids("outbox") == [event_id(ORDER_ID, "ready")]


async def test_a_refused_decision_writes_nothing(ground: Ground, orders: FirestoreOrders) -> None:
    await place(ground, orders, order())
    before = await ground.data(f"orders/{ORDER_ID}")
    for attempt in (orders.change(ORDER_ID, refused), orders.place("quo_1", "ord_2", refused, None)):
        with pytest.raises(WrongState):
            await attempt
    assert await ground.data(f"orders/{ORDER_ID}") == before
    assert await ground.ids("orders") == [ORDER_ID]


async def test_a_decision_that_lost_a_race_is_made_again_and_keeps_the_other_contexts_slices(
    ground: Ground, orders: FirestoreOrders
) -> None:
    await place(ground, orders, order())
    assigned = {"state": "assigned", "driver_id": DRIVER, "attempt": 3, "no_candidates_since": None}
    ground.database.overtake(f"orders/{ORDER_ID}", assignment=assigned)
    drivers: list[str | None] = []

    def decide(before: Order) -> OrderDecision:
        drivers.append(before.assignment.driver_id)
        return cooked(before)

    await orders.change(ORDER_ID, decide)

    assert drivers == [None, DRIVER]
    stored = await ground.data(f"orders/{ORDER_ID}")
    assert stored is not None
    assert (stored["fulfilment"], stored["assignment"]) == ("ready", assigned)
    assert ground.bus.names() == ["order_ready"]


async def test_one_key_has_one_effect_and_one_answer(ground: Ground, orders: FirestoreOrders) -> None:
    def request(body: str) -> Any:
        return idempotency(lambda made: {"id": made.id}, body)

    await place(ground, orders, order(), idempotency=request("body"))
    with pytest.raises(AlreadyAnswered) as answered:
        await place(ground, orders, order(id="ord_2"), idempotency=request("body"))
    with pytest.raises(IdempotencyKeyReused):
        await orders.change(ORDER_ID, cooked, request("another"))

    assert answered.value.answer == {"id": ORDER_ID}
    assert await ground.ids("orders") == [ORDER_ID]


async def test_a_persons_orders_are_listed_newest_first_in_pages_without_gap_or_repeat(
    ground: Ground, orders: FirestoreOrders
) -> None:
    times = {"ord_a": NOW, "ord_b": NOW, "ord_c": LATER, "ord_d": NOW, "ord_e": NOW - timedelta(days=1)}
    for id_, at in times.items():
        await place(ground, orders, order(id=id_, placed_at=at))

    seen: list[Order] = []
    while page := await orders.list_orders(
        OrderFilter("customer", CUSTOMER, 2, (seen[-1].placed_at, seen[-1].id) if seen else ())
    ):
        seen += page
    assert [found.id for found in seen] == ["ord_c", "ord_d", "ord_b", "ord_a", "ord_e"]


async def test_a_list_has_the_orders_of_the_requested_role(ground: Ground, orders: FirestoreOrders) -> None:
    await place(ground, orders, order(id="ord_a", driver=DRIVER))
    await place(ground, orders, order(id="ord_b", customer_id=STAFF, merchant_id="mer_2"))
    await place(ground, orders, order(id="ord_c", assignment=Assignment()))

    async def ids(role: str, party_id: str) -> list[str]:
        return [found.id for found in await orders.list_orders(OrderFilter(role, party_id, 9))]

    assert await ids("customer", CUSTOMER) == ["ord_c", "ord_a"]
    assert await ids("customer", STAFF) == ["ord_b"]
    assert await ids("merchant", "mer_1") == ["ord_c", "ord_a"]
    assert await ids("merchant", "mer_2") == ["ord_b"]
    assert await ids("driver", DRIVER) == ["ord_a"]
    assert await ids("driver", CUSTOMER) == []


async def test_a_list_of_orders_is_filtered_by_state_and_time(
    ground: Ground, orders: FirestoreOrders
) -> None:
    for n, state in enumerate((Fulfilment.PLACED, Fulfilment.READY, Fulfilment.CANCELLED, Fulfilment.READY)):
        await place(ground, orders, order(state, id=f"ord_{n}", placed_at=NOW + timedelta(hours=n)))

    async def ids(**conditions: Any) -> list[str]:
        filter_ = OrderFilter("customer", CUSTOMER, 9, **conditions)
        return [found.id for found in await orders.list_orders(filter_)]

    assert await ids(states=(Fulfilment.READY, Fulfilment.PLACED)) == ["ord_3", "ord_1", "ord_0"]
    since, until = NOW + timedelta(hours=1), NOW + timedelta(hours=3)
    assert await ids(since=since, until=until) == ["ord_2", "ord_1"]
    assert await ids(states=(Fulfilment.READY,), since=since, after=(until, "ord_3")) == ["ord_1"]


async def test_due_orders_are_listed_longest_due_first(ground: Ground, orders: FirestoreOrders) -> None:
    for n, minutes in enumerate((3, 1, None, 2, 4)):
        at = None if minutes is None else NOW + timedelta(minutes=minutes)
        await place(ground, orders, order(id=f"ord_{n}", next_check_at=at))
    now = NOW + timedelta(minutes=3)
    assert [found.id for found in (await orders.due(now, 9)).items] == ["ord_1", "ord_3", "ord_0"]
    first = await orders.due(now, 1)
    assert [found.id for found in first.items] == ["ord_1"]
    rest = await orders.due(now, 9, first.next)
    assert ([found.id for found in rest.items], rest.next) == (["ord_3", "ord_0"], None)
