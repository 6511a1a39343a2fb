"""The map of drivers may have fallen back to an old state: whom it names to be looked up, and how often."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.dispatch.drivers import Driver, DriverStatus
from shared.kernel.geo import Point
from shared.tracking.ports import PositionUpdate
from tests.contract.driver_indexes import IndexUnderTest
from tests.contract.drivers import CENTRE, HALF_MINUTE, NOW, availability, driver, moved

pytestmark = pytest.mark.mission("E1")

FULL = driver(active_orders=("ord_1", "ord_2"), load_cap=2)
AWAY = driver(status=DriverStatus.OFFLINE)


@pytest.mark.parametrize("stands", [FULL, AWAY, driver(status=DriverStatus.ON_BREAK)], ids=str)
async def test_where_nobody_was_found_who_cannot_be_asked_is_suspect(
    driver_index: IndexUnderTest, stands: Driver
) -> None:
    await driver_index.positions.upsert_availability(availability(stands))
    assert not _suspect(await driver_index.report(CENTRE))
    await driver_index.index.mark_suspect(moved(CENTRE, 11_000), 12_000, HALF_MINUTE)
    assert _suspect(await driver_index.report(CENTRE, 3))


async def test_who_can_be_asked_is_never_suspect(driver_index: IndexUnderTest) -> None:
    await driver_index.index.upsert_position(driver(active_orders=("ord_1",)), CENTRE, NOW)
    await driver_index.index.mark_suspect(CENTRE, 12_000, HALF_MINUTE)
    assert not _suspect(await driver_index.report(CENTRE, 3))


async def test_what_happens_in_another_city_is_no_reason_for_doubt(driver_index: IndexUnderTest) -> None:
    await driver_index.positions.upsert_availability(availability(FULL))
    await driver_index.index.mark_suspect(moved(CENTRE, 300_000), 12_000, HALF_MINUTE)
    assert not _suspect(await driver_index.report(CENTRE))


async def test_a_driver_is_doubted_once_in_half_a_minute_however_many_report_at_once(
    driver_index: IndexUnderTest,
) -> None:
    await driver_index.positions.upsert_availability(availability(FULL))
    await driver_index.index.mark_suspect(CENTRE, 12_000, timedelta(minutes=5))
    seen = await asyncio.gather(*(driver_index.report(CENTRE) for _ in range(10)))
    assert sum(_suspect(one) for one in seen) == 1
    later = [_suspect(await driver_index.report(CENTRE, second)) for second in range(3, 64, 3)]
    assert later == [second in (30, 60) for second in range(3, 64, 3)]


async def test_doubt_by_a_clock_that_was_far_ahead_does_not_last(driver_index: IndexUnderTest) -> None:
    await driver_index.positions.upsert_availability(availability(FULL))
    await driver_index.index.mark_suspect(CENTRE, 12_000, timedelta(days=1))
    assert _suspect(await driver_index.report(CENTRE, 0, after=3_600))
    assert _suspect(await driver_index.report(CENTRE, 3))


async def test_who_was_looked_up_and_is_free_is_found_and_not_doubted_again(
    driver_index: IndexUnderTest,
) -> None:
    await driver_index.positions.upsert_availability(availability(AWAY))
    await driver_index.index.mark_suspect(CENTRE, 12_000, timedelta(minutes=5))
    assert _suspect(await driver_index.report(CENTRE))
    await driver_index.positions.upsert_availability(availability(driver(version=2)))
    assert not _suspect(await driver_index.report(CENTRE))
    assert await driver_index.near(CENTRE, 2_000) == ["asha"]
    assert not _suspect(await driver_index.report(CENTRE, 60))


async def test_near_a_pole_there_is_nothing_to_doubt(driver_index: IndexUnderTest) -> None:
    await driver_index.index.mark_suspect(Point(89.0, 10.0), 12_000, HALF_MINUTE)


def _suspect(seen: PositionUpdate | None) -> bool:
    assert seen is not None
    return seen.suspect
