"""The driver location index and the deadlines in memory; both pass the contract suites of the real ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.adapters.driver_availability import availability_of
from shared.dispatch.domain import DriverIndexUnavailable
from shared.dispatch.drivers import Driver, DriverStatus
from shared.dispatch.matching import Candidate
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point, distance_m
from shared.kernel.geo import region as region_of
from shared.tracking.domain import (
    CLOCK_COMPARE_INTERVAL,
    MAX_CLOCK_DRIFT,
    MAX_JUMPS,
    DriverAvailability,
    Position,
    is_jump,
    is_lookup_due,
)
from shared.tracking.ports import PositionUpdate

NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Entry:
    """What the index knows of a driver; `point` and `located_at` are of the latest position.

    `recorded_at` is its time by the device's clock. `clocks` are the times of one report by the device's and
    the server's clock, to compare the next report with. `jump` is the latest of `jumps` ignored positions,
    at the server's time.
    """

    availability: DriverAvailability
    point: Point | None = None
    located_at: datetime | None = None
    recorded_at: datetime | None = None
    clocks: tuple[datetime, datetime] | None = None
    looked_up_at: datetime | None = None
    jump: Position | None = None
    jumps: int = 0


def _located_at(entry: _Entry, latest: Position, received_at: datetime) -> datetime | None:
    """Return when the driver was there by the server's clock, or None when a later position is known.

    See `shared.tracking.ports.Positions.record`. The contract suite compares this with the script in Redis.
    """
    if entry.recorded_at is None or entry.located_at is None:
        return received_at
    if entry.clocks is not None:
        recorded, received = entry.clocks
        elapsed = received_at - received
        drift = abs(latest.recorded_at - recorded - elapsed)
        if elapsed >= CLOCK_COMPARE_INTERVAL and drift <= MAX_CLOCK_DRIFT:
            return received_at
    later = latest.recorded_at - entry.recorded_at
    return min(received_at, entry.located_at + later) if later > timedelta() else None


def _is_ignored_jump(entry: _Entry, found: Position) -> bool:
    """Return whether a position is a jump that nothing confirms yet."""
    if entry.point is None or entry.located_at is None:
        return False
    if not is_jump(Position(entry.point, entry.located_at), found):
        return False
    before = entry.jump
    confirmed = before and before.recorded_at < found.recorded_at and not is_jump(before, found)
    return not confirmed and entry.jumps < MAX_JUMPS


def _moved(entry: _Entry, latest: Position, received_at: datetime) -> tuple[_Entry, bool]:
    """Return what the index knows after a report, and whether it was ignored as a jump."""
    located = _located_at(entry, latest, received_at)
    if entry.clocks is None or received_at - entry.clocks[1] >= CLOCK_COMPARE_INTERVAL:
        entry = replace(entry, clocks=(latest.recorded_at, received_at))
    if located is None:
        return entry, False
    if _is_ignored_jump(entry, Position(latest.point, located)):
        return replace(entry, jump=Position(latest.point, located), jumps=entry.jumps + 1), True
    moved = replace(entry, point=latest.point, located_at=located, recorded_at=latest.recorded_at)
    return replace(moved, jump=None, jumps=0), False


class MemoryDriverIndex:
    """`dispatch.ports.DriverIndex` and `tracking.ports.Positions`; it does not answer while `down`.

    Reservations and suspect areas expire by `now`, which a test moves.
    """

    def __init__(self) -> None:
        self.down = False
        self.now = datetime.min.replace(tzinfo=UTC)
        self._entries: dict[str, _Entry] = {}
        self._reservations: dict[str, tuple[str, datetime]] = {}
        self._suspect_areas: tuple[tuple[Point, float, datetime], ...] = ()

    def flush(self) -> None:
        """Lose everything, as `FLUSHALL` does."""
        self._entries.clear()
        self._reservations.clear()
        self._suspect_areas = ()

    def availability(self, driver_id: str) -> DriverAvailability | None:
        """Return what the index knows of a driver, for assertions."""
        entry = self._entries.get(driver_id)
        return entry.availability if entry else None

    def available(self) -> set[str]:
        """Return the drivers whom the index shows as available, for assertions."""
        return {uid for uid, entry in self._entries.items() if entry.availability.can_take_order}

    def points(self) -> dict[str, Point]:
        """Return where the index has each driver, for assertions."""
        return {uid: entry.point for uid, entry in self._entries.items() if entry.point}

    async def near(
        self, point: Point, radius_m: float, located_since: datetime, limit: int | None = None
    ) -> Sequence[Candidate]:
        self._answer()
        found = self._available(located_since)
        near = sorted((distance_m(driver.point, point), driver.driver_id, driver) for driver in found)
        return [driver for metres, _, driver in near if metres <= radius_m][:limit]

    async def in_region(self, region: str, located_since: datetime) -> Sequence[Candidate]:
        self._answer()
        return [driver for driver in self._available(located_since) if region_of(driver.point) == region]

    async def reserve(self, driver_id: str, offer_id: str, duration: timedelta) -> bool:
        self._answer()
        if self._holder(driver_id) is None:
            self._reservations[driver_id] = (offer_id, self.now + duration)
        return self._holder(driver_id) == offer_id

    async def release(self, driver_id: str, offer_id: str) -> None:
        self._answer()
        if self._holder(driver_id) == offer_id:
            del self._reservations[driver_id]

    async def upsert_position(self, driver: Driver, point: Point, now: datetime) -> None:
        self._answer(now)
        await self.upsert_profile(driver)
        known = self._entries[driver.id]
        self._entries[driver.id] = _Entry(known.availability, point, now, looked_up_at=known.looked_up_at)

    async def upsert_profile(self, driver: Driver) -> None:
        self._store(availability_of(driver), DriverIndexUnavailable)

    async def mark_suspect(self, point: Point, radius_m: float, duration: timedelta) -> None:
        self._answer()
        lasting = tuple(area for area in self._suspect_areas if self.now < area[2])
        self._suspect_areas = (*lasting, (point, radius_m, self.now + duration))

    async def remove(self, driver_id: str) -> None:
        self._answer()
        self._entries.pop(driver_id, None)

    async def last_report(self, driver_id: str) -> datetime | None:
        self._answer()
        entry = self._entries.get(driver_id)
        times = (entry.located_at, entry.clocks and entry.clocks[1]) if entry else ()
        return max((time for time in times if time), default=None)

    async def record(self, driver_id: str, latest: Position, received_at: datetime) -> PositionUpdate | None:
        if self.down:
            raise Unavailable
        entry = self._entries.get(driver_id)
        if entry is None:
            return None
        moved, jump = _moved(entry, latest, received_at)
        lookup_due = not entry.availability.can_take_order and is_lookup_due(entry.looked_up_at, received_at)
        suspect = lookup_due and self._is_suspect(latest.point)
        self._entries[driver_id] = replace(moved, looked_up_at=received_at) if suspect else moved
        return PositionUpdate(suspect, jump)

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

    def _available(self, located_since: datetime) -> list[Candidate]:
        return [
            self._candidate(entry.availability, entry.point, entry.located_at)
            for entry in self._entries.values()
            if entry.availability.can_take_order
            and entry.point
            and entry.located_at
            and entry.located_at >= located_since
        ]

    def _candidate(self, availability: DriverAvailability, point: Point, located: datetime) -> Candidate:
        return Candidate(
            driver_id=availability.driver_id,
            point=point,
            located_at=located,
            status=DriverStatus(availability.status),
            load=availability.load,
            load_cap=availability.load_cap,
            rating=availability.rating,
            acceptance=availability.acceptance,
            outstanding_offer=self._holder(availability.driver_id),
        )

    def _is_suspect(self, at: Point) -> bool:
        lasting = (area for area in self._suspect_areas if self.now < area[2])
        return any(distance_m(point, at) <= radius_m for point, radius_m, _ in lasting)

    def _holder(self, driver_id: str) -> str | None:
        offer, until = self._reservations.get(driver_id, (None, self.now))
        return offer if offer and self.now < until else None

    def _answer(self, now: datetime | None = None) -> None:
        if self.down:
            raise DriverIndexUnavailable
        self.now = now or self.now


@dataclass(frozen=True, slots=True)
class Deadline:
    """One task: of an offer, or of a search attempt of an order."""

    name: str
    at: datetime
    offer_id: str = ""
    order_id: str = ""
    search_attempt: int = 0


class MemoryDeadlines:
    """`dispatch.ports.Deadlines`; a name that was used once is never used again, as with Cloud Tasks.

    It refuses everything while `down`, and the tasks whose names are in `refused`.
    """

    def __init__(self) -> None:
        self.down = False
        self.refused: set[str] = set()
        self.tasks: dict[str, Deadline] = {}

    def lose(self) -> None:
        """Lose every task, as a lost queue would; the names stay used."""
        self.tasks = {name: replace(task, at=NEVER) for name, task in self.tasks.items()}

    def due(self, now: datetime) -> list[Deadline]:
        """Take out the tasks that are due, earliest first."""
        found = sorted((t for t in self.tasks.values() if t.at <= now), key=lambda task: task.at)
        for task in found:
            self.tasks[task.name] = replace(task, at=NEVER)
        return found

    async def schedule_offer_expiry(self, offer_id: str, at: datetime) -> None:
        self._add(Deadline(offer_id, at, offer_id=offer_id))

    async def schedule_search(self, order_id: str, search_attempt: int, at: datetime) -> None:
        name = f"search_{order_id}_{search_attempt}"
        self._add(Deadline(name, at, order_id=order_id, search_attempt=search_attempt))

    def _add(self, task: Deadline) -> None:
        if self.down or task.name in self.refused:
            raise Unavailable("The task queue does not answer.")
        self.tasks.setdefault(task.name, task)
