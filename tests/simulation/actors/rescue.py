"""Support: reads, lists and cancels orders at any moment, and ends those that no driver carries on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from functions.dispatch_api.search_schemas import ChosenDriver, SearchReason
from functions.orders_api.operator_schemas import OperatorReason
from shared.dispatch.directing import (
    DriverCannotTakeOrder,
    OrderNeedsNoDriver,
    OrderOffered,
    SearchNotEnded,
)
from shared.kernel.actor import Role
from shared.orders.domain import IllegalTransition
from shared.orders.oversight import Attention
from tests.simulation.actors.city import City
from tests.simulation.actors.desk import Desk
from tests.simulation.served import served

steps = served("orders_api.operator_step_routes")
orders = served("orders_api.operator_routes")
searches = served("dispatch_api.search_routes")

UID = "support-1"
LOOKS_EVERY_S = 15.0
SHARE = 0.4
WHY = OperatorReason(reason="nobody carries it on")
ENDED = ("delivered", "returned", "cancelled")


class Rescue:
    """One support agent."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._chance = city.chance(UID)
        self._desk = Desk(UID, Role.SUPPORT, city)

    async def live(self) -> None:
        """Look at escalated orders until the run ends; at any, and cancel some, while faults may happen."""
        await self._desk.open()
        meddles = self._city.scenario.acts("support", UID, SHARE)
        await asyncio.gather(self._resolve_all(), *([self._meddle()] if meddles else []))

    async def _meddle(self) -> None:
        """List, read and cancel orders in whatever state they are."""
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(5, 60))
            await self._list(self._chance.choice(list(Attention)))
            known = sorted(self._city.store.of("orders"))
            if known:
                order_id = self._chance.choice(known)
                await self._look(order_id)
                if self._chance.random() < 0.3:
                    await self._cancel(order_id, "fraud")
            held = [order for order in self._city.store.of("orders").values() if self._is_held(order)]
            if held and self._chance.random() < 0.6:
                await self._resolve(self._chance.choice(held))

    async def _list(self, why: Attention) -> None:
        await self._desk.do(f"lists {why}", lambda: orders.list_attention(self._desk.me, why=why))
        await self._desk.do("lists orders", lambda: orders.list_orders(self._desk.me))

    async def _look(self, order_id: str) -> None:
        before = self._looks(order_id)
        outcome = await self._desk.do(
            f"looks at {order_id[-6:]}", lambda: orders.read(order_id, self._desk.me)
        )
        self._city.watch.check(outcome.fits(), "22", f"support was refused: {outcome.refusal!r}")
        recorded = outcome.answer is None or self._looks(order_id) > before
        self._city.watch.check(recorded, "audit", f"a look at {order_id[-6:]} left no entry")

    def _looks(self, order_id: str) -> int:
        """Return how many looks at an order the audit log has."""
        entries = self._city.store.of("audit").values()
        return sum((e["action"], e["subject_id"]) == ("order_read", order_id) for e in entries)

    async def _cancel(self, order_id: str, reason: str) -> None:
        body = OperatorReason(reason=reason)
        outcome = await self._desk.do(
            f"cancels {order_id[-6:]}", lambda: steps.cancel(order_id, body, self._desk.me, None)
        )
        self._city.watch.check(
            outcome.fits(IllegalTransition), "22", f"support was refused: {outcome.refusal!r}"
        )

    async def _resolve_all(self) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            for order in list(self._city.store.of("orders").values()):
                if order["assignment"].get("escalated_at") and self._is_held(order):
                    await self._resolve(order)
                if order["assignment"]["state"] in ("searching", "unassignable"):
                    await self._direct(order)

    async def _direct(self, order: Mapping[str, Any]) -> None:
        """Choose a driver for an order that has none, or begin its search again."""
        order_id, drivers = str(order["id"]), sorted(self._city.store.of("drivers"))
        if not drivers or self._chance.random() < 0.5:
            body = SearchReason(reason="drivers are back")
            outcome = await self._desk.do(
                f"searches for {order_id[-6:]}",
                lambda: searches.search(order_id, body, self._desk.me, None),
            )
        else:
            chosen = ChosenDriver(reason="is near", driver_id=self._chance.choice(drivers))
            outcome = await self._desk.do(
                f"chooses for {order_id[-6:]}", lambda: searches.offer(order_id, chosen, self._desk.me, None)
            )
        fits = outcome.fits(SearchNotEnded, OrderOffered, OrderNeedsNoDriver, DriverCannotTakeOrder)
        self._city.watch.check(fits, "22", f"support was refused: {outcome.refusal!r}")

    def _is_held(self, order: Mapping[str, Any]) -> bool:
        held = order["assignment"]["state"] == "assigned" and order["fulfilment"] not in ENDED
        return held and order["assignment"]["driver_id"] not in order["replaced_drivers"]

    async def _resolve(self, order: Mapping[str, Any]) -> None:
        """Give it to another driver, let it be returned, or give the money back."""
        order_id, whim = str(order["id"]), self._chance.random()
        if whim < 0.5 or order["fulfilment"] == "ready":
            await self._desk.do(
                f"reassigns {order_id[-6:]}", lambda: steps.reassign(order_id, WHY, self._desk.me, None)
            )
        elif whim < 0.75 and order["fulfilment"] != "returning":
            await self._desk.do(
                f"recalls {order_id[-6:]}", lambda: steps.recall(order_id, WHY, self._desk.me, None)
            )
        else:
            await self._cancel(order_id, "lost")
