"""Reading orders, each person only their own."""

from __future__ import annotations

from collections.abc import Sequence

from shared.orders.cancellation import Cancellation, preview
from shared.orders.domain import Order, TimelineEntry, party
from shared.orders.ports import OrdersOf, OrderStore, RecurrenceStore, TipStore
from shared.orders.recurrence import Recurrence, RecurrenceNotFound
from shared.orders.tips import Tip, shown


async def get_order(order_id: str, uid: str, *, orders: OrderStore) -> Order:
    """Return an order to one of its parties; raises `OrderNotFound` to anybody else."""
    order = await orders.get(order_id)
    order.roles_of(uid)
    return order


async def list_orders(wanted: OrdersOf, *, orders: OrderStore) -> Sequence[Order]:
    """Return the orders in which a person has the given role, newest first."""
    return await orders.of(wanted)


async def events_after(order_id: str, uid: str, seq: int, *, orders: OrderStore) -> Sequence[TimelineEntry]:
    """Return the timeline from after `seq` on: a client that lost its listener goes on from there."""
    order = await get_order(order_id, uid, orders=orders)
    return [entry for entry in order.timeline if entry.seq > seq]


async def cancellation_of(order_id: str, uid: str, *, orders: OrderStore) -> Cancellation:
    """Return whether a party could cancel now and what it would cost; raises `OrderNotFound` to others."""
    order = await orders.get(order_id)
    return preview(order, party(order, uid).role)


async def tips_of(order_id: str, uid: str, *, tips: TipStore) -> Sequence[Tip]:
    """Return the tips for an order that somebody may see; raises `OrderNotFound` to strangers."""
    order, given = await tips.of(order_id)
    return shown(order, given, uid)


async def get_recurrence(recurrence_id: str, uid: str, *, recurrences: RecurrenceStore) -> Recurrence:
    """Return a recurring order to its customer; raises `RecurrenceNotFound` to everyone else."""
    found = await recurrences.find(recurrence_id)
    if found is None or found.customer_id != uid:
        raise RecurrenceNotFound
    return found
