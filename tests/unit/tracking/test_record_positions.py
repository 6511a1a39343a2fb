"""Where drivers are: what is taken, what is refused, what comes back after a loss."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.firestore.tracking import FirestoreDriverRecords
from shared.dispatch.drivers import Driver, DriverStatus, Vehicle
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point
from shared.tracking.domain import (
    DriverAvailability,
    DriverNotRegistered,
    PointFromTheFuture,
    PointOffTheMap,
    PointTooOld,
    Position,
    impossible_jumps,
    newest,
)
from shared.tracking.usecases.record_positions import Recorded, RecordPositions, record_positions
from tests.builders import NOW
from tests.fakes.database import MemoryDatabase
from tests.fakes.dispatch import MemoryDriverIndex

pytestmark = pytest.mark.mission("F1")

HOME = Point(12.97, 77.59)
DAY = 86_400
ASHA = DriverAvailability("asha", "online", 0, 2, 4.5, 0.8, 1)


@dataclass
class Records:
    """The drivers' records; counts how often they are read."""

    availabilities: dict[str, DriverAvailability] = field(default_factory=lambda: {"asha": ASHA})
    reads: int = 0
    down: bool = False

    async def availability(self, driver_id: str) -> DriverAvailability | None:
        self.reads += 1
        if self.down:
            raise Unavailable
        return self.availabilities.get(driver_id)


class DispatchPorts:
    """The use context with its ports."""

    def __init__(self) -> None:
        self.map = MemoryDriverIndex()
        self.records = Records()

    async def record(self, *fixes: Position, uid: str = "asha", now: datetime = NOW) -> Recorded:
        command = RecordPositions(uid, fixes)
        return await record_positions(command, positions=self.map, drivers=self.records, now=now)

    async def position(self, now: datetime = NOW) -> Point | None:
        """Where dispatch finds the driver, if it does."""
        found = await self.map.near(HOME, 50_000, now)
        return found[0].point if found else None


@pytest.fixture
def ports() -> DispatchPorts:
    return DispatchPorts()


def online(uid: str) -> Driver:
    """A driver as their record has them."""
    return Driver(uid, "Asha", Vehicle.CAR, approved=True, status=DriverStatus.ONLINE)


def fix(metres: float = 0.0, seconds: float = 0.0) -> Position:
    """A point so far north of home, so many seconds after now."""
    return Position(Point(HOME.lat + metres / 111_195, HOME.lng), NOW + timedelta(seconds=seconds))


async def test_the_newest_of_a_batch_is_where_the_driver_is_whatever_its_order(ports: DispatchPorts) -> None:
    assert await ports.record(fix(20, -3), fix(40, 0), fix(0, -6)) == Recorded(3, 0)
    assert await ports.position() == fix(40).point


async def test_a_batch_that_is_older_than_what_is_known_does_not_move_the_driver_back(
    ports: DispatchPorts,
) -> None:
    await ports.record(fix(100, 0))
    await ports.record(fix(50, -10))
    assert await ports.position() == fix(100).point


async def test_the_record_is_read_only_when_the_map_has_lost_the_driver(ports: DispatchPorts) -> None:
    for second in range(10):
        await ports.record(fix(second, second - 20))
    assert ports.records.reads == 1
    ports.map.flush()
    await ports.record(fix(0, 0))
    assert ports.records.reads == 2
    assert ports.map.availability("asha") == ASHA
    assert await ports.position() == HOME


OLD = [replace(ASHA, status="offline", version=0), replace(ASHA, load=2, version=0)]
"""What the map may fall back to, while the driver is free."""


@pytest.mark.parametrize("old", OLD, ids=str)
async def test_a_free_driver_whom_the_map_takes_for_a_busy_one_is_found_once_somebody_waits(
    ports: DispatchPorts, old: DriverAvailability
) -> None:
    await ports.map.upsert_availability(old)
    await ports.record(fix())
    assert (ports.records.reads, ports.map.availability("asha")) == (0, old), "nobody waits for a driver"
    await ports.map.mark_suspect(HOME, 12_000, timedelta(minutes=1))
    await ports.record(fix(3, 3), now=NOW + timedelta(seconds=3))
    assert ports.map.availability("asha") == ASHA
    assert await ports.position(NOW + timedelta(seconds=3)) == fix(3).point


