"""The driver location index behind the wire; its reservations expire by its own clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import Driver
from shared.dispatch.matching import Candidate
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point
from shared.tracking.domain import DriverAvailability, Position
from shared.tracking.ports import PositionUpdate
from tests.fakes.dispatch import MemoryDriverIndex
from tests.simulation.faults import Faults
from tests.simulation.ports.wire import Wire
from tests.simulation.process import true_time


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica of the index; `past` holds all earlier entries of each driver, oldest first."""

    entries: Mapping[str, Any]
    reservations: Mapping[str, Any]
    suspect_areas: tuple[Any, ...]
    past: Mapping[str, tuple[Any, ...]]


class ClockedDriverIndex(MemoryDriverIndex):
    """Also loses single reservations, and falls back to the state of a replica."""

    def __init__(self) -> None:
        super().__init__()
        self._past: dict[str, tuple[Any, ...]] = {}

    def copy(self) -> Replica:
        """Return the present state, and what was known of each driver before."""
        return Replica(dict(self._entries), dict(self._reservations), self._suspect_areas, dict(self._past))

    def fall_back(self, replica: Replica) -> None:
        """Lose everything since the replica, or since earlier: each driver's shard has its own moment.

        An available driver falls back to a moment when they were unavailable, if there was one, and the
        other way round.
        """
        now = self._entries
        self._reservations, self._suspect_areas = dict(replica.reservations), replica.suspect_areas
        self._entries = {
            uid: _most_wrong((*replica.past.get(uid, ()), entry), now.get(uid))
            for uid, entry in replica.entries.items()
        }

    async def record(self, driver_id: str, latest: Position, received_at: datetime) -> PositionUpdate | None:
        self.now = true_time()
        return await super().record(driver_id, latest, received_at)

    def lose_reservation(self, driver_id: str) -> None:
        """Lose the reservation of a driver."""
        self._reservations.pop(driver_id, None)

    def _answer(self, now: datetime | None = None) -> None:
        super()._answer(true_time())

    def _store(self, availability: DriverAvailability, error: type[Unavailable]) -> None:
        super()._store(availability, error)
        uid = availability.driver_id
        self._past[uid] = (*self._past.get(uid, ()), self._entries[uid])


def _most_wrong(past: Sequence[Any], now: Any) -> Any:
    """Return the latest entry of a driver that is wrong now, or else the latest."""
    wrong = (
        then
        for then in reversed(past)
        if now and then.availability.can_take_order != now.availability.can_take_order
    )
    return next(wrong, past[-1])


class SimulatedDriverIndex:
    """Implement `DriverIndex` and `Positions`."""

    def __init__(self, wire: Wire, faults: Faults) -> None:
        self.inner = ClockedDriverIndex()
        self._wire, self._faults = wire, faults

    async def near(
        self, point: Point, radius_m: float, located_since: datetime, limit: int | None = None
    ) -> Sequence[Candidate]:
        return await self._wire.read(
            "index.near",
            lambda: self.inner.near(point, radius_m, located_since, limit),
            DriverIndexUnavailable,
        )

    async def in_region(self, region: str, located_since: datetime) -> Sequence[Candidate]:
        return await self._wire.read(
            "index.in_region", lambda: self.inner.in_region(region, located_since), DriverIndexUnavailable
        )

    async def reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        return await self._wire.write(
            "index.reserve", lambda: self._reserve(driver_id, offer_id, duration), DriverIndexUnavailable
        )

    async def release(self, driver_id: str, offer_id: str) -> None:
        await self._wire.write(
            "index.release", lambda: self.inner.release(driver_id, offer_id), DriverIndexUnavailable
        )

    async def upsert_position(self, driver: Driver, point: Point, now: datetime) -> None:
        await self._wire.write(
            "index.upsert_position",
            lambda: self.inner.upsert_position(driver, point, now),
            DriverIndexUnavailable,
        )

    async def upsert_profile(self, driver: Driver) -> None:
        await self._wire.write(
            "index.upsert_profile", lambda: self.inner.upsert_profile(driver), DriverIndexUnavailable
        )

    async def mark_suspect(self, point: Point, radius_m: float, duration: timedelta) -> None:
        await self._wire.write(
            "index.mark_suspect",
            lambda: self.inner.mark_suspect(point, radius_m, duration),
            DriverIndexUnavailable,
        )

    async def last_report(self, driver_id: str) -> datetime | None:
        return await self._wire.read(
            "index.last_report", lambda: self.inner.last_report(driver_id), DriverIndexUnavailable
        )

    async def remove(self, driver_id: str) -> None:
        await self._wire.write("index.remove", lambda: self.inner.remove(driver_id), DriverIndexUnavailable)

    async def record(self, driver_id: str, latest: Position, received_at: datetime) -> PositionUpdate | None:
        return await self._wire.write(
            "positions.record", lambda: self.inner.record(driver_id, latest, received_at), Unavailable
        )

    async def upsert_availability(self, availability: DriverAvailability) -> None:
        await self._wire.write(
            "positions.upsert_availability",
            lambda: self.inner.upsert_availability(availability),
            Unavailable,
        )

    async def _reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        reserved = await self.inner.reserve(driver_id, offer_id, duration)
        if self._faults.strikes("reservation-lost"):
            self.inner.lose_reservation(driver_id)
        return reserved
