"""Substitutions: merchants that propose them, and customers who answer them or do not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import Any

from functions.orders_api.substitution_schemas import SubstitutionRequest
from tests.simulation.actors.city import City
from tests.simulation.clients import Client
from tests.simulation.served import served

routes = served("orders_api.substitution_routes")

CHECK_INTERVAL_S = 9.0
ENDED = ("delivered", "cancelled", "returned")


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
        body = SubstitutionRequest(item_id=item, quantity=self._chance.randint(1, 3), line=line, modifiers=[])
        path = f"/orders/{order_id}/substitutions"
        key = self._client.key(path, f"offer {self._chance.random()}", f"{line} {item} {body.quantity}")
        click = self._client.draw_click(self._chance, twice=0.3)
        user = self._client.user
        await click("offers", lambda: routes.propose(order_id, body, user, key), key)

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
            await asyncio.gather(self._send(order_id, id_, "accept"), self._send(order_id, id_, "decline"))
            return
        await self._send(order_id, id_, "accept" if draw < 0.75 else "decline")
        if self._city.calm:
            await self._send(order_id, id_, "decline")

    async def _send(self, order_id: str, id_: str, verb: str) -> None:
        route = routes.accept if verb == "accept" else routes.decline
        path = f"/orders/{order_id}/substitutions/{id_}/{verb}"
        key = self._client.key(path, verb) if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.4)
        await click(f"{verb}s", lambda: route(order_id, id_, self._client.user, key), key)
