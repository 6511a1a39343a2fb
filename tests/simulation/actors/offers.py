"""Something else instead of what a shop lacks: tablets that offer it, and customers who answer, or do not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from functions.orders_api.substitution_schemas import SubstitutionRequest
from tests.simulation.actors.city import City
from tests.simulation.clients import Client
from tests.simulation.served import served

substitutions = served("orders_api.substitution_routes")

LOOKS_EVERY_S = 9.0
OVER = ("delivered", "cancelled", "returned")


class Offers:
    """One person's part in it, with whims of their own."""

    def __init__(self, uid: str, city: City) -> None:
        self._city = city
        self._client: Client = city.client(uid)
        self._chance: random.Random = city.chance(f"offers {uid}")
        self._heard: set[str] = set()

    async def offer(self, order: Mapping[str, Any]) -> None:
        """Offer, now and then, something of today's menu for a line of an order."""
        if self._city.calm or self._chance.random() > 0.25:
            return
        order_id, line = str(order["id"]), self._chance.randrange(len(order["items"]))
        shop = self._city.store.of("merchants")[order["merchant_id"]]
        menu = self._city.store.of(f"merchants/{shop['id']}/menu")[str(shop["menu_version"])]
        what = self._chance.choice(menu["items"])["id"]
        body = SubstitutionRequest(item_id=what, quantity=self._chance.randint(1, 3), line=line, choices=[])
        path = f"/orders/{order_id}/substitutions"
        key = self._client.key(path, f"offer {self._chance.random()}", f"{line} {what} {body.quantity}")
        click = self._client.draw_click(self._chance, twice=0.3)
        user = self._client.user
        await click("offers", lambda: substitutions.offer(order_id, body, user, key), key)

    async def answer_all(self, order_id: str) -> None:
        """Answer what is offered for an order, some of it not at all until things calm down."""
        while (order := self._city.store.of("orders")[order_id])["fulfilment"] not in OVER:
            for one in order["substitutions"]:
                if one["state"] == "open" and (self._city.calm or one["id"] not in self._heard):
                    self._heard.add(one["id"])
                    await self._answer(order_id, str(one["id"]))
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)

    async def _answer(self, order_id: str, id_: str) -> None:
        whim = self._chance.random()
        if whim < 0.25 and not self._city.calm:
            return
        if whim < 0.4:
            await asyncio.gather(self._say(order_id, id_, "accept"), self._say(order_id, id_, "decline"))
            return
        await self._say(order_id, id_, "accept" if whim < 0.75 else "decline")
        if self._city.calm:
            await self._say(order_id, id_, "decline")

    async def _say(self, order_id: str, id_: str, word: str) -> None:
        say = substitutions.accept if word == "accept" else substitutions.decline
        path = f"/orders/{order_id}/substitutions/{id_}/{word}"
        key = self._client.key(path, word) if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.4)
        await click(f"{word}s", lambda: say(order_id, id_, self._client.user, key), key)
