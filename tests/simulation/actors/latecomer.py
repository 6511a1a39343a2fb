"""Customers who keep a quote, and place it after what it rests on has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Response

from functions.catalogue_api.hours_schemas import HoursRequest, WeeklySpanRequest
from functions.catalogue_api.menu_schemas import AvailabilityRequest
from functions.catalogue_api.schemas import LastOrderRequest, MerchantRequest
from functions.orders_api.schemas import CancelRequest, OrderRequest, QuoteRequest
from shared.catalogue.hours import Weekday
from shared.edge.reported import Coordinates
from tests.simulation import short_calendar
from tests.simulation.actors.city import CENTRE, City
from tests.simulation.actors.ordering import Ordering
from tests.simulation.clients import Client
from tests.simulation.process import true_time
from tests.simulation.served import served

catalogue = served("catalogue_api.routes")
menus = served("catalogue_api.menu_routes")
opening = served("catalogue_api.opening_routes")
orders = served("orders_api.routes")

UIDS = ("latecomer-1", "latecomer-2")
SHARE = 0.3
ZONE = "Asia/Kolkata"
LAST_HOURS_S = 90.0
"""So long before the end of the faults nobody changes hours any more, after which shops are always open."""


class Latecomer:
    """One customer, and the owner of the shop of their quote, who changes something meanwhile."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client, self._chance = city.client(uid), city.chance(uid)
        self._ordering = Ordering(uid, city, self._client)

    async def live(self) -> None:
        """Quote, let the shop change, and place; again and again while things may go wrong."""
        if not self._city.scenario.acts("latecomers", self._uid, SHARE):
            return
        await asyncio.sleep(self._chance.uniform(10, 90))
        while not self._city.calm:
            wish = await self._ordering.wish(near_by=True)
            if wish is not None:
                await self._try(self._ordered(wish))
            await asyncio.sleep(self._chance.uniform(10, 60))

    def _ordered(self, wish: QuoteRequest) -> QuoteRequest:
        """Return the wish for now or for later."""
        if self._chance.random() < 0.7:
            return wish
        later = true_time() + short_calendar.AT_LEAST + timedelta(seconds=90)
        return wish.model_copy(update={"scheduled_for": later})

    async def _try(self, wish: QuoteRequest) -> None:
        quote = await self._client.insist("quotes", lambda: orders.make_quote(wish, self._client.user))
        if quote.answer is None:
            return
        shop = self._city.store.of("merchants")[wish.merchant_id]
        owner = self._city.client(str(shop["owner_id"]))
        changes = (self._sold_out, self._without_extra, self._closed, self._moved, self._closing, _unchanged)
        change = self._chance.choice(changes)
        await change(owner, shop, wish)
        body = OrderRequest(quote_id=str(quote.answer["id"]))
        key = self._client.key("/orders", body.quote_id, body.quote_id)
        click = self._client.draw_click(self._chance, twice=0.2)
        placed = await click("places late", lambda: orders.place(body, self._client.user, key), key)
        if change == self._closing:
            await self._always_open(owner, str(shop["id"]))
        if placed.answer is not None and self._chance.random() < 0.7:
            id_ = str(placed.answer["id"])
            cancel = partial(orders.cancel, id_, CancelRequest(reason="too late"), self._client.user, None)
            await self._client.insist("cancels", cancel)

    async def _sold_out(self, owner: Client, shop: Mapping[str, Any], wish: QuoteRequest) -> None:
        """Say that an item of the quote cannot be had; a later menu has it again."""
        item = self._chance.choice(wish.items).item_id
        await self._switch(owner, str(shop["id"]), item, AvailabilityRequest(available=False))

    async def _without_extra(self, owner: Client, shop: Mapping[str, Any], wish: QuoteRequest) -> None:
        """Say that a modifier of the quote cannot be had, where it has any."""
        for item in wish.items:
            for extra in item.modifiers:
                body = AvailabilityRequest(available=False, modifier_id=extra)
                await self._switch(owner, str(shop["id"]), item.item_id, body)

    async def _switch(self, owner: Client, shop: str, item: str, body: AvailabilityRequest) -> None:
        switch = partial(menus.switch, shop, item, body)
        await owner.insist("sells out", lambda: switch(owner.user, Response()))

    async def _closed(self, owner: Client, shop: Mapping[str, Any], _: QuoteRequest) -> None:
        """Close; the owner opens again later, as after every closing."""
        name = str(shop["id"])
        if self._city.now() < self._city.scenario.faults_s - LAST_HOURS_S:
            await owner.insist("closes", lambda: catalogue.close_shop(name, owner.user))

    async def _moved(self, owner: Client, shop: Mapping[str, Any], _: QuoteRequest) -> None:
        """Move the shop by a few metres."""
        body = MerchantRequest(
            name=shop["name"],
            category="south indian",
            location=Coordinates(lat=CENTRE.lat + self._chance.uniform(0, 0.0005), lng=CENTRE.lng),
            address="100 Feet Road",
            prep_minutes=int(shop["prep_minutes"]),
        )
        edit = partial(catalogue.edit, str(shop["id"]), body)
        await owner.insist("moves", lambda: edit(owner.user, Response(), None))

    async def _closing(self, owner: Client, shop: Mapping[str, Any], _: QuoteRequest) -> None:
        """Close within the hour, and begin no order in the hour before."""
        if self._city.now() > self._city.scenario.faults_s - LAST_HOURS_S:
            return
        closes = true_time().astimezone(ZoneInfo(ZONE)) + timedelta(minutes=self._chance.randint(3, 40))
        at = f"{closes:%H:%M}"
        spans = [WeeklySpanRequest(day=day, opens="00:00", closes=at) for day in Weekday]
        await self._set_hours(owner, str(shop["id"]), spans)
        await self._last_order(owner, str(shop["id"]), self._chance.choice((None, 30, 60)))

    async def _always_open(self, owner: Client, shop: str) -> None:
        await self._set_hours(owner, shop, [])
        await self._last_order(owner, shop, None)

    async def _set_hours(self, owner: Client, shop: str, spans: list[WeeklySpanRequest]) -> None:
        body = HoursRequest(timezone=ZONE, weekly=spans, holidays=[])
        write = partial(catalogue.write_hours, shop, body)
        await owner.insist("sets hours", lambda: write(owner.user, Response(), None))

    async def _last_order(self, owner: Client, shop: str, minutes: int | None) -> None:
        body = LastOrderRequest(minutes_before_closing=minutes)
        click = owner.draw_click(self._chance, twice=0.3)
        write = partial(opening.write_last_order, shop, body)
        await click("says when the last order is", lambda: write(owner.user, Response(), None))


async def _unchanged(_: Client, __: Mapping[str, Any], ___: QuoteRequest) -> None:
    """Let the shop be: what others change counts."""
    await asyncio.sleep(30)
