"""A pharmacy that is open, though the operator accepts no orders of pharmacies, and somebody who tries."""

from __future__ import annotations

import asyncio

from fastapi import Response

from functions.catalogue_api.menu_schemas import MenuItemRequest, MenuRequest
from functions.catalogue_api.schemas import RegistrationRequest
from functions.orders_api.schemas import Dropoff, OrderRequest, QuoteRequest, RequestedItem
from shared.edge.reported import Coordinates
from shared.kernel.order import Business
from shared.orders.ordering import BusinessNotOpen
from tests.simulation.actors.city import ADMIN, CENTRE, City
from tests.simulation.served import served

admin_routes = served("catalogue_api.admin_routes")
catalogue = served("catalogue_api.routes")
menus = served("catalogue_api.menu_routes")
orders = served("orders_api.routes")

OWNER, PATIENT = "pharmacist-1", "patient-1"
SHARE = 0.1


class Pharmacy:
    """Its owner, who opens it, and a customer."""

    def __init__(self, city: City) -> None:
        self._city, self._chance = city, city.chance(OWNER)
        self._owner, self._patient = city.client(OWNER), city.client(PATIENT)

    async def live(self) -> None:
        """Open, and let the customer ask for a quote until it is refused."""
        if not self._city.scenario.acts("pharmacies", OWNER, SHARE):
            return
        shop = await self._register()
        item = await self._publish(shop)
        operator = self._city.client("operator")
        await operator.insist("approves a pharmacy", lambda: admin_routes.approve(shop, ADMIN, None))
        await self._owner.insist("opens", lambda: catalogue.open_shop(shop, self._owner.user))
        while not self._city.calm:
            await asyncio.sleep(self._chance.uniform(20, 120))
            await self._order(shop, item)

    async def _register(self) -> str:
        body = RegistrationRequest(
            name="Pharmacy",
            category="pharmacy",
            location=Coordinates(lat=CENTRE.lat, lng=CENTRE.lng),
            address="100 Feet Road",
            prep_minutes=2,
            business=Business.MED.value,
        )
        user, key, told = self._owner.user, self._owner.key("/merchants", "register"), None
        while told is None or told.answer is None:
            told = await self._owner.insist("registers", lambda: catalogue.register(body, user, key), key)
        return str(told.answer["id"])

    async def _publish(self, shop: str) -> str:
        item = MenuItemRequest(name="Plaster", price=5_000, dietary=[], modifier_groups=[])
        body, user, told = MenuRequest(items=[item], categories=[]), self._owner.user, None
        while told is None or told.answer is None:
            told = await self._owner.insist(
                "writes", lambda: menus.write_menu(shop, body, user, Response(), seen=None)
            )
        return str(told.answer["items"][0]["id"])

    async def _order(self, shop: str, item: str) -> None:
        """Ask for a quote; whoever gets one takes it."""
        body = QuoteRequest(
            merchant_id=shop,
            items=[RequestedItem(item_id=item, quantity=1, modifiers=[])],
            dropoff=Dropoff(lat=CENTRE.lat, lng=CENTRE.lng, address="12th Main"),
        )
        user = self._patient.user
        told = await self._patient.insist("quotes medicine", lambda: orders.make_quote(body, user))
        if told.answer is not None:
            order = OrderRequest(quote_id=str(told.answer["id"]))
            key = self._patient.key("/orders", order.quote_id, order.quote_id)
            await self._patient.insist("takes medicine", lambda: orders.place(order, user, key), key)
        elif self._city.store.of("merchants")[shop]["open"]:
            self._city.watch.check(
                told.fits(BusinessNotOpen), "31", f"medicine was refused for another reason: {told.refusal!r}"
            )
