"""Substitutions: merchants that propose them, and customers who answer them or do not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from emulators.client.operations import orders
from tests.simulation.actors.city import City
from tests.simulation.clients import Client

CHECK_INTERVAL_S = 9.0
ENDED = ("delivered", "cancelled", "returned")
ANSWERS = {"accept": orders.accept_substitution, "decline": orders.decline_substitution}


class Substitutions:
    """The substitutions of one person, with random decisions of their own."""

    def __init__(self, uid: str, city: City) -> None:
        self._city = city
        self._client: Client = city.client(uid)
        self._chance: random.Random = city.chance(f"offers {uid}")
        self._seen: set[str] = set()

    async def propose(self, order: Mapping[str, Any]) -> None:
        """Propose, now and then, an item of the current menu for a line of an order."""
        if self._city.calm or self._chance.random() > 0.25:
            return
        order_id, line = str(order["id"]), self._chance.randrange(len(order["items"]))
        shop = self._city.store.of("merchants")[order["merchant_id"]]
        menu = self._city.store.of(f"merchants/{shop['id']}/menu")[str(shop["menu_version"])]
        item = self._chance.choice(menu["items"])["id"]
        call = orders.propose_substitution(order_id, line, item, self._chance.randint(1, 3))
        key = f"offer-{self._chance.random()}"
        click = self._client.draw_click(self._chance, twice=0.3)
        await click("offers", call, key)

    async def answer_all(self, order_id: str) -> None:
        """Answer the substitutions of an order, some of them not before the faults end."""
        while (order := self._city.store.of("orders")[order_id])["fulfilment"] not in ENDED:
            for one in order["substitutions"]:
                if one["state"] == "open" and (self._city.calm or one["id"] not in self._seen):
                    self._seen.add(one["id"])
                    await self._answer(order_id, str(one["id"]))
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * CHECK_INTERVAL_S)

    async def _answer(self, order_id: str, id_: str) -> None:
        draw = self._chance.random()
        if draw < 0.25 and not self._city.calm:
            return
        if draw < 0.4:
            await asyncio.gather(*(self._send(order_id, id_, verb) for verb in ANSWERS))
            return
        await self._send(order_id, id_, "accept" if draw < 0.75 else "decline")
        if self._city.calm:
            await self._send(order_id, id_, "decline")

    async def _send(self, order_id: str, id_: str, verb: str) -> None:
        call = ANSWERS[verb](order_id, id_)
        key = verb if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.4)
        await click(f"{verb}s", call, key)
