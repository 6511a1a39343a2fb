"""Where drivers are: what is taken, what is refused, what comes back after a loss."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point
from shared.tracking.domain import (
    DriverNotRegistered,
    Fix,
    PointFromTheFuture,
    PointOffTheMap,
    PointTooOld,
    Standing,
    impossible_jumps,
    newest,
)
from shared.tracking.usecases.record_positions import Recorded, RecordPositions, record_positions
from tests.builders import NOW
from tests.fakes.dispatch import MemoryMap

HOME = Point(12.97, 77.59)
ASHA = Standing("asha", "online", 0, 2, 4.5, 0.8, 1)


@dataclass
class Records:
    """The drivers' records; counts how often they are read."""

    standings: dict[str, Standing] = field(default_factory=lambda: {"asha": ASHA})
    reads: int = 0

    async def standing(self, driver_id: str) -> Standing | None:
        self.reads += 1
        return self.standings.get(driver_id)


class Desk:
    """The use case with its ports."""

    def __init__(self) -> None:
        self.map = MemoryMap()
        self.records = Records()

    async def record(self, *fixes: Fix, uid: str = "asha", now: datetime = NOW) -> Recorded:
        command = RecordPositions(uid, fixes)
        return await record_positions(command, positions=self.map, drivers=self.records, now=now)

    async def position(self) -> Point:
        [found] = await self.map.near(HOME, 50_000, NOW)
        return found.point


@pytest.fixture
def desk() -> Desk:
    return Desk()


def fix(metres: float = 0.0, seconds: float = 0.0) -> Fix:
    """A point so far north of home, so many seconds after now."""
    return Fix(Point(HOME.lat + metres / 111_195, HOME.lng), NOW + timedelta(seconds=seconds))


async def test_the_newest_of_a_batch_is_where_the_driver_is_whatever_its_order(desk: Desk) -> None:
    assert await desk.record(fix(20, -3), fix(40, 0), fix(0, -6)) == Recorded(3, 0)
    assert await desk.position() == fix(40).point


async def test_a_batch_that_is_older_than_what_is_known_does_not_move_the_driver_back(desk: Desk) -> None:
    await desk.record(fix(100, 0))
    await desk.record(fix(50, -10))
    assert await desk.position() == fix(100).point


async def test_the_record_is_read_only_when_the_map_has_lost_the_driver(desk: Desk) -> None:
    for second in range(10):
        await desk.record(fix(second, second - 20))
    assert desk.records.reads == 1
    desk.map.flush()
    await desk.record(fix(0, 0))
    assert desk.records.reads == 2
    assert desk.map.standing("asha") == ASHA
    assert await desk.position() == HOME


async def test_who_is_no_driver_is_refused_and_leaves_no_trace(desk: Desk) -> None:
    with pytest.raises(DriverNotRegistered):
        await desk.record(fix(), uid="customer")
    assert desk.map.standing("customer") is None


async def test_a_minute_ahead_is_a_clock_and_more_is_refused(desk: Desk) -> None:
    await desk.record(fix(0, 60))
    with pytest.raises(PointFromTheFuture) as refused:
        await desk.record(fix(0, 0), fix(0, 60.1))
    assert [error.pointer for error in refused.value.errors] == ["/points/1/at"]


async def test_a_position_from_the_day_before_yesterday_is_refused(desk: Desk) -> None:
    with pytest.raises(PointTooOld):
        await desk.record(fix(0, -86_401))


async def test_a_position_at_a_pole_is_refused(desk: Desk) -> None:
    with pytest.raises(PointOffTheMap):
        await desk.record(Fix(Point(-85.1, 0), NOW))


async def test_nothing_of_a_batch_with_a_refused_point_is_taken(desk: Desk) -> None:
    with pytest.raises(PointFromTheFuture):
        await desk.record(fix(0, 0), fix(0, 120))
    assert await desk.map.near(HOME, 1_000, NOW) == []


async def test_an_impossible_jump_is_counted_and_logged_but_taken(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.record(fix(0, -10))
    with caplog.at_level(logging.WARNING):
        assert await desk.record(fix(701, 0)) == Recorded(1, 1)
    assert [record.message for record in caplog.records] == ["impossible_jump"]
    assert await desk.position() == fix(701).point


async def test_a_map_that_is_down_is_told_as_unavailable(desk: Desk) -> None:
    desk.map.down = True
    with pytest.raises(Unavailable):
        await desk.record(fix())


async def test_a_map_that_forgets_at_once_is_told_as_unavailable(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lost(_: Standing) -> None:
        return None

    monkeypatch.setattr(desk.map, "introduce", lost)
    with pytest.raises(Unavailable):
        await desk.record(fix())


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
