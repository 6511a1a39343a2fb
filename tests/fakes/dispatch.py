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
from shared.tracking.domain import HEARD_APART, LOOKED_UP_APART, Fix, Sighting, Standing, taken_at
from shared.tracking.ports import Seen

FRESH_FOR = timedelta(seconds=60)
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Entry:
    standing: Standing
    point: Point | None = None
    seen: datetime | None = None
    sighting: Sighting | None = None
    looked_up: datetime | None = None


def _moved(entry: _Entry, latest: Fix, received_at: datetime) -> _Entry:
    """Return what is known after a report."""
    known = entry.sighting
    taken = taken_at(latest, received_at, known)
    recent = known is not None and received_at - known.heard < HEARD_APART
    phone_heard, heard = (known.phone_heard, known.heard) if known and recent else (latest.at, received_at)
    if taken is None:
        return replace(entry, sighting=known and replace(known, phone_heard=phone_heard, heard=heard))
    sighting = Sighting(latest, taken, phone_heard, heard)
    return replace(entry, point=latest.point, seen=taken, sighting=sighting)


def _may_be_doubted(entry: _Entry, now: datetime) -> bool:
    lately = entry.looked_up is not None and abs(now - entry.looked_up) < LOOKED_UP_APART
    return not (entry.standing.has_room or lately)


class MemoryMap:
    """`dispatch.ports.DriverIndex` and `tracking.ports.Positions`; `down` makes it not answer.

    `now` is what marks run out by; a test moves it.
    """

    def __init__(self) -> None:
        self.down = False
        self.now = datetime.min.replace(tzinfo=UTC)
        self._entries: dict[str, _Entry] = {}
        self._asked: dict[str, tuple[str, datetime]] = {}
        self._doubts: tuple[tuple[Point, float, datetime], ...] = ()

    def flush(self) -> None:
        """Lose everything, as `FLUSHALL` does."""
        self._entries.clear()
        self._asked.clear()
        self._doubts = ()

    def standing(self, driver_id: str) -> Standing | None:
        """Return what is known of a driver, for assertions."""
        entry = self._entries.get(driver_id)
        return entry.standing if entry else None

    async def near(self, point: Point, radius_m: float, now: datetime) -> Sequence[Candidate]:
        self._answer(now)
        found = [
            self._candidate(entry.standing, entry.point, entry.seen)
            for entry in self._entries.values()
            if entry.point and entry.seen and now - entry.seen <= FRESH_FOR
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

    async def place(self, driver: Driver, point: Point, now: datetime) -> None:
        self._answer(now)
        await self.describe(driver)
        self._entries[driver.id] = replace(self._entries[driver.id], point=point, seen=now, sighting=None)

    async def describe(self, driver: Driver) -> None:
        standing = Standing(
            driver_id=driver.id,
            status=driver.status,
            load=driver.load,
            load_cap=driver.load_cap,
            rating=driver.rating,
            acceptance=driver.acceptance,
            version=driver.version,
        )
        self._store(standing, DriverIndexUnavailable)

    async def doubt(self, point: Point, radius_m: float, duration: timedelta) -> None:
        self._answer()
        lasting = tuple(doubt for doubt in self._doubts if self.now < doubt[2])
        self._doubts = (*lasting, (point, radius_m, self.now + duration))

    async def forget(self, driver_id: str) -> None:
        self._answer()
        self._entries.pop(driver_id, None)

    async def record(self, driver_id: str, latest: Fix, received_at: datetime) -> Seen | None:
        if self.down:
            raise Unavailable
        entry = self._entries.get(driver_id)
        if entry is None:
            return None
        moved = _moved(entry, Fix(latest.point, latest.at), received_at)
        doubted = _may_be_doubted(entry, received_at) and self._doubted(latest.point)
        self._entries[driver_id] = replace(moved, looked_up=received_at) if doubted else moved
        return Seen(entry.sighting.fix if entry.sighting else None, doubted)

    async def introduce(self, standing: Standing) -> None:
        self._store(standing, Unavailable)

    def _store(self, standing: Standing, error: type[Unavailable]) -> None:
        if self.down:
            raise error
        known = self._entries.get(standing.driver_id)
        if known is None:
            self._entries[standing.driver_id] = _Entry(standing)
        elif known.standing.version <= standing.version:
            self._entries[standing.driver_id] = replace(known, standing=standing)

    def _candidate(self, standing: Standing, point: Point, seen: datetime) -> Candidate:
        return Candidate(
            driver_id=standing.driver_id,
            point=point,
            at=seen,
            status=DriverStatus(standing.status),
            load=standing.load,
            load_cap=standing.load_cap,
            rating=standing.rating,
            acceptance=standing.acceptance,
            asked=self._holder(standing.driver_id),
        )

    def _doubted(self, at: Point) -> bool:
        lasting = (doubt for doubt in self._doubts if self.now < doubt[2])
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
    """One task: `key` is the offer, or order and round."""

    name: str
    at: datetime
    offer_id: str = ""
    order_id: str = ""
    round: int = 0


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

    async def offer_expires(self, offer_id: str, at: datetime) -> None:
        self._add(Deadline(offer_id, at, offer_id=offer_id))

    async def search_again(self, order_id: str, round: int, at: datetime) -> None:  # noqa: A002
        self._add(Deadline(f"search_{order_id}_{round}", at, order_id=order_id, round=round))

    def _add(self, task: Deadline) -> None:
        if self.down or task.name in self.refused:
            raise Unavailable("The task queue does not answer.")
        self.tasks.setdefault(task.name, task)
