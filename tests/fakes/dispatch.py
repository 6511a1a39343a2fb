"""The map of drivers and the task queue in memory; both pass the contract suites of the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.matching import Candidate
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point, distance_m
from shared.tracking.domain import (
    CLOCK_COMPARE_INTERVAL,
    RECORD_LOOKUP_INTERVAL,
    DriverAvailability,
    LastPosition,
    Position,
    located_at,
)
from shared.tracking.ports import PositionUpdate

MAX_POSITION_AGE = timedelta(seconds=60)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Entry:
    availability: DriverAvailability
    point: Point | None = None
    seen: datetime | None = None
    sighting: LastPosition | None = None
    looked_up: datetime | None = None


def _moved(entry: _Entry, latest: Position, received_at: datetime) -> _Entry:
    """Return what is known after a report."""
    known = entry.sighting
    taken = located_at(latest, received_at, known)
    recent = known is not None and received_at - known.clock_received_at < CLOCK_COMPARE_INTERVAL
    clock_recorded_at, clock_received_at = (
        (known.clock_recorded_at, known.clock_received_at) if known and recent else (latest.at, received_at)
    )
    if taken is None:
        return replace(
            entry,
            sighting=known
            and replace(known, clock_recorded_at=clock_recorded_at, clock_received_at=clock_received_at),
        )
    sighting = LastPosition(latest, taken, clock_recorded_at, clock_received_at)
    return replace(entry, point=latest.point, seen=taken, sighting=sighting)


def _may_be_suspect(entry: _Entry, now: datetime) -> bool:
    lately = entry.looked_up is not None and abs(now - entry.looked_up) < RECORD_LOOKUP_INTERVAL
    return not (entry.availability.can_take_order or lately)


class MemoryDriverIndex:
    """`dispatch.ports.DriverIndex` and `tracking.ports.Positions`; `down` makes it not answer.

    `now` is what marks run out by; a test moves it.
    """

    def __init__(self) -> None:
        self.down = False
        self.now = datetime.min.replace(tzinfo=UTC)
        self._entries: dict[str, _Entry] = {}
        self._asked: dict[str, tuple[str, datetime]] = {}
        self._suspect_areas: tuple[tuple[Point, float, datetime], ...] = ()

    def flush(self) -> None:
        """Lose everything, as `FLUSHALL` does."""
        self._entries.clear()
        self._asked.clear()
        self._suspect_areas = ()

    def availability(self, driver_id: str) -> DriverAvailability | None:
        """Return what is known of a driver, for assertions."""
        entry = self._entries.get(driver_id)
        return entry.availability if entry else None

    async def near(self, point: Point, radius_m: float, now: datetime) -> Sequence[Candidate]:
        self._answer(now)
        found = [
            self._candidate(entry.availability, entry.point, entry.seen)
            for entry in self._entries.values()
            if entry.point and entry.seen and now - entry.seen <= MAX_POSITION_AGE
        ]
        near = sorted((distance_m(driver.point, point), driver.driver_id, driver) for driver in found)
        return [driver for metres, _, driver in near if metres <= radius_m]

    async def reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        self._answer()
        if self._holder(driver_id) is None:
            self._asked[driver_id] = (offer_id, self.now + duration)
        return self._holder(driver_id) == offer_id

    async def release(self, driver_id: str, offer_id: str) -> None:
        self._answer()
        if self._holder(driver_id) == offer_id:
            del self._asked[driver_id]

    async def upsert_position(self, driver: Driver, point: Point, now: datetime) -> None:
        self._answer(now)
        await self.upsert_profile(driver)
        self._entries[driver.id] = replace(self._entries[driver.id], point=point, seen=now, sighting=None)

    async def upsert_profile(self, driver: Driver) -> None:
        availability = DriverAvailability(
            driver_id=driver.id,
            status=driver.status,
            load=driver.load,
            load_cap=driver.load_cap,
            rating=driver.rating,
            acceptance=driver.acceptance,
            version=driver.version,
        )
        self._store(availability, DriverIndexUnavailable)

    async def mark_suspect(self, point: Point, radius_m: float, duration: timedelta) -> None:
        self._answer()
        lasting = tuple(doubt for doubt in self._suspect_areas if self.now < doubt[2])
        self._suspect_areas = (*lasting, (point, radius_m, self.now + duration))

    async def remove(self, driver_id: str) -> None:
        self._answer()
        self._entries.pop(driver_id, None)

    async def record(self, driver_id: str, latest: Position, received_at: datetime) -> PositionUpdate | None:
        if self.down:
            raise Unavailable
        entry = self._entries.get(driver_id)
        if entry is None:
            return None
        moved = _moved(entry, Position(latest.point, latest.at), received_at)
        suspect = _may_be_suspect(entry, received_at) and self._suspect(latest.point)
        self._entries[driver_id] = replace(moved, looked_up=received_at) if suspect else moved
        return PositionUpdate(entry.sighting.fix if entry.sighting else None, suspect)

    async def upsert_availability(self, availability: DriverAvailability) -> None:
        self._store(availability, Unavailable)

    def _store(self, availability: DriverAvailability, error: type[Unavailable]) -> None:
        if self.down:
            raise error
        known = self._entries.get(availability.driver_id)
        if known is None:
            self._entries[availability.driver_id] = _Entry(availability)
        elif known.availability.version <= availability.version:
            self._entries[availability.driver_id] = replace(known, availability=availability)

    def _candidate(self, availability: DriverAvailability, point: Point, seen: datetime) -> Candidate:
        return Candidate(
            driver_id=availability.driver_id,
            point=point,
            at=seen,
            status=DriverStatus(availability.status),
            load=availability.load,
            load_cap=availability.load_cap,
            rating=availability.rating,
            acceptance=availability.acceptance,
            asked=self._holder(availability.driver_id),
        )

    def _suspect(self, at: Point) -> bool:
        lasting = (doubt for doubt in self._suspect_areas if self.now < doubt[2])
        return any(distance_m(point, at) <= radius_m for point, radius_m, _ in lasting)

    def _holder(self, driver_id: str) -> str | None:
        offer, until = self._asked.get(driver_id, (None, self.now))
        return offer if offer and self.now < until else None

    def _answer(self, now: datetime | None = None) -> None:
        if self.down:
            raise DriverIndexUnavailable
        self.now = now or self.now


@dataclass(frozen=True, slots=True)
class Deadline:
    """One task: `key` is the offer, or order and search_attempt."""

    name: str
    at: datetime
    offer_id: str = ""
    order_id: str = ""
    search_attempt: int = 0


class MemoryDeadlines:
    """`dispatch.ports.Deadlines`; a name that was used once is never used again, as with Cloud Tasks.

    `down` makes it refuse everything, `refused` the tasks of these names.
    """

    def __init__(self) -> None:
        self.down = False
        self.refused: set[str] = set()
        self.tasks: dict[str, Deadline] = {}

    def lose(self) -> None:
        """Forget every task, as a lost queue would; the names stay taken."""
        self.tasks = {name: replace(task, at=NEVER) for name, task in self.tasks.items()}

    def due(self, now: datetime) -> list[Deadline]:
        """Take out the tasks whose time has come, earliest first."""
        found = sorted((t for t in self.tasks.values() if t.at <= now), key=lambda task: task.at)
        for task in found:
            self.tasks[task.name] = replace(task, at=NEVER)
        return found

    async def schedule_offer_expiry(self, offer_id: str, at: datetime) -> None:
        self._add(Deadline(offer_id, at, offer_id=offer_id))

    async def schedule_search(self, order_id: str, search_attempt: int, at: datetime) -> None:
        self._add(
            Deadline(
                f"search_{order_id}_{search_attempt}", at, order_id=order_id, search_attempt=search_attempt
            )
        )

    def _add(self, task: Deadline) -> None:
        if self.down or task.name in self.refused:
            raise Unavailable("The task queue does not answer.")
        self.tasks.setdefault(task.name, task)
