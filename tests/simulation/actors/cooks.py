"""Cooks, who are hired and dismissed while they work, and do not stop when they are dismissed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from emulators.client.call import Call
from emulators.client.operations import merchants, orders
from tests.simulation.actors.city import City
from tests.simulation.clients import Outcome
from tests.simulation.invariants.access import Memberships
from tests.simulation.process import true_time

COOKS = ("cook-1", "cook-2")
SHARE = 0.35
DECISIONS = (("hires", merchants.add_staff_member), ("dismisses", merchants.remove_staff_member))


class Cook:
    """One cook of one shop, whose owner hires and dismisses them at any moment."""

    def __init__(self, uid: str, city: City, memberships: Memberships) -> None:
        self._uid, self._city, self._memberships = uid, city, memberships
        self._chance = city.chance(uid)
        self._client = city.client(uid)

    async def live(self) -> None:
        """Be hired, work, be dismissed, and go on trying, while faults may happen."""
        if not self._city.scenario.acts("cooks", self._uid, SHARE):
            return
        owner = self._chance.choice(self._city.scenario.merchants)
        boss = self._city.client(owner)
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(5, 60))
            shop = self._shop(owner)
            if shop is None:
                continue
            label, operation = self._chance.choice(DECISIONS)
            await boss.insist(f"{label} {self._uid}", operation(shop, self._uid))
            for _ in range(self._chance.randint(1, 4)):
                await asyncio.sleep(self._chance.uniform(0, 12))
                await self._work(shop)

    def _shop(self, owner: str) -> str | None:
        shops = self._city.store.of("merchants").values()
        return next((str(shop["id"]) for shop in shops if shop["owner_id"] == owner), None)

    async def _work(self, shop: str) -> None:
        """Take an order a step on, read it, look at the staff, or bring a friend in."""
        found = [one for one in self._city.store.of("orders").values() if one["merchant_id"] == shop]
        draw = self._chance.random()
        if draw < 0.25 or not found:
            await self._try(shop, "lists the staff", merchants.list_staff(shop))
        elif draw < 0.4:
            friend = f"friend-{self._uid}"
            await self._try(shop, "hires a friend", merchants.add_staff_member(shop, friend))
        else:
            await self._see_to(shop, self._chance.choice(found))

    async def _see_to(self, shop: str, order: Mapping[str, Any]) -> None:
        order_id = str(order["id"])
        await self._try(shop, "reads an order", orders.get_order(order_id))
        if step := orders.PREPARATION.get(order["fulfilment"]):
            await self._try(shop, "takes a step", step(order_id))

    async def _try(self, shop: str, label: str, call: Call) -> Outcome:
        asked = true_time()
        outcome = await self._client.call(label, call)
        dismissed = self._memberships.is_dismissed(shop, self._uid, asked)
        self._city.watch.check(
            outcome.answer is None or not dismissed, "25", f"{self._uid} {label} after they were dismissed"
        )
        return outcome
