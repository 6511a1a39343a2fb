"""Queries of orders: each person reads only their own."""

from __future__ import annotations

from collections.abc import Sequence

from shared.orders.cancellation import Cancellation, preview
from shared.orders.domain import Order, TimelineEntry, party
from shared.orders.ports import OrderFilter, OrderStore


async def get_order(order_id: str, uid: str, *, orders: OrderStore) -> Order:
    """Return an order to one of its parties; raises `OrderNotFound` for anyone else."""
    order = await orders.get(order_id)
    order.roles_of(uid)
    return order


async def list_orders(filter_: OrderFilter, *, orders: OrderStore) -> Sequence[Order]:
    """Return the orders in which a person has the given role, newest first."""
    return await orders.list_orders(filter_)


async def events_after(order_id: str, uid: str, seq: int, *, orders: OrderStore) -> Sequence[TimelineEntry]:
    """Return the timeline entries after `seq`: a client that lost its listener resumes with them."""
    order = await get_order(order_id, uid, orders=orders)
    return [entry for entry in order.timeline if entry.seq > seq]


async def cancellation_of(order_id: str, uid: str, *, orders: OrderStore) -> Cancellation:
    """Return whether a party can cancel now and what it costs; raises `OrderNotFound` for anyone else."""
    order = await orders.get(order_id)
    return preview(order, party(order, uid).role)
