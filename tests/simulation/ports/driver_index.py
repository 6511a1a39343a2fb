"""The map of drivers behind the wire; its marks run out by its own clock, whatever its callers' say."""

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
class Kept:
    """What replicas or backups have of the map; `past` is how each driver stood, oldest first."""

    entries: Mapping[str, Any]
    asked: Mapping[str, Any]
    suspect_areas: tuple[Any, ...]
    past: Mapping[str, tuple[Any, ...]]


class ClockedDriverIndex(MemoryDriverIndex):
    """Also loses single marks, and falls back to what replicas have that take over too early."""

    def __init__(self) -> None:
        super().__init__()
        self._past: dict[str, tuple[Any, ...]] = {}

    def copy(self) -> Kept:
        """Return what there is now, and what was known of each driver before."""
        return Kept(dict(self._entries), dict(self._asked), self._suspect_areas, dict(self._past))

    def fall_back(self, kept: Kept) -> None:
        """Know nothing of what happened since, or since earlier: each driver's shard has its own moment.

        Who may be asked now falls back to when they could not be, if that was ever so, and the other
        way search_attempt.
        """
        now, self._asked, self._suspect_areas = self._entries, dict(kept.asked), kept.suspect_areas
        self._entries = {
            uid: _most_wrong((*kept.past.get(uid, ()), entry), now.get(uid))
            for uid, entry in kept.entries.items()
        }

    async def record(self, driver_id: str, latest: Position, received_at: datetime) -> PositionUpdate | None:
        self.now = true_time()
        return await super().record(driver_id, latest, received_at)

    def unmark(self, driver_id: str) -> None:
        """Forget that a driver is being asked."""
        self._asked.pop(driver_id, None)

    def _answer(self, now: datetime | None = None) -> None:
        super()._answer(true_time())

    def _store(self, availability: DriverAvailability, error: type[Unavailable]) -> None:
        super()._store(availability, error)
        uid = availability.driver_id
        self._past[uid] = (*self._past.get(uid, ()), self._entries[uid])


def _most_wrong(past: Sequence[Any], now: Any) -> Any:
    """Return the latest of what was known of a driver that is wrong now, or else the latest."""
    wrong = (
        then
        for then in reversed(past)
        if now and then.availability.can_take_order != now.availability.can_take_order
    )
    return next(wrong, past[-1])


class SimulatedDriverIndex:
    """See `DriverIndex` and `Positions`."""

    def __init__(self, wire: Wire, faults: Faults) -> None:
        self.inner = ClockedDriverIndex()
        self._wire, self._faults = wire, faults

    async def near(self, point: Point, radius_m: float, now: datetime) -> Sequence[Candidate]:
        return await self._wire.read(
            "index.near", lambda: self.inner.near(point, radius_m, now), DriverIndexUnavailable
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

    async def remove(self, driver_id: str) -> None:
        await self._wire.write("index.remove", lambda: self.inner.remove(driver_id), DriverIndexUnavailable)

    async def record(self, driver_id: str, latest: Position, received_at: datetime) -> PositionUpdate | None:
        return await self._wire.write(
            "positions.record", lambda: self.inner.record(driver_id, latest, received_at), Unavailable
        )

    async def upsert_availability(self, availability: DriverAvailability) -> None:
        await self._wire.write(
            "map.upsert_profile", lambda: self.inner.upsert_availability(availability), Unavailable
        )

    async def _reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        reserved = await self.inner.reserve(driver_id, offer_id, duration)
        if self._faults.strikes("reservation-lost"):
            self.inner.unmark(driver_id)
        return reserved
