"""Queries of orders: each person reads only their own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.kernel.actor import Actor, Role
from shared.orders.cancellation import Cancellation, preview
from shared.orders.closing import shown_to, with_details
from shared.orders.domain import Order, TimelineEntry, depends_on_membership, party
from shared.orders.ports import Memberships, OrderFilter, OrderStore


async def party_of(order: Order, uid: str, memberships: Memberships, *preferred: Role) -> Actor:
    """Return `uid` as a party to an order, see `domain.party`; raises `OrderNotFound` for a stranger.

    The membership is read after the order, so that a dismissal in between refuses.
    """
    is_staff = depends_on_membership(order, uid, *preferred) and await memberships.is_member(
        order.merchant_id, uid
    )
    return party(order, uid, lambda _: is_staff, *preferred)


async def get_order(order_id: str, uid: str, *, orders: OrderStore, memberships: Memberships) -> Order:
    """Return an order as one of its parties reads it; raises `OrderNotFound` for anyone else."""
    order = await orders.get(order_id)
    await party_of(order, uid, memberships)
    return (await _as_read_by(uid, [order], orders))[0]


async def list_orders(
    filter_: OrderFilter, uid: str, *, orders: OrderStore, memberships: Memberships
) -> Sequence[Order]:
    """Return the orders that a person may list, newest first.

    The filter names the person, or one merchant of theirs. For a merchant of others the list is empty.
    Without a merchant, it has the orders of all merchants of the person.
    """
    if filter_.role != "merchant":
        return await _as_read_by(uid, await orders.list_orders(replace(filter_, party_id=uid)), orders)
    if filter_.party_id:
        found = await orders.list_orders(filter_)
        return (
            await _as_read_by(uid, found, orders)
            if await memberships.is_member(filter_.party_id, uid)
            else ()
        )
    merchants = await memberships.merchants_of(uid)
    lists = await asyncio.gather(
        *(orders.list_orders(replace(filter_, party_id=merchant_id)) for merchant_id in merchants)
    )
    every = [order for found in lists for order in found]
    newest = sorted(every, key=lambda order: (order.placed_at, order.id), reverse=True)[: filter_.limit]
    return await _as_read_by(uid, newest, orders)


async def _as_read_by(uid: str, found: Sequence[Order], orders: OrderStore) -> list[Order]:
    """Return orders as one party reads them; only the customer's closed orders cost a further read."""
    own = [order.id for order in found if order.closed and order.customer_id == uid]
    details = await orders.details(own)
    return [shown_to(with_details(order, details.get(order.id)), uid) for order in found]


@dataclass(frozen=True, slots=True)
class EventsAfter:
    """The first `limit` entries of an order's timeline after the number `seq`."""

    order_id: str
    seq: int
    limit: int

    def of(self, order: Order) -> Sequence[TimelineEntry]:
        """Return these entries of the order."""
        return [entry for entry in order.timeline if entry.seq > self.seq][: self.limit]


async def events_after(
    asked: EventsAfter, uid: str, *, orders: OrderStore, memberships: Memberships
) -> Sequence[TimelineEntry]:
    """Return entries of an order's timeline: a client that lost its listener resumes with them."""
    order = await get_order(asked.order_id, uid, orders=orders, memberships=memberships)
    return asked.of(order)


async def cancellation_of(
    order_id: str, uid: str, *, orders: OrderStore, memberships: Memberships
) -> Cancellation:
    """Return whether a party can cancel now and what it costs; raises `OrderNotFound` for anyone else."""
    order = await orders.get(order_id)
    actor = await party_of(order, uid, memberships, *order.policy.cancellers)
    return preview(order, actor.role)
