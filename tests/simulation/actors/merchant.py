"""A kitchen: confirms what is paid, cooks, and says when it is ready; sometimes it cannot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from functions.orders_api import routes as orders
from functions.orders_api.schemas import CancelRequest
from tests.simulation.actors.city import City

STEPS: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "placed": ("confirms", orders.confirm),
    "confirmed": ("prepares", orders.prepare),
    "preparing": ("has ready", orders.ready),
}
LOOKS_EVERY_S = 6.0


class Merchant:
    """One shop's staff, whose tablet shows the shop's orders."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(uid)

    async def live(self) -> None:
        """Take each order one step on whenever the tablet is looked at."""
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            await self._slip()
            for order in self._city.orders_of("merchant", self._uid):
                if order["fulfilment"] in STEPS and order["payment"]["captured"]:
                    await self._see_to(order)

    async def _slip(self) -> None:
        """Tap the wrong button on some order, whatever its state."""
        own = self._city.orders_of("merchant", self._uid)
        if not own or self._city.calm or self._chance.random() > 0.15:
            return
        order_id = str(self._chance.choice(own)["id"])
        label, step = self._chance.choice(list(STEPS.values()))
        await self._client.call(
            f"slips: {label} {order_id[-6:]}", lambda: step(order_id, self._client.user, None)
        )

    async def _see_to(self, order: Mapping[str, Any]) -> None:
        order_id = str(order["id"])
        if not self._city.calm and self._chance.random() < 0.02:
            body = CancelRequest(reason="sold out")
            await self._client.insist(
                f"cancels {order_id[-6:]}", lambda: orders.cancel(order_id, body, self._client.user, None)
            )
            return
        label, step = STEPS[order["fulfilment"]]
        key = self._client.key(f"/orders/{order_id}/{label}", label) if self._chance.random() < 0.5 else None
        click = self._client.double if self._chance.random() < 0.15 else self._client.insist
        await click(f"{label} {order_id[-6:]}", lambda: step(order_id, self._client.user, key), key)
