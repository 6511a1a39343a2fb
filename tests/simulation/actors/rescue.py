"""Support: ends what nobody carries on: another driver, a return, or the money back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from functions.orders_api.schemas import CancelRequest
from shared.kernel.actor import Operator, Role
from tests.simulation.actors.city import City
from tests.simulation.served import served

orders = served("orders_api.operator_step_routes")

UID = "support-1"
LOOKS_EVERY_S = 15.0
ENDED = ("delivered", "returned", "cancelled")


class Rescue:
    """One operator with every right; their own sign-in has tests of its own."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._client = city.client(UID)
        self._chance = city.chance(UID)
        self._me = Operator(UID, frozenset({Role.ADMIN}))

    async def live(self) -> None:
        """Look at escalated orders until the run ends."""
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            for order in list(self._city.store.of("orders").values()):
                if order["assignment"].get("escalated_at") and self._is_held(order):
                    await self._resolve(order)

    def _is_held(self, order: Mapping[str, Any]) -> bool:
        held = order["assignment"]["state"] == "assigned" and order["fulfilment"] not in ENDED
        return held and order["assignment"]["driver_id"] not in order["replaced_drivers"]

    async def _resolve(self, order: Mapping[str, Any]) -> None:
        """Give it to another driver, let it be returned, or give the money back."""
        order_id, whim = str(order["id"]), self._chance.random()
        click = self._client.draw_click(self._chance, twice=0.2)
        if whim < 0.5 or order["fulfilment"] == "ready":
            await click(f"reassigns {order_id[-6:]}", lambda: orders.reassign(order_id, self._me))
        elif whim < 0.75 and order["fulfilment"] != "returning":
            await click(f"recalls {order_id[-6:]}", lambda: orders.recall(order_id, self._me))
        else:
            body = CancelRequest(reason="lost")
            await click(f"gives up {order_id[-6:]}", lambda: orders.cancel(order_id, body, self._me))
