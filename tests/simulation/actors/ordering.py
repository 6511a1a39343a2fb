"""How a customer comes to an order: what they wish for, now, for later or once more, and the placing."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from emulators.client.operations import orders
from functions.orders_api.schemas import Dropoff, QuoteRequest, RequestedItem
from tests.simulation import short_calendar
from tests.simulation.actors.city import City, near
from tests.simulation.actors.extras import selected
from tests.simulation.clients import Client, Outcome
from tests.simulation.process import EPOCH, true_time

WISHES = 4
"""So often somebody asks what another choice would cost."""
LATER_M, NOW_M = 700, 3_000
"""How far off they live; who orders for later lives near, so that there is time for it."""
LAST_BEGIN_S = 60.0
"""So long after the end of the faults nothing that was ordered for later begins any more."""


class Ordering:
    """One customer's part in it, by one app."""

    def __init__(self, uid: str, city: City, client: Client) -> None:
        self._uid, self._city, self._client = uid, city, client
        self._chance = city.chance(f"ordering {uid}")

    async def place(self) -> str | None:
        """Quote and place, again where the shop closed or changed its menu meanwhile."""
        later = self._city.scenario.acts("for later", self._uid, 0.2)
        for attempt in range(WISHES):
            wish = await self.wish(near_by=later)
            if wish is None:
                return None
            if later and (at := self._some_time()):
                wish = wish.model_copy(update={"scheduled_for": at})
            call = orders.make_quote(**wish.model_dump(mode="json"))
            quote = await self._client.insist("quotes", call)
            if quote.answer is None and quote.refusal is None:
                return None
            if quote.answer is not None:
                placed = await self._consider(quote)
                if placed or attempt:
                    return placed
        return None

    async def place_again(self, order_id: str) -> str | None:
        """Order the same once more, now or for later."""
        at = self._some_time() if self._chance.random() < 0.3 else None
        choices = {"scheduled_for": at.isoformat()} if at else {}
        told = await self._client.insist("orders again", orders.reorder(order_id, **choices))
        return await self._consider(told) if told.answer is not None else None

    async def wish(self, *, near_by: bool = False) -> QuoteRequest | None:
        """Choose from the menu of a shop that is open, as the app shows it; None when there never is one."""
        while not (shops := self._city.open_shops()):
            if self._city.calm:
                return None
            await asyncio.sleep(5)
        place = near(self._chance, LATER_M if near_by else NOW_M)
        shop = self._chance.choice(shops)
        menu = self._city.store.of(f"merchants/{shop['id']}/menu")[str(shop["menu_version"])]
        dishes = self._chance.sample(menu["items"], self._chance.randint(1, 2))
        return QuoteRequest(
            merchant_id=str(shop["id"]),
            items=[
                RequestedItem(
                    item_id=d["id"], quantity=self._chance.randint(1, 3), modifiers=selected(self._chance, d)
                )
                for d in dishes
            ],
            dropoff=Dropoff(lat=place.lat, lng=place.lng, address="12th Main"),
        )

    def _some_time(self) -> datetime | None:
        """Return a time that is as far ahead as it has to be, and not too far for this run."""
        soonest, latest = true_time() + short_calendar.AT_LEAST, last_time(self._city)
        spare = (latest - soonest) / timedelta(seconds=1)
        return soonest + timedelta(seconds=self._chance.uniform(0, spare)) if spare > 0 else None

    async def _consider(self, quote: Outcome) -> str | None:
        await asyncio.sleep(self._chance.choice((0, 0, 10, 60)) * self._chance.random())
        return await self._take(str((quote.answer or {})["id"]))

    async def _take(self, quote_id: str) -> str | None:
        call, first = orders.place_order(quote_id, note="ring twice"), f"first-{quote_id}"
        click = self._client.draw_click(self._chance, twice=0.4)
        placed = await click("places", call, first)
        if placed.answer is None:
            return None
        if self._chance.random() < 0.3:
            await self._client.misuse("reuses a key", orders.place_order(quote_id, note="knock"), first)
        if self._chance.random() < 0.3:
            again = f"second-{quote_id}"
            await self._client.call("places again", call, again)
        order_id = str(placed.answer["id"])
        self._city.watch.check(
            order_id in self._city.store.of("orders"),
            "2",
            f"{self._uid} was told of an order that is not there",
        )
        return order_id


def last_time(city: City) -> datetime:
    """Return the latest time for which something is ordered that is to come to its end within the run."""
    begins = timedelta(seconds=city.scenario.faults_s + LAST_BEGIN_S)
    return EPOCH + begins + short_calendar.PREP + short_calendar.SLACK
