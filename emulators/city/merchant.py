"""A merchant: opens a kitchen, and cooks every order that is paid."""

from __future__ import annotations

import random
from dataclasses import asdict

from emulators.city import verification
from emulators.city.api import Api, Refused
from emulators.city.bengaluru import Kitchen
from emulators.city.mirror import Document, Mirror
from emulators.city.people import Person
from emulators.city.world import World
from emulators.listeners import Change

CONFIRM_SECONDS = 20  # of life: somebody has to look at the screen
WAITING = ("placed", "captured")


class Merchant:
    """One kitchen with one person in it; `rng` decides how punctual they are."""

    def __init__(self, world: World, person: Person, kitchen: Kitchen, rng: random.Random) -> None:
        self._world = world
        self._person = person
        self._kitchen = kitchen
        self._rng = rng
        self._orders = Mirror(person.watch("orders", ("merchant_staff", "array-contains", person.uid)))
        self._taken: set[str] = set()

    async def open(self, admin: Api) -> None:
        """Register, show the licence, be approved, open with a menu; paid orders are cooked from now on."""
        api, kitchen = self._person.api, self._kitchen
        point = kitchen.place.point
        registration = {
            "name": kitchen.name,
            "category": kitchen.category,
            "location": {"lat": point.lat, "lng": point.lng},
            "address": kitchen.place.address,
            "prep_minutes": kitchen.prep_minutes,
        }
        merchant_id = (await api.post("/merchants", registration))["id"]
        await verification.submit_and_approve(
            api, admin, *verification.RESTAURANT_KINDS, merchant_id=merchant_id
        )
        await admin.post(f"/admin/merchants/{merchant_id}/approve")
        await api.put(f"/merchants/{merchant_id}/menu", {"items": [asdict(dish) for dish in kitchen.menu]})
        self._world.follow(self._orders.follow(self._look_at))
        await api.post(f"/merchants/{merchant_id}/open")

    def _look_at(self, change: Change) -> None:
        paid = (change.data.get("fulfilment"), change.data.get("payment", {}).get("state")) == WAITING
        if paid and change.id not in self._taken:
            self._taken.add(change.id)
            self._world.spawn(self._kitchen.name, self._cook(change.id))

    async def _cook(self, order_id: str) -> None:
        pace = self._world.pace
        cooking_seconds = self._kitchen.prep_minutes * 60 * self._rng.uniform(0.6, 1.1)
        await pace.live(CONFIRM_SECONDS)
        for step, seconds in (("confirm", 0.0), ("prepare", cooking_seconds), ("ready", 0.0)):
            if not await self._step(order_id, step):
                return
            await pace.live(seconds)

    async def _step(self, order_id: str, step: str) -> bool:
        """Take a step; False when the customer has cancelled, which is no error."""
        if _cancelled(self._orders.documents.get(order_id)):
            return False
        try:
            await self._person.api.post(f"/orders/{order_id}/{step}")
        except Refused as refusal:
            if refusal.status != 409 or not await self._was_cancelled(order_id):
                raise
            return False
        return True

    async def _was_cancelled(self, order_id: str) -> bool:
        return _cancelled(await self._person.api.get(f"/orders/{order_id}"))


def _cancelled(order: Document | None) -> bool:
    return order is not None and order["fulfilment"] == "cancelled"
