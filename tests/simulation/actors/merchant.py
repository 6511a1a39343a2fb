"""A shop: registers, writes its menu on two tablets at once, opens and closes, and cooks what is paid."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from emulators.client.operations import admin, merchants, orders
from functions.catalogue_api.menu_schemas import MenuItemRequest, MenuRequest
from shared.catalogue.menu import MenuChanged
from shared.catalogue.opening import LicenceMissing, MerchantNotApproved
from shared.edge.etags import version_tag
from tests.simulation.actors.city import CENTRE, City
from tests.simulation.actors.extras import extras
from tests.simulation.actors.substitutions import Substitutions
from tests.simulation.clients import Outcome
from tests.simulation.in_process import SCRIPTED
from tests.simulation.short_calendar import PREP

STEPS: Mapping[str, orders.Step] = {**orders.PREPARATION, "returning": orders.mark_order_returned}
DISHES = ("Masala dosa", "Idli", "Filter coffee")
COUNTED = "Filter coffee"
PRICES = (4_000, 9_500, 12_000, 12_500)
LOOKS_EVERY_S = 6.0


class Merchant:
    """One shop's staff, whose tablets show the shop's orders."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(uid)
        self._substitutions = Substitutions(uid, city)
        self._id = ""

    async def live(self) -> None:
        """Begin to sell, then take each order one step on whenever a tablet is looked at."""
        await self._begin()
        await asyncio.gather(self._cook(), self._keep_shop())

    async def _begin(self) -> None:
        profile = {
            "name": self._uid.title(),
            "category": "south indian",
            "location": {"lat": CENTRE.lat, "lng": CENTRE.lng},
            "address": "100 Feet Road",
            "prep_minutes": PREP // timedelta(minutes=1),
        }
        business = self._city.scenario.business_of(self._uid)
        call = merchants.register_merchant(profile, business=business.value)
        click = self._client.draw_click(self._chance, twice=0.3)
        while not self._id:
            told = await click("registers", call, "register")
            self._id = str((told.answer or {}).get("id", ""))
        await self._publish(None)
        if self._chance.random() < 0.2:
            await self._client.call("opens too early", merchants.open_merchant(self._id))
        await self._count()
        if self._chance.random() < 0.4:
            await self._limit()
        await self._city.client(SCRIPTED).insist(f"approves {self._uid}", admin.approve_merchant(self._id))
        await self._open()

    async def _open(self) -> None:
        opened = await self._client.insist("opens", merchants.open_merchant(self._id))
        # A merchant whose documents or application wait for an operator opens later: see `shopkeeping.py`.
        early = isinstance(opened.refusal, LicenceMissing | MerchantNotApproved)
        refused = self._city.calm and opened.answer is None and not early
        self._city.watch.check(not refused, "22", f"{self._uid} cannot open: {opened.refusal}")

    async def _keep_shop(self) -> None:
        """Write the menu anew and close for a while, as long as things go wrong; then be open."""
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(15, 90))
            whim = self._chance.random()
            if whim < 0.5:
                await asyncio.gather(self._rewrite(), self._rewrite())
            elif whim < 0.7:
                await self._count()
            elif whim < 0.8:
                await self._limit()
            if whim < 0.8:
                continue
            close = self._client.draw_click(self._chance, twice=0.3)
            await close("closes", merchants.close_merchant(self._id))
            await asyncio.sleep(self._chance.uniform(2, 30))
            await self._open()
        written = await self._publish(None)
        self._city.watch.check(
            written.answer is not None, "22", f"{self._uid} cannot write a menu: {written.refusal}"
        )

    async def _count(self) -> None:
        """Say how many of the counted dish there are."""
        item = next((item["id"] for item in self._shown_items() if item["name"] == COUNTED), None)
        on_hand = self._chance.randint(0, 6)
        if item:
            await self._client.insist("counts", merchants.set_stock(self._id, item, on_hand))

    async def _limit(self) -> None:
        """Say how many orders the kitchen takes at once."""
        limit = self._chance.choice((1, 2, None))
        await self._client.insist("limits the kitchen", merchants.set_capacity(self._id, limit))

    async def _rewrite(self) -> None:
        """One tablet puts its menu on top of the one that it shows, unless the other was faster."""
        shown = int(self._city.store.of("merchants")[self._id]["menu_version"])
        await asyncio.sleep(self._chance.uniform(0, 0.2))
        told = await self._publish(shown if self._chance.random() < 0.8 else None, insist=False)
        self._city.watch.check(
            told.fits(MenuChanged), "22", f"{self._uid} cannot write a menu: {told.refusal!r}"
        )

    async def _publish(self, shown: int | None, *, insist: bool = True) -> Outcome:
        call = merchants.publish_menu(self._id, self._menu().model_dump(mode="json")["items"])
        if shown is not None:
            call = call.if_unchanged(version_tag(shown))
        send = self._client.insist if insist else self._client.call
        told = await send(f"writes on {shown}", call)
        if told.answer is not None and shown is not None:
            version = told.answer["version"]
            self._city.watch.check(
                version == shown + 1, "19", f"{self._uid} wrote on version {shown} and got {version}"
            )
        return told

    def _menu(self) -> MenuRequest:
        shown = {item["name"]: item for item in self._shown_items()}
        items = [
            MenuItemRequest(
                id=shown[dish]["id"] if dish in shown else None,
                name=dish,
                price=self._chance.choice(PRICES),
                available=self._sells(n),
                stocked=dish == COUNTED,
                dietary=[],
                modifier_groups=extras(self._chance, shown.get(dish)),
            )
            for n, dish in enumerate(DISHES)
        ]
        return MenuRequest(items=items, categories=[])

    def _sells(self, number: int) -> bool:
        return number == 0 or self._chance.random() < 0.8

    def _shown_items(self) -> list[Mapping[str, Any]]:
        shop = self._city.store.of("merchants").get(self._id, {})
        menus = self._city.store.of(f"merchants/{self._id}/menu")
        return list(menus.get(str(shop.get("menu_version")), {}).get("items", ()))

    async def _cook(self) -> None:
        while True:
            await asyncio.sleep(self._chance.uniform(0.5, 1.5) * LOOKS_EVERY_S)
            await self._slip()
            for order in self._city.orders_of("merchant", self._uid):
                if order["fulfilment"] in STEPS and order["payment"]["captured"]:
                    await self._see_to(order)
                elif order["fulfilment"] == "scheduled" and order["payment"]["captured"]:
                    await self._confirm_ahead(order)

    async def _slip(self) -> None:
        """Tap the wrong button on some order, whatever its state."""
        own = self._city.orders_of("merchant", self._uid)
        if not own or self._city.calm or self._chance.random() > 0.15:
            return
        order_id = str(self._chance.choice(own)["id"])
        step = self._chance.choice(list(STEPS.values()))
        await self._client.call(f"slips: {step.__name__} {order_id[-6:]}", step(order_id))

    async def _confirm_ahead(self, order: Mapping[str, Any]) -> None:
        """Confirm an order for later now and then; it stays confirmed."""
        order_id = str(order["id"])
        if order["confirmed_ahead_at"] or self._chance.random() < 0.8:
            return
        click = self._client.draw_click(self._chance, twice=0.3)
        done = await click(f"confirms {order_id[-6:]} ahead", orders.confirm_order(order_id))
        stored = self._city.store.of("orders")[order_id]
        if done.answer is not None:
            confirmed = bool(stored["confirmed_ahead_at"] or stored["fulfilment"] != "scheduled")
            self._city.watch.check(confirmed, "12", f"{order_id[-6:]} is not confirmed ahead")

    async def _see_to(self, order: Mapping[str, Any]) -> None:
        order_id = str(order["id"])
        if order["fulfilment"] != "returning" and not self._city.calm and self._chance.random() < 0.02:
            await self._client.insist(f"cancels {order_id[-6:]}", orders.cancel_order(order_id, "sold out"))
            return
        if order["fulfilment"] in ("confirmed", "preparing"):
            await self._substitutions.propose(order)
        step = STEPS[order["fulfilment"]]
        call = step(order_id)
        key = "step" if self._chance.random() < 0.5 else None
        click = self._client.draw_click(self._chance, twice=0.15)
        await click(f"{step.__name__} {order_id[-6:]}", call, key)
