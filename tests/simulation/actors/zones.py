"""The operator who draws where orders are delivered: everywhere around, a part of it, and all of it again."""

from __future__ import annotations

import asyncio

from functions.catalogue_api.zone_schemas import PolygonRequest, ZoneRequest
from tests.simulation.actors.city import ADMIN, CENTRE, City
from tests.simulation.served import served

zones = served("catalogue_api.zone_routes")

SHARE = 0.2
REACH = 0.05
"""Degrees: further than anybody lives from the centre."""


class Mapmaker:
    """Draws zones and retires them; from the end of the faults on, everybody is served."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._client = city.client("mapmaker")
        self._chance = city.chance("mapmaker")
        self._drawn = 0

    async def live(self) -> None:
        """Redraw the map a few times while customers order."""
        if not self._city.scenario.acts("zones", "mapmaker", SHARE):
            return
        standing = await self._draw(1.0)
        while not self._city.calm and self._chance.random() < 0.8:
            await asyncio.sleep(self._chance.uniform(5, 50))
            standing = await self._redraw(standing, self._chance.choice((0.0, 0.4, 0.6, 1.0)))
        await self._redraw(standing, 1.0)

    async def _redraw(self, old: str, part: float) -> str:
        """Retire the old zone and draw a new one, in either order."""
        if self._chance.random() < 0.5:
            await self._retire(old)
            return await self._draw(part)
        new = await self._draw(part)
        await self._retire(old)
        return new

    async def _draw(self, part: float) -> str:
        """Draw the southern part of the town, half of which is all that most people know."""
        self._drawn += 1
        west, east = CENTRE.lng - REACH, CENTRE.lng + REACH
        south, north = CENTRE.lat - REACH, CENTRE.lat + REACH * (2 * part - 1) + 0.001
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        body = ZoneRequest(
            name=f"zone {self._drawn}", geometry=PolygonRequest(type="Polygon", coordinates=[ring])
        )
        key = self._client.key("/admin/zones", body.name, body.name)
        click = self._client.draw_click(self._chance, twice=0.4)
        told = await click("draws a zone", lambda: zones.draw(body, ADMIN, key), key)
        same = [zone for zone in self._city.store.of("zones").values() if zone["name"] == body.name]
        self._city.watch.check(len(same) < 2, "2", f"{body.name} was drawn {len(same)} times")
        return str((told.answer or {}).get("id", ""))

    async def _retire(self, zone: str) -> None:
        if zone:
            click = self._client.draw_click(self._chance, twice=0.3)
            told = await click("retires a zone", lambda: zones.retire(zone, ADMIN))
            self._city.watch.check(told.fits(), "22", f"cannot retire {zone}: {told.refusal!r}")
