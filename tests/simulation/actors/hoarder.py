"""Somebody who orders and never pays: at one shop, at several, also after a shop has blocked them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

from functions.catalogue_api.block_schemas import CustomerBlockRequest
from functions.orders_api.schemas import CancelRequest, OrderRequest
from tests.simulation import short_calendar
from tests.simulation.actors.city import City
from tests.simulation.actors.ordering import Ordering
from tests.simulation.actors.subscriber import Subscriber
from tests.simulation.process import true_time
from tests.simulation.served import served

blocks = served("catalogue_api.block_routes")
orders = served("orders_api.routes")

UID = "hoarder-1"
SHARE = 0.4
MOST_AT_ONCE = 4
"""From so many phones at once."""


class Hoarder:
    """One customer who holds as much as they can without paying, as long as things go wrong."""

    def __init__(self, city: City) -> None:
        self._city, self._chance = city, city.chance(UID)
        self._client = city.client(UID)
        self._ordering = Ordering(UID, city, self._client)

    async def live(self) -> None:
        """Order, cancel and order anew; be blocked by a shop and let in again; have a recurrence."""
        if not self._city.scenario.acts("hoarders", UID, SHARE):
            return
        await asyncio.sleep(self._chance.uniform(5, 60))
        if self._chance.random() < 0.5:
            await Subscriber(UID, self._city).start()
        while not self._city.calm:
            await asyncio.gather(*(self._order() for _ in range(self._chance.randint(1, MOST_AT_ONCE))))
            await asyncio.sleep(self._chance.uniform(1, 45))
            if waiting := self._waiting():
                act = self._chance.choice((self._cancel, self._cancel, self._be_blocked, _let_be))
                await act(self._chance.choice(waiting))

    async def _order(self) -> None:
        """Quote and place at some shop, now or for later."""
        wish = await self._ordering.wish(near_by=True)
        if wish is None:
            return
        if self._chance.random() < 0.3:
            later = true_time() + short_calendar.AT_LEAST + timedelta(seconds=60)
            wish = wish.model_copy(update={"scheduled_for": later})
        quote = await self._client.insist("quotes", lambda: orders.make_quote(wish, self._client.user))
        if quote.answer is None:
            return
        body = OrderRequest(quote_id=str(quote.answer["id"]))
        key = self._client.key("/orders", body.quote_id, body.quote_id)
        click = self._client.draw_click(self._chance, twice=0.3)
        await click("hoards", lambda: orders.place(body, self._client.user, key), key)

    def _waiting(self) -> list[Mapping[str, Any]]:
        own = self._city.orders_of("customer", UID)
        return [order for order in own if order["fulfilment"] in ("scheduled", "placed")]

    async def _cancel(self, order: Mapping[str, Any]) -> None:
        """Cancel one, and sometimes all, to hold the same goods anew."""
        body = CancelRequest(reason="changed my mind")
        for one in self._waiting() if self._chance.random() < 0.3 else [order]:
            cancel = partial(orders.cancel, str(one["id"]), body, self._client.user, None)
            await self._client.insist(f"cancels {one['id'][-6:]}", cancel)

    async def _be_blocked(self, order: Mapping[str, Any]) -> None:
        """Be blocked by the shop's owner, order there again in vain, and be let in again."""
        shop = str(order["merchant_id"])
        owner = self._city.client(str(self._city.store.of("merchants")[shop]["owner_id"]))
        body = CustomerBlockRequest(order_id=str(order["id"]), reason="never pays")
        click = owner.draw_click(self._chance, twice=0.4)
        if self._chance.random() < 0.5:
            await asyncio.gather(click("bars", lambda: blocks.block(shop, body, owner.user)), self._order())
        else:
            await click("bars", lambda: blocks.block(shop, body, owner.user))
        await self._order()
        await asyncio.sleep(self._chance.uniform(0, 30))
        if self._chance.random() < 0.8:
            await click("lets in again", lambda: blocks.unblock(shop, UID, owner.user))


async def _let_be(_: Mapping[str, Any]) -> None:
    """Leave them to their timeouts."""
