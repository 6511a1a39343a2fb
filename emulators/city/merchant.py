"""A simulated merchant: opens a kitchen, and prepares every paid order."""

from __future__ import annotations

import random

from emulators.city.bengaluru import Kitchen
from emulators.city.listener_cache import Document, ListenerCache
from emulators.city.people import Person
from emulators.city.world import World
from emulators.client.api import ApiClient, Refused
from emulators.client.joining import join_as_merchant
from emulators.client.operations import merchants, orders
from emulators.listeners import Change

CONFIRM_SECONDS = 20  # simulated: the time until the staff reads the screen
PLACED_AND_PAID = ("placed", "captured")


class Merchant:
    """One kitchen with one employee; `rng` varies the preparation time."""

    def __init__(self, world: World, person: Person, kitchen: Kitchen, rng: random.Random) -> None:
        self._world = world
        self._person = person
        self._kitchen = kitchen
        self._rng = rng
        self._orders: ListenerCache | None = None
        self._started: set[str] = set()

    async def open(self, admin: ApiClient) -> None:
        """Register, submit the licence, be approved, publish a menu and open; then prepare paid orders."""
        api, kitchen = self._person.api, self._kitchen
        merchant_id, _ = await join_as_merchant(api, admin, kitchen.profile(), kitchen.items())
        self._orders = ListenerCache(self._person.watch("orders", ("merchant_id", "==", merchant_id)))
        self._world.follow(self._orders.follow(self._on_change))
        await api.do(merchants.open_merchant(merchant_id))

    def _on_change(self, change: Change) -> None:
        paid = (change.data.get("fulfilment"), change.data.get("payment", {}).get("state")) == PLACED_AND_PAID
        if paid and change.id not in self._started:
            self._started.add(change.id)
            self._world.spawn(self._kitchen.name, self._prepare(change.id))

    async def _prepare(self, order_id: str) -> None:
        time_scale = self._world.time_scale
        preparing_seconds = self._kitchen.prep_minutes * 60 * self._rng.uniform(0.6, 1.1)
        await time_scale.sleep(CONFIRM_SECONDS)
        for step in orders.PREPARATION.values():
            if step is orders.mark_order_ready:
                await time_scale.sleep(preparing_seconds)
            if not await self._step(order_id, step):
                return

    async def _step(self, order_id: str, step: orders.Step) -> bool:
        """Advance the order; return False when the customer has cancelled, which is no error."""
        if self._orders and _cancelled(self._orders.documents.get(order_id)):
            return False
        try:
            await self._person.api.do(step(order_id))
        except Refused as refusal:
            if refusal.status != 409 or not await self._was_cancelled(order_id):
                raise
            return False
        return True

    async def _was_cancelled(self, order_id: str) -> bool:
        return _cancelled(await self._person.api.do(orders.get_order(order_id)))


def _cancelled(order: Document | None) -> bool:
    return order is not None and order["fulfilment"] == "cancelled"
