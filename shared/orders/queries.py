"""Reading orders, each person only their own."""

from __future__ import annotations

from collections.abc import Sequence

from shared.orders.cancellation import Cancellation, preview
from shared.orders.domain import Order, TimelineEntry, party
from shared.orders.ports import OrderFilter, OrderStore


async def get_order(order_id: str, uid: str, *, orders: OrderStore) -> Order:
    """Return an order to one of its parties; raises `OrderNotFound` to anybody else."""
    order = await orders.get(order_id)
    order.roles_of(uid)
    return order


async def list_orders(wanted: OrderFilter, *, orders: OrderStore) -> Sequence[Order]:
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
