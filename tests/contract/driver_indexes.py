"""One map of drivers behind its two ports, for the contract suites."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.dispatch.ports import DriverIndex
from shared.kernel.geo import Point
from shared.tracking.domain import Position
from shared.tracking.ports import Positions, PositionUpdate
from tests.contract.drivers import NOW


class IndexUnderTest:
    """One map behind its two ports."""

    def __init__(self, index: DriverIndex, positions: Positions) -> None:
        self.index = index
        self.positions = positions

    async def near(self, point: Point, radius_m: float, now: datetime = NOW) -> list[str]:
        return [driver.driver_id for driver in await self.index.near(point, radius_m, now)]

    async def report(
        self, point: Point, seconds: float = 0, *, after: float | None = None, uid: str = "asha"
    ) -> PositionUpdate | None:
        """Record a fix of so many seconds after NOW by the phone's clock, received `after` by ours."""
        received = NOW + timedelta(seconds=seconds if after is None else after)
        return await self.positions.record(uid, Position(point, NOW + timedelta(seconds=seconds)), received)