async def test_who_is_busy_indeed_is_looked_up_no_more_than_twice_a_minute(ports: DispatchPorts) -> None:
    busy = replace(ASHA, load=2)
    ports.records.availabilities["asha"] = busy
    await ports.map.upsert_availability(busy)
    await ports.map.mark_suspect(HOME, 12_000, timedelta(minutes=5))
    for second in range(0, 60, 3):
        await ports.record(fix(second, second), now=NOW + timedelta(seconds=second))
    assert ports.records.reads == 2


async def test_a_report_counts_though_the_driver_cannot_be_looked_up(ports: DispatchPorts) -> None:
    await ports.map.upsert_availability(OLD[0])
    await ports.map.mark_suspect(HOME, 12_000, timedelta(minutes=5))
    ports.records.down = True
    assert await ports.record(fix()) == Recorded(1, 0)
    ports.records.down = False
    await ports.record(fix(30, 30), now=NOW + timedelta(seconds=30))
    assert ports.map.availability("asha") == ASHA


async def test_a_report_counts_though_the_driver_s_record_cannot_be_read(
    ports: DispatchPorts, caplog: pytest.LogCaptureFixture
) -> None:
    database = MemoryDatabase()
    await ports.map.upsert_availability(replace(ASHA, load=2))
    await ports.map.mark_suspect(HOME, 12_000, timedelta(minutes=5))
    database.seed("drivers/asha", {"id": "asha", "load": "two"})
    ports.records = FirestoreDriverRecords(database)  # type: ignore[assignment]
    assert await ports.record(fix()) == Recorded(1, 0)
    assert [(told.levelname, told.message) for told in caplog.records] == [("ERROR", "driver_not_looked_up")]
    assert await ports.position() == fix().point


async def test_what_the_map_knows_of_a_later_version_than_the_record_that_was_read_stays(
    ports: DispatchPorts,
) -> None:
    later = replace(ASHA, load=2, version=7)
    await ports.map.upsert_availability(later)
    await ports.map.mark_suspect(HOME, 12_000, timedelta(minutes=5))
    await ports.record(fix())
    assert (ports.records.reads, ports.map.availability("asha")) == (1, later)


async def test_someone_in_the_map_without_a_record_is_left_as_they_are(ports: DispatchPorts) -> None:
    ghost = replace(OLD[0], driver_id="ghost")
    await ports.map.upsert_availability(ghost)
    await ports.map.mark_suspect(HOME, 12_000, timedelta(minutes=5))
    assert await ports.record(fix(), uid="ghost") == Recorded(1, 0)
    assert ports.map.availability("ghost") == ghost


async def test_who_is_no_driver_is_refused_and_leaves_no_trace(ports: DispatchPorts) -> None:
    with pytest.raises(DriverNotRegistered):
        await ports.record(fix(), uid="customer")
    assert ports.map.availability("customer") is None


async def test_a_day_ahead_is_a_clock_and_more_is_refused(ports: DispatchPorts) -> None:
    await ports.record(fix(0, DAY))
    with pytest.raises(PointFromTheFuture) as refused:
        await ports.record(fix(0, 0), fix(0, DAY + 1))
    assert [error.pointer for error in refused.value.errors] == ["/points/1/at"]


async def test_a_position_from_the_day_before_yesterday_is_refused(ports: DispatchPorts) -> None:
    with pytest.raises(PointTooOld):
        await ports.record(fix(0, -DAY - 1))


async def test_a_position_at_a_pole_is_refused(ports: DispatchPorts) -> None:
    with pytest.raises(PointOffTheMap):
        await ports.record(Position(Point(-85.1, 0), NOW))


async def test_nothing_of_a_batch_with_a_refused_point_is_taken(ports: DispatchPorts) -> None:
    with pytest.raises(PointFromTheFuture):
        await ports.record(fix(0, 0), fix(0, DAY + 1))
    assert await ports.map.near(HOME, 1_000, NOW) == []


