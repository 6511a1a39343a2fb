"""A simulated customer: orders, pays, follows the order by a listener, then reviews or cancels."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from emulators.city.bengaluru import Place
from emulators.city.event_log import OrderRecord
from emulators.city.listener_cache import Document, ListenerCache
from emulators.city.people import Person
from emulators.city.timeline import REFUNDED, Order
from emulators.city.world import World
from emulators.client.operations import merchants, orders
from emulators.client.upi_app import UpiApp
from emulators.listeners import Change

NEARBY_METRES = 4_500
PLACED_TEMPLATE = "order_placed.customer"
PAYMENT_RETRY_SECONDS = 30.0
CHOICES = 3
"""How many of the nearest kitchens a customer chooses from."""


class CancelAt(StrEnum):
    """When a customer cancels; always before the pickup."""

    PAID = "paid"
    COOKING = "cooking"
    ASSIGNED = "assigned"


IS_REACHED: dict[CancelAt, Callable[[Document], bool]] = {
    CancelAt.PAID: lambda order: bool(order["payment"]["state"] == "captured"),
    CancelAt.COOKING: lambda order: bool(order["fulfilment"] == "preparing"),
    CancelAt.ASSIGNED: lambda order: bool(order["assignment"]["state"] == "assigned"),
}


class Customer:
    """One customer, with several orders at a time. `rng` decides what they order."""

    def __init__(self, world: World, person: Person, home: Place, rng: random.Random) -> None:
        self.person = person
        self.placed: list[str] = []
        self._world = world
        self._home = home
        self._rng = rng
        self._upi = UpiApp(world.http, world.env["UPI_API_URL"], retry_seconds=PAYMENT_RETRY_SECONDS)
        self._orders = ListenerCache(person.watch("orders", ("customer_id", "==", person.uid)))

    def start(self) -> None:
        """Follow this customer's orders and the pushes about them."""
        self._world.follow(self._orders.follow(self._on_change))
        self._world.follow(self.person.phone.listen())

    async def order(self, number: int, cancel_at: CancelAt | None) -> None:
        """Place one order and see it through to its intended end."""
        placed = await self._place(number, cancel_at)
        order_id: str = placed["id"]
        await self._pay(order_id)
        if cancel_at is None:
            await self._receive(order_id)
        else:
            await self._cancel(order_id, cancel_at)
        push = await self.person.phone.until(order_id, PLACED_TEMPLATE)
        self._world.log.finish(order_id, push.received_at)

    async def read_order(self, order_id: str) -> Order:
        """Return one of this customer's orders as the API returns it."""
        order = await self.person.api.do(orders.get_order(order_id))
        events = await self.person.api.do(orders.list_order_events(order_id))
        return Order.of(order, events["events"])

    async def _place(self, number: int, cancel_at: CancelAt | None) -> dict[str, Any]:
        api, log = self.person.api, self._world.log
        merchant = await self._choose_merchant()
        menu = await api.do(merchants.get_menu(merchant["id"]))
        items = self._choose_dishes(menu["items"])
        quote = await api.do(orders.make_quote(merchant["id"], items, self._home.json()))
        placed = await api.do(orders.place_order(quote["id"]))
        self.placed.append(placed["id"])
        if cancel_at is not None:
            self._world.script.always_accept(placed["id"])
        log.add_order(
            OrderRecord(
                number=number,
                id=placed["id"],
                customer=self.person.name,
                merchant=merchant["name"],
                total=placed["amounts"]["total"],
                cancelling=cancel_at is not None,
                progress_at=time.monotonic(),
            )
        )
        if document := self._orders.documents.get(placed["id"]):
            log.update_order(document)
        return placed

    async def _choose_merchant(self) -> dict[str, Any]:
        point = self._home.point
        filters = {"radius_m": NEARBY_METRES, "open": "true", "page_size": CHOICES}
        nearby = await self.person.api.do(merchants.search_merchants(point.lat, point.lng, **filters))
        chosen: dict[str, Any] = self._rng.choice(nearby["merchants"])
        return chosen

    def _choose_dishes(self, menu: list[dict[str, Any]]) -> list[dict[str, Any]]:
        dishes = self._rng.sample([dish for dish in menu if dish["available"]], k=self._rng.randint(1, 3))
        return [{"item_id": dish["id"], "quantity": self._rng.randint(1, 2)} for dish in dishes]

    async def _pay(self, order_id: str) -> None:
        payment = await self.person.api.do(orders.start_payment("upi_intent", order_id=order_id))
        await self._upi.pay(payment["link"])

    async def _receive(self, order_id: str) -> None:
        await self._orders.until(order_id, lambda order: _set_activity(order, "delivered"))
        stars = self._rng.choice((5, 5, 5, 4, 4, 3))
        await self.person.api.do(orders.post_review(order_id, stars, comment="Thank you!"))

    async def _cancel(self, order_id: str, moment: CancelAt) -> None:
        is_reached = IS_REACHED[moment]
        await self._orders.until(order_id, lambda order: order is not None and is_reached(order))
        await self.person.api.do(orders.cancel_order(order_id, f"Changed my mind: {moment}"))
        await self._orders.until(order_id, _refunded)

    def _on_change(self, change: Change) -> None:
        if change.type != "removed":
            self._world.log.update_order(change.data)


def _set_activity(order: Document | None, fulfilment: str) -> bool:
    return order is not None and order["fulfilment"] == fulfilment


def _refunded(order: Document | None) -> bool:
    return order is not None and order["payment"]["state"] in REFUNDED
