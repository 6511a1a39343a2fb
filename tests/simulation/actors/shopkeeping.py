"""What a shop's owner does besides cooking: hours, pauses, staff, what is sold out, and what the shop is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from fastapi import Response

from functions.catalogue_api.hours_schemas import HoursRequest
from functions.catalogue_api.menu_schemas import AvailabilityRequest
from functions.catalogue_api.schemas import MerchantRequest, PauseRequest, ReasonRequest
from shared.catalogue.domain import MerchantChanged
from shared.edge.reported import Coordinates
from tests.simulation.actors.city import ADMIN, CENTRE, City
from tests.simulation.process import true_time
from tests.simulation.served import served

admin_routes = served("catalogue_api.admin_routes")
menu_routes = served("catalogue_api.menu_routes")
catalogue = served("catalogue_api.routes")

SHARE = 0.2


class Shopkeeping:
    """Does so now and then, while things may go wrong."""

    def __init__(self, uid: str, city: City) -> None:
        self._uid, self._city = uid, city
        self._client = city.client(uid)
        self._chance = city.chance(f"shopkeeping {uid}")

    async def live(self) -> None:
        """Look after the shop; ask for another look where it was turned away; open when it was stopped."""
        if self._uid not in self._city.scenario.merchants:
            return
        busy = self._city.scenario.acts("shopkeeping", self._uid, SHARE)
        if self._city.scenario.acts("shopkeeping", f"{self._uid} turned away", SHARE):
            await self._turned_away()
        shut = 0
        while True:
            await asyncio.sleep(self._chance.uniform(10, 40))
            shop = self._shop()
            if shop is None:
                continue
            shut = shut + 1 if shop["approved"] and shop["menu_version"] and not shop["open"] else 0
            if shop["application_outcome"] == "rejected":
                await self._submit(shop)
            elif shut > 2:
                await self._open(shop)
            elif busy and not self._city.calm and self._chance.random() < 0.5:
                act = self._chance.choice((self._hours, self._pause, self._edit, self._staff, self._switch))
                await act(shop)

    async def _turned_away(self) -> None:
        """Hear from an operator that the street does not exist, and ask again, while others approve."""
        shop = self._shop()
        while shop is None:
            await asyncio.sleep(0.05)
            shop = self._shop()
        name, body = str(shop["id"]), ReasonRequest(reason="no such street")
        operator = self._city.client("operator")
        await operator.insist("turns a shop away", lambda: admin_routes.reject(name, body, ADMIN, None))
        await self._submit(shop)

    def _shop(self) -> Mapping[str, Any] | None:
        shops = self._city.store.of("merchants").values()
        return next((shop for shop in shops if shop["owner_id"] == self._uid), None)

    async def _open(self, shop: Mapping[str, Any]) -> None:
        name = str(shop["id"])
        await self._client.insist("opens after all", lambda: catalogue.open_shop(name, self._client.user))

    async def _submit(self, shop: Mapping[str, Any]) -> None:
        await self._client.insist("asks again", lambda: catalogue.submit(str(shop["id"]), self._client.user))

    async def _hours(self, shop: Mapping[str, Any]) -> None:
        """Say that it is always open, knowing how the shop stands or not."""
        body, seen = HoursRequest(timezone="Asia/Kolkata", weekly=[], holidays=[]), self._seen(shop)
        told = await self._client.insist(
            "sets hours",
            lambda: catalogue.write_hours(str(shop["id"]), body, self._client.user, Response(), seen),
        )
        fine = (MerchantChanged,) if seen else ()
        self._city.watch.check(told.fits(*fine), "22", f"{self._uid} cannot set hours: {told.refusal!r}")

    async def _pause(self, shop: Mapping[str, Any]) -> None:
        until = (true_time() + timedelta(seconds=90)).isoformat()
        body = PauseRequest(until=until)  # type: ignore[arg-type]
        name = str(shop["id"])
        await self._client.insist("pauses", lambda: catalogue.pause_shop(name, body, self._client.user))

    async def _edit(self, shop: Mapping[str, Any]) -> None:
        """Say anew what the shop is, on two tablets at once: with `If-Match`, one of them is told."""
        at = Coordinates(lat=CENTRE.lat, lng=CENTRE.lng)
        body = MerchantRequest(
            name=shop["name"],
            category="south indian",
            location=at,
            address="100 Feet Road",
            prep_minutes=int(shop["prep_minutes"]),
            description=f"since {self._chance.randint(1900, 2020)}",
        )
        seen, name = self._seen(shop), str(shop["id"])
        click = self._client.draw_click(self._chance, twice=0.5)
        await click("edits", lambda: catalogue.edit(name, body, self._client.user, Response(), seen))

    async def _staff(self, shop: Mapping[str, Any]) -> None:
        name, who = str(shop["id"]), f"cook-{self._chance.randint(1, 2)}"
        label, route = self._chance.choice((("hires", catalogue.hire), ("dismisses", catalogue.dismiss)))
        click = self._client.draw_click(self._chance, twice=0.5)
        told = await click(f"{label} {who}", lambda: route(name, who, self._client.user))
        if told.answer is not None:
            self._city.watch.check(
                (who in told.answer["staff"]) == (label == "hires"), "14", f"{self._uid} {label} in vain"
            )

    async def _switch(self, shop: Mapping[str, Any]) -> None:
        """Say of some dish but the first that it cannot be had, or can again."""
        menu = self._city.store.of(f"merchants/{shop['id']}/menu").get(str(shop["menu_version"]))
        if menu is None or len(menu["items"]) < 2:
            return
        item = str(self._chance.choice(menu["items"][1:])["id"])
        name, body = str(shop["id"]), AvailabilityRequest(available=self._chance.random() < 0.6)
        click = self._client.draw_click(self._chance, twice=0.5)
        await click("switches", lambda: menu_routes.switch(name, item, body, self._client.user, Response()))

    def _seen(self, shop: Mapping[str, Any]) -> frozenset[int] | None:
        return frozenset({int(shop["revision"])}) if self._chance.random() < 0.5 else None
