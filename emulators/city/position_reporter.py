"""Tells Waybill where a driver is: a batch of points, every second on the move, seldom at rest."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from emulators.city.api import Unanswered
from emulators.city.people import Person
from emulators.city.wheels import Wheels
from emulators.city.world import World

POINT_SECONDS = 3.0  # of life, between two points of a track
SHORTEST_PAUSE, REST_PAUSE = 1.0, 5.0  # real seconds between two batches
LARGEST_BATCH = 60
PATIENCE_SECONDS = 20.0
"""A batch that waits longer is stale: the next one tells more."""


class Beacon:
    """One driver's location feed."""

    def __init__(self, world: World, person: Person, wheels: Wheels) -> None:
        self._world = world
        self._person = person
        self._wheels = wheels
        self._told_until = time.monotonic()

    async def shine(self) -> None:
        """Post for ever."""
        pause = max(SHORTEST_PAUSE, self._world.pace.real(POINT_SECONDS))
        while True:
            await self._post()
            rested = 0.0
            while rested < REST_PAUSE:
                await asyncio.sleep(pause)
                rested += pause
                if self._wheels.moving(time.monotonic()) or self._wheels.moving(self._told_until):
                    break

    async def _post(self) -> None:
        now = time.monotonic()
        points = self._points(now)
        self._told_until = now
        try:
            await self._person.api.post("/driver/location", {"points": points}, patience=PATIENCE_SECONDS)
        except Unanswered as problem:
            self._world.chronicle.error(self._person.name, problem)

    def _points(self, now: float) -> list[dict[str, Any]]:
        step = max(self._world.pace.real(POINT_SECONDS), (now - self._told_until) / LARGEST_BATCH)
        count = int((now - self._told_until) / step) if self._wheels.moving(self._told_until) else 0
        moments = [now - step * back for back in range(count, 0, -1)] + [now]
        return [self._point(moment, now) for moment in moments]

    def _point(self, moment: float, now: float) -> dict[str, Any]:
        point, leg = self._wheels.position(moment), self._wheels.leg(moment)
        at = datetime.now(UTC) - timedelta(seconds=now - moment)
        return {
            "lat": round(point.lat, 6),
            "lng": round(point.lng, 6),
            "at": at.isoformat(),
            "accuracy": 8.0,
            "heading": round(leg.heading, 1),
        }
