"""Recording positions: accepted, refused, and restored after a loss of the index."""

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
from shared.tracking.usecases.record_positions import RecordPositions, RecordResult, record_positions
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


class Tracking:
    """The use case with its tracking."""

    def __init__(self) -> None:
        self.index = MemoryDriverIndex()
        self.records = Records()

    async def record(self, *positions: Position, uid: str = "asha", now: datetime = NOW) -> RecordResult:
        command = RecordPositions(uid, positions)
        return await record_positions(command, positions=self.index, drivers=self.records, now=now)

    async def position(self, now: datetime = NOW) -> Point | None:
        """Return where dispatch finds the driver, or None."""
        found = await self.index.near(HOME, 50_000, now - timedelta(minutes=1))
        return found[0].point if found else None


@pytest.fixture
def tracking() -> Tracking:
    return Tracking()


def online(uid: str) -> Driver:
    """Return a driver who is online."""
    return Driver(uid, "Asha", Vehicle.CAR, approved=True, status=DriverStatus.ONLINE)


def position(metres: float = 0.0, seconds: float = 0.0) -> Position:
    """Return a position `metres` north of home, `seconds` after now."""
    return Position(Point(HOME.lat + metres / 111_195, HOME.lng), NOW + timedelta(seconds=seconds))


async def test_the_newest_position_of_a_batch_counts_whatever_its_order(tracking: Tracking) -> None:
    assert await tracking.record(position(20, -3), position(40, 0), position(0, -6)) == RecordResult(3, 0)
    assert await tracking.position() == position(40).point


async def test_a_batch_older_than_the_last_position_does_not_move_the_driver_back(
    tracking: Tracking,
) -> None:
    await tracking.record(position(100, 0))
    await tracking.record(position(50, -10))
    assert await tracking.position() == position(100).point


async def test_the_record_is_read_only_when_the_index_has_lost_the_driver(tracking: Tracking) -> None:
    for second in range(10):
        await tracking.record(position(second, second - 20))
    assert tracking.records.reads == 1
    tracking.index.flush()
    await tracking.record(position(0, 0))
    assert tracking.records.reads == 2
    assert tracking.index.availability("asha") == ASHA
    assert await tracking.position() == HOME


OLD = [replace(ASHA, status="offline", version=0), replace(ASHA, load=2, version=0)]
"""States that the index may fall back to while the driver is available."""


@pytest.mark.parametrize("old", OLD, ids=str)
async def test_an_available_driver_whom_the_index_shows_as_busy_is_found_once_an_order_waits(
    tracking: Tracking, old: DriverAvailability
) -> None:
    await tracking.index.upsert_availability(old)
    await tracking.record(position())
    assert (tracking.records.reads, tracking.index.availability("asha")) == (0, old), (
        "no order waits for a driver"
    )
    await tracking.index.mark_suspect(HOME, 12_000, timedelta(minutes=1))
    await tracking.record(position(3, 3), now=NOW + timedelta(seconds=3))
    assert tracking.index.availability("asha") == ASHA
    assert await tracking.position(NOW + timedelta(seconds=3)) == position(3).point


async def test_a_busy_driver_is_looked_up_at_most_twice_a_minute(tracking: Tracking) -> None:
    busy = replace(ASHA, load=2)
    tracking.records.availabilities["asha"] = busy
    await tracking.index.upsert_availability(busy)
    await tracking.index.mark_suspect(HOME, 12_000, timedelta(minutes=5))
    for second in range(0, 60, 3):
        await tracking.record(position(second, second), now=NOW + timedelta(seconds=second))
    assert tracking.records.reads == 2


async def test_a_report_counts_although_the_driver_cannot_be_looked_up(tracking: Tracking) -> None:
    await tracking.index.upsert_availability(OLD[0])
    await tracking.index.mark_suspect(HOME, 12_000, timedelta(minutes=5))
    tracking.records.down = True
    assert await tracking.record(position()) == RecordResult(1, 0)
    tracking.records.down = False
    await tracking.record(position(30, 30), now=NOW + timedelta(seconds=30))
    assert tracking.index.availability("asha") == ASHA


async def test_a_report_counts_although_the_drivers_record_cannot_be_parsed(
    tracking: Tracking, caplog: pytest.LogCaptureFixture
) -> None:
    database = MemoryDatabase()
    await tracking.index.upsert_availability(replace(ASHA, load=2))
    await tracking.index.mark_suspect(HOME, 12_000, timedelta(minutes=5))
    database.seed("drivers/asha", {"id": "asha", "load": "two"})
    tracking.records = FirestoreDriverRecords(database)  # type: ignore[assignment]
    assert await tracking.record(position()) == RecordResult(1, 0)
    assert [(entry.levelname, entry.message) for entry in caplog.records] == [
        ("ERROR", "driver_lookup_failed")
    ]
    assert await tracking.position() == position().point


async def test_a_later_version_in_the_index_than_in_the_record_stays(
    tracking: Tracking,
) -> None:
    later = replace(ASHA, load=2, version=7)
    await tracking.index.upsert_availability(later)
    await tracking.index.mark_suspect(HOME, 12_000, timedelta(minutes=5))
    await tracking.record(position())
    assert (tracking.records.reads, tracking.index.availability("asha")) == (1, later)


async def test_a_driver_in_the_index_without_a_record_is_left_unchanged(tracking: Tracking) -> None:
    ghost = replace(OLD[0], driver_id="ghost")
    await tracking.index.upsert_availability(ghost)
    await tracking.index.mark_suspect(HOME, 12_000, timedelta(minutes=5))
    assert await tracking.record(position(), uid="ghost") == RecordResult(1, 0)
    assert tracking.index.availability("ghost") == ghost


