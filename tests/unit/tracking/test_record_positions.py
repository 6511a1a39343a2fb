"""Recording positions: accepted, refused, and restored after a loss of the index."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.firestore.tracking import FirestoreDriverRecords
from shared.dispatch.drivers import Driver, DriverStatus
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point
from shared.kernel.vehicle import Vehicle
from shared.tracking.domain import DriverAvailability, DriverNotRegistered, Position, is_jump
from shared.tracking.reports import PositionFault, Report
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
        reports = [report(one, n) for n, one in enumerate(positions)]
        command = RecordPositions(uid, reports)
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


def report(one: Position, index: int = 0) -> Report:
    """Return a position as a device reports it."""
    return Report(index, one.point.lat, one.point.lng, one.recorded_at)


def faults(result: RecordResult) -> list[tuple[int, PositionFault]]:
    return [(one.index, one.fault) for one in result.left_out]


async def test_the_newest_position_of_a_batch_counts_whatever_its_order(tracking: Tracking) -> None:
    assert await tracking.record(position(20, -3), position(40, 0), position(0, -6)) == RecordResult(3)
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
    assert await tracking.record(position()) == RecordResult(1)
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
    assert await tracking.record(position()) == RecordResult(1)
    assert [(entry.levelname, entry.message) for entry in caplog.records] == [
        ("ERROR", "driver_lookup_failed")
    ]
    assert tracking.index.points() == {"asha": position().point}


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
    assert await tracking.record(position(), uid="ghost") == RecordResult(1)
    assert tracking.index.availability("ghost") == ghost


async def test_a_user_who_is_no_driver_is_refused_and_not_stored(tracking: Tracking) -> None:
    with pytest.raises(DriverNotRegistered):
        await tracking.record(position(), uid="customer")
    assert tracking.index.availability("customer") is None


async def test_a_clock_a_day_ahead_is_wrong_and_one_further_ahead_is_broken(tracking: Tracking) -> None:
    await tracking.record(position(0, DAY))
    assert await tracking.record(position(50, 1), position(0, DAY + 1), now=NOW + timedelta(seconds=1)) == (
        RecordResult(2)
    )
    assert await tracking.position(NOW + timedelta(seconds=1)) == position(0).point, "a clock set back"


async def test_fault_22_a_position_more_than_a_day_old_is_left_out_and_the_others_are_taken(
    tracking: Tracking,
) -> None:
    fresh = [position(n, n - 99) for n in range(99)]
    result = await tracking.record(*fresh, position(500, -25 * 3_600))

    assert (result.accepted, faults(result)) == (99, [(99, PositionFault.TOO_OLD)])
    assert await tracking.position() == fresh[-1].point


async def test_fault_22_a_position_at_a_pole_is_left_out(tracking: Tracking) -> None:
    result = await tracking.record(position(), Position(Point(-85.1, 0), NOW))

    assert (result.accepted, faults(result)) == (1, [(1, PositionFault.OFF_THE_MAP)])


async def test_fault_22_a_batch_without_a_usable_position_changes_nothing_and_reaches_no_index(
    tracking: Tracking,
) -> None:
    await tracking.record(position())
    tracking.index.down = True
    result = await tracking.record(position(500, -25 * 3_600), Position(Point(0, 0), NOW))
    tracking.index.down = False

    assert (result.accepted, len(result.left_out)) == (0, 2)
    assert await tracking.position() == position().point


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


async def test_fault_23_a_jump_is_left_out_and_logged_and_the_driver_stays(
    tracking: Tracking, caplog: pytest.LogCaptureFixture
) -> None:
    await tracking.record(position(0, 0))
    later = NOW + timedelta(seconds=10)
    with caplog.at_level(logging.WARNING):
        result = await tracking.record(position(701, 10), now=later)
    assert (result.accepted, faults(result)) == (0, [(0, PositionFault.JUMP)])
    assert [record.message for record in caplog.records] == ["positions_left_out"]
    assert await tracking.position(later) == position(0).point


async def test_fault_23_a_jump_that_the_next_report_confirms_was_none(tracking: Tracking) -> None:
    await tracking.record(position(5_000, 0))
    for second, accepted in ((10, 0), (13, 1)):
        now = NOW + timedelta(seconds=second)
        assert (await tracking.record(position(second, second), now=now)).accepted == accepted
    assert await tracking.position(NOW + timedelta(seconds=13)) == position(13).point


async def test_fault_23_the_third_jump_in_a_row_is_believed(tracking: Tracking) -> None:
    await tracking.record(position(0, 0))
    for second, metres, accepted in ((10, 9_000, 0), (13, -9_000, 0), (16, 5_000, 1)):
        now = NOW + timedelta(seconds=second)
        assert (await tracking.record(position(metres, second), now=now)).accepted == accepted
    assert await tracking.position(NOW + timedelta(seconds=16)) == position(5_000).point


async def test_fault_23_single_jumps_among_good_positions_never_add_up(tracking: Tracking) -> None:
    for second in range(0, 60, 3):
        now = NOW + timedelta(seconds=second)
        metres = 9_000 if second % 2 else second
        await tracking.record(position(metres, second), now=now)
        assert (await tracking.position(now)) == position(second if second % 2 == 0 else second - 3).point


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
    assert not is_jump(position(0, 0), position(60, 0.1))
    assert is_jump(position(0, 0), position(71, 0.1))


@given(st.floats(0, 3_600), st.floats(0, 69))
def test_a_driver_below_the_speed_limit_never_jumps(seconds: float, speed: float) -> None:
    assert not is_jump(position(0, 0), position(speed * seconds, seconds))
