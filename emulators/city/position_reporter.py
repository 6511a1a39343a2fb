"""Report a driver's position: a batch of points, every second while moving, rarely at rest."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from emulators.city.people import Person
from emulators.city.vehicle_motion import VehicleMotion
from emulators.city.world import World
from emulators.client.operations.drivers import report_positions
from emulators.client.retries import Unanswered

POINT_SECONDS = 3.0  # of simulated time, between two points of a track
SHORTEST_PAUSE, REST_PAUSE = 1.0, 5.0  # real seconds between two batches
LARGEST_BATCH = 60
MAX_RETRY_SECONDS = 20.0
"""A batch that is older than this is stale: the next one has newer points."""


class PositionReporter:
    """The location reports of one driver."""

    def __init__(self, world: World, person: Person, motion: VehicleMotion) -> None:
        self._world = world
        self._person = person
        self._motion = motion
        self._reported_until = time.monotonic()

    async def run(self) -> None:
        """Post until cancelled."""
        pause = max(SHORTEST_PAUSE, self._world.time_scale.real(POINT_SECONDS))
        while True:
            await self._post()
            rested = 0.0
            while rested < REST_PAUSE:
                await asyncio.sleep(pause)
                rested += pause
                if self._motion.moving(time.monotonic()) or self._motion.moving(self._reported_until):
                    break

    async def _post(self) -> None:
        now = time.monotonic()
        points = self._points(now)
        self._reported_until = now
        try:
            await self._person.api.do(report_positions(points), retry_seconds=MAX_RETRY_SECONDS)
        except Unanswered as problem:
            self._world.log.error(self._person.name, problem)

    def _points(self, now: float) -> list[dict[str, Any]]:
        step = max(self._world.time_scale.real(POINT_SECONDS), (now - self._reported_until) / LARGEST_BATCH)
        count = int((now - self._reported_until) / step) if self._motion.moving(self._reported_until) else 0
        moments = [now - step * back for back in range(count, 0, -1)] + [now]
        return [self._point(moment, now) for moment in moments]

    def _point(self, moment: float, now: float) -> dict[str, Any]:
        point, leg = self._motion.position(moment), self._motion.leg(moment)
        at = datetime.now(UTC) - timedelta(seconds=now - moment)
        return {
            "lat": round(point.lat, 6),
            "lng": round(point.lng, 6),
            "at": at.isoformat(),
            "accuracy": 8.0,
            "heading": round(leg.heading, 1),
        }
