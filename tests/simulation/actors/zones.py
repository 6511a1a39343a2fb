"""The operator who creates and archives service zones: the whole town, a part of it, and the whole again."""

from __future__ import annotations

import asyncio

from functions.catalogue_api.zone_schemas import PolygonRequest, ZoneRequest
from tests.simulation.actors.city import ADMIN, CENTRE, City
from tests.simulation.served import served

zones = served("catalogue_api.zone_routes")

SHARE = 0.2
HALF_WIDTH = 0.05
"""Degrees: more than the distance of any address from the centre."""


class ZoneAdmin:
    """Creates zones and archives them. After the faults every address is served."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._client = city.client("mapmaker")
        self._chance = city.chance("mapmaker")
        self._created = 0

    async def live(self) -> None:
        """Replace the zone a few times while customers order."""
        if not self._city.scenario.acts("zones", "mapmaker", SHARE):
            return
        current = await self._create(1.0)
        while not self._city.calm and self._chance.random() < 0.8:
            await asyncio.sleep(self._chance.uniform(5, 50))
            current = await self._replace(current, self._chance.choice((0.0, 0.4, 0.6, 1.0)))
        await self._replace(current, 1.0)

    async def _replace(self, old: str, part: float) -> str:
        """Archive the old zone and create a new one, in either order."""
        if self._chance.random() < 0.5:
            await self._archive(old)
            return await self._create(part)
        new = await self._create(part)
        await self._archive(old)
        return new

    async def _create(self, part: float) -> str:
        """Create a zone over the southern part of the town."""
        self._created += 1
        west, east = CENTRE.lng - HALF_WIDTH, CENTRE.lng + HALF_WIDTH
        south, north = CENTRE.lat - HALF_WIDTH, CENTRE.lat + HALF_WIDTH * (2 * part - 1) + 0.001
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        body = ZoneRequest(
            name=f"zone {self._created}", geometry=PolygonRequest(type="Polygon", coordinates=[ring])
        )
        key = self._client.key("/admin/zones", body.name, body.name)
        click = self._client.draw_click(self._chance, twice=0.4)
        outcome = await click("creates a zone", lambda: zones.create(body, ADMIN, key), key)
        same = [zone for zone in self._city.store.of("zones").values() if zone["name"] == body.name]
        self._city.watch.check(len(same) < 2, "2", f"{body.name} was created {len(same)} times")
        return str((outcome.answer or {}).get("id", ""))

    async def _archive(self, zone: str) -> None:
        if zone:
            click = self._client.draw_click(self._chance, twice=0.3)
            outcome = await click("archives a zone", lambda: zones.archive(zone, ADMIN))
            self._city.watch.check(outcome.fits(), "22", f"cannot archive {zone}: {outcome.refusal!r}")