async def test_a_user_who_is_no_driver_is_refused_and_not_stored(tracking: Tracking) -> None:
    with pytest.raises(DriverNotRegistered):
        await tracking.record(position(), uid="customer")
    assert tracking.index.availability("customer") is None


async def test_a_position_a_day_ahead_is_accepted_and_a_later_one_refused(tracking: Tracking) -> None:
    await tracking.record(position(0, DAY))
    with pytest.raises(PointFromTheFuture) as refused:
        await tracking.record(position(0, 0), position(0, DAY + 1))
    assert [error.pointer for error in refused.value.errors] == ["/points/1/at"]


async def test_a_position_more_than_a_day_old_is_refused(tracking: Tracking) -> None:
    with pytest.raises(PointTooOld):
        await tracking.record(position(0, -DAY - 1))


async def test_a_position_at_a_pole_is_refused(tracking: Tracking) -> None:
    with pytest.raises(PointOffTheMap):
        await tracking.record(Position(Point(-85.1, 0), NOW))


async def test_a_batch_with_a_refused_position_is_refused_as_a_whole(tracking: Tracking) -> None:
    with pytest.raises(PointFromTheFuture):
        await tracking.record(position(0, 0), position(0, DAY + 1))
    assert await tracking.index.near(HOME, 1_000, NOW - timedelta(minutes=1)) == []


@pytest.mark.parametrize("wrong", [-DAY / 2, -3600, -60, 60, 3600, DAY / 2])
async def test_a_driver_whose_device_clock_is_wrong_is_found(tracking: Tracking, wrong: float) -> None:
    await tracking.index.upsert_position(online("asha"), HOME, NOW)
    for second in range(0, 180, 3):
        now = NOW + timedelta(seconds=second)
        await tracking.record(position(second, second + wrong), now=now)
        assert await tracking.position(now) == position(second).point


@pytest.mark.parametrize("wrong", [-3600, -90, 90, 3600])
async def test_a_device_clock_that_is_changed_costs_half_a_minute_at_most(
    tracking: Tracking, wrong: float
) -> None:
    for second in range(0, 90, 3):
        clock = second if second < 30 else second + wrong
        await tracking.record(position(second, clock), now=NOW + timedelta(seconds=second))
    end = NOW + timedelta(seconds=87)
    assert await tracking.position(end) == position(87).point
    assert await tracking.position(end + timedelta(seconds=60)) == position(87).point


async def test_positions_sent_after_a_time_without_network_are_as_old_as_the_device_says(
    tracking: Tracking,
) -> None:
    await tracking.record(position(0, 0))
    later = NOW + timedelta(minutes=10)
    await tracking.record(position(100, 60), position(200, 120), now=later)
    assert await tracking.position(later) is None, "it is eight minutes old"
    await tracking.record(position(900, 600), now=later)
    assert await tracking.position(later) == position(900).point


async def test_a_batch_sent_again_does_not_renew_the_position(tracking: Tracking) -> None:
    await tracking.record(position(50, -3), position(100, 0))
    later = NOW + timedelta(minutes=5)
    await tracking.record(position(50, -3), position(100, 0), now=later)
    await tracking.record(position(50, -3), now=later)
    assert await tracking.position(later) is None


async def test_the_newest_position_counts_in_a_batch_that_spans_minutes(tracking: Tracking) -> None:
    later = NOW + timedelta(minutes=10)
    await tracking.record(position(0, 0))
    await tracking.record(*(position(second, second) for second in range(30, 601, 30)), now=later)
    assert await tracking.position(later) == position(600).point


async def test_an_impossible_jump_is_counted_logged_and_recorded(
    tracking: Tracking, caplog: pytest.LogCaptureFixture
) -> None:
    await tracking.record(position(0, -10))
    with caplog.at_level(logging.WARNING):
        assert await tracking.record(position(701, 0)) == RecordResult(1, 1)
    assert [record.message for record in caplog.records] == ["impossible_jump"]
    assert await tracking.position() == position(701).point


async def test_an_index_that_is_down_raises_unavailable(tracking: Tracking) -> None:
    tracking.index.down = True
    with pytest.raises(Unavailable):
        await tracking.record(position())


async def test_an_index_that_is_cleared_during_the_report_raises_unavailable(
    tracking: Tracking, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(_: DriverAvailability) -> None:
        return None

    monkeypatch.setattr(tracking.index, "upsert_availability", lost)
    with pytest.raises(Unavailable):
        await tracking.record(position())


def test_the_scatter_of_a_receiver_within_a_second_is_no_jump() -> None:
    assert impossible_jumps(None, [position(0, 0), position(60, 0.1), position(0, 0.2)]) == 0


def test_jumps_are_counted_along_time_from_the_previous_position() -> None:
    assert impossible_jumps(position(0, 0), [position(2_000, 10), position(0, 5), position(-900, -1)]) == 1


@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-3600, 60)), min_size=1, max_size=20))
def test_the_newest_position_has_the_latest_time(drawn: list[tuple[float, float]]) -> None:
    positions = [position(metres, seconds) for metres, seconds in drawn]
    assert newest(positions).recorded_at == max(one.recorded_at for one in positions)


@given(st.lists(st.floats(0, 60), min_size=2, max_size=20), st.floats(0, 69))
def test_a_driver_below_the_speed_limit_is_never_flagged(steps: list[float], speed: float) -> None:
    at, positions = 0.0, []
    for step in steps:
        at += step
        positions.append(position(speed * at, at))
    assert impossible_jumps(None, positions) == 0
