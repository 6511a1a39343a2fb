"""The events after which orders change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.catalogue.events import CustomerBlocked
from shared.composition.orders import OrdersPorts
from shared.edge.events import EventHandler
from shared.kernel.event import Event
from shared.orders.usecases.release_unpaid import ReleaseUnpaid, release_unpaid


async def customer_blocked(event: CustomerBlocked, ports: OrdersPorts, now: datetime) -> None:
    """Release what the customer has not paid at the merchant."""
    command = ReleaseUnpaid(event.customer_id, event.merchant_id)
    await release_unpaid(command, orders=ports.orders, now=now)


HANDLERS: Mapping[type[Event], EventHandler] = {CustomerBlocked: customer_blocked}
