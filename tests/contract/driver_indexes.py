"""One driver location index behind its two ports, for the contract suites."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.dispatch.matching import Candidate, Config
from shared.dispatch.ports import DriverIndex
from shared.kernel.geo import Point
from shared.tracking.domain import Position
from shared.tracking.ports import Positions, PositionUpdate
from tests.contract.drivers import NOW

MAX_POSITION_AGE = Config().max_position_age


class IndexUnderTest:
    """One index behind its two ports."""

    def __init__(self, index: DriverIndex, positions: Positions) -> None:
        self.index = index
        self.positions = positions

    async def candidates(self, point: Point, radius_m: float, now: datetime = NOW) -> Sequence[Candidate]:
        """Return the drivers that a search at `now` finds."""
        return await self.index.near(point, radius_m, now - MAX_POSITION_AGE)

    async def near(self, point: Point, radius_m: float, now: datetime = NOW) -> list[str]:
        """Return the ids of the drivers that a search at `now` finds."""
        return [driver.driver_id for driver in await self.candidates(point, radius_m, now)]

    async def in_region(self, region: str, now: datetime = NOW) -> list[str]:
        """Return the ids of the drivers that a read of the region at `now` finds."""
        found = await self.index.in_region(region, now - MAX_POSITION_AGE)
        return [driver.driver_id for driver in found]

    async def report(
        self, point: Point, seconds: float = 0, *, after: float | None = None, uid: str = "asha"
    ) -> PositionUpdate | None:
        """Record a position of NOW + `seconds` by the device's clock, received at NOW + `after`."""
        received = NOW + timedelta(seconds=seconds if after is None else after)
        return await self.positions.record(uid, Position(point, NOW + timedelta(seconds=seconds)), received)