@pytest.mark.parametrize("wrong", [-DAY / 2, -3600, -60, 60, 3600, DAY / 2])
async def test_a_phone_whose_clock_is_wrong_is_found_all_the_same(ports: DispatchPorts, wrong: float) -> None:
    await ports.map.upsert_position(online("asha"), HOME, NOW)
    for second in range(0, 180, 3):
        now = NOW + timedelta(seconds=second)
        await ports.record(fix(second, second + wrong), now=now)
        assert await ports.position(now) == fix(second).point


@pytest.mark.parametrize("wrong", [-3600, -90, 90, 3600])
async def test_a_clock_that_is_set_anew_costs_half_a_minute_at_most(
    ports: DispatchPorts, wrong: float
) -> None:
    for second in range(0, 90, 3):
        clock = second if second < 30 else second + wrong
        await ports.record(fix(second, clock), now=NOW + timedelta(seconds=second))
    end = NOW + timedelta(seconds=87)
    assert await ports.position(end) == fix(87).point
    assert await ports.position(end + timedelta(seconds=60)) == fix(87).point


async def test_what_a_phone_brings_from_where_there_was_no_network_is_as_old_as_it_is(
    ports: DispatchPorts,
) -> None:
    await ports.record(fix(0, 0))
    later = NOW + timedelta(minutes=10)
    await ports.record(fix(100, 60), fix(200, 120), now=later)
    assert await ports.position(later) is None, "it is eight minutes old"
    await ports.record(fix(900, 600), now=later)
    assert await ports.position(later) == fix(900).point


async def test_a_batch_sent_a_second_time_makes_nobody_look_alive(ports: DispatchPorts) -> None:
    await ports.record(fix(50, -3), fix(100, 0))
    later = NOW + timedelta(minutes=5)
    await ports.record(fix(50, -3), fix(100, 0), now=later)
    await ports.record(fix(50, -3), now=later)
    assert await ports.position(later) is None


async def test_the_newest_point_counts_whatever_else_a_batch_holds(ports: DispatchPorts) -> None:
    later = NOW + timedelta(minutes=10)
    await ports.record(fix(0, 0))
    await ports.record(*(fix(second, second) for second in range(30, 601, 30)), now=later)
    assert await ports.position(later) == fix(600).point


async def test_an_impossible_jump_is_counted_and_logged_but_taken(
    ports: DispatchPorts, caplog: pytest.LogCaptureFixture
) -> None:
    await ports.record(fix(0, -10))
    with caplog.at_level(logging.WARNING):
        assert await ports.record(fix(701, 0)) == Recorded(1, 1)
    assert [record.message for record in caplog.records] == ["impossible_jump"]
    assert await ports.position() == fix(701).point


async def test_a_map_that_is_down_is_told_as_unavailable(ports: DispatchPorts) -> None:
    ports.map.down = True
    with pytest.raises(Unavailable):
        await ports.record(fix())


async def test_a_map_that_forgets_at_once_is_told_as_unavailable(
    ports: DispatchPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(_: DriverAvailability) -> None:
        return None

    monkeypatch.setattr(ports.map, "upsert_availability", lost)
    with pytest.raises(Unavailable):
        await ports.record(fix())


def test_the_scatter_of_a_receiver_within_a_second_is_no_jump() -> None:
    assert impossible_jumps(None, [fix(0, 0), fix(60, 0.1), fix(0, 0.2)]) == 0


def test_jumps_are_counted_along_time_from_what_was_known_before() -> None:
    assert impossible_jumps(fix(0, 0), [fix(2_000, 10), fix(0, 5), fix(-900, -1)]) == 1


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-3600, 60)), min_size=1, max_size=20))
def test_the_newest_fix_has_the_latest_time_of_all(drawn: list[tuple[float, float]]) -> None:
    fixes = [fix(metres, seconds) for metres, seconds in drawn]
    assert newest(fixes).at == max(one.at for one in fixes)


@given(st.lists(st.floats(0, 60), min_size=2, max_size=20), st.floats(0, 69))
def test_whoever_keeps_below_the_limit_is_never_flagged(steps: list[float], speed: float) -> None:
    at, fixes = 0.0, []
    for step in steps:
        at += step
        fixes.append(fix(speed * at, at))
    assert impossible_jumps(None, fixes) == 0
