"""After the driver location index fell back to an old state: which drivers are looked up, how often."""

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


@pytest.mark.parametrize("unavailable", [FULL, AWAY, driver(status=DriverStatus.ON_BREAK)], ids=str)
async def test_where_nobody_was_found_who_cannot_be_asked_is_suspect(
    driver_index: IndexUnderTest, unavailable: Driver
) -> None:
    await driver_index.positions.upsert_availability(availability(unavailable))
    assert not _suspect(await driver_index.report(CENTRE))
    await driver_index.index.mark_suspect(moved(CENTRE, 11_000), 12_000, HALF_MINUTE)
    assert _suspect(await driver_index.report(CENTRE, 3))


async def test_who_can_be_asked_is_never_suspect(driver_index: IndexUnderTest) -> None:
    await driver_index.index.upsert_position(driver(active_orders=("ord_1",)), CENTRE, NOW)
    await driver_index.index.mark_suspect(CENTRE, 12_000, HALF_MINUTE)
    assert not _suspect(await driver_index.report(CENTRE, 3))


async def test_a_suspect_area_in_another_city_does_not_count(driver_index: IndexUnderTest) -> None:
    await driver_index.positions.upsert_availability(availability(FULL))
    await driver_index.index.mark_suspect(moved(CENTRE, 300_000), 12_000, HALF_MINUTE)
    assert not _suspect(await driver_index.report(CENTRE))


async def test_a_driver_is_suspect_once_in_half_a_minute_for_one_of_all_concurrent_reports(
    driver_index: IndexUnderTest,
) -> None:
    await driver_index.positions.upsert_availability(availability(FULL))
    await driver_index.index.mark_suspect(CENTRE, 12_000, timedelta(minutes=5))
    seen = await asyncio.gather(*(driver_index.report(CENTRE) for _ in range(10)))
    assert sum(_suspect(one) for one in seen) == 1
    later = [_suspect(await driver_index.report(CENTRE, second)) for second in range(3, 64, 3)]
    assert later == [second in (30, 60) for second in range(3, 64, 3)]


async def test_a_lookup_by_a_clock_that_is_far_ahead_does_not_block_the_next_one(
    driver_index: IndexUnderTest,
) -> None:
    await driver_index.positions.upsert_availability(availability(FULL))
    await driver_index.index.mark_suspect(CENTRE, 12_000, timedelta(days=1))
    assert _suspect(await driver_index.report(CENTRE, 0, after=3_600))
    assert _suspect(await driver_index.report(CENTRE, 3))


async def test_a_driver_who_is_available_after_the_lookup_is_found_and_not_suspect_again(
    driver_index: IndexUnderTest,
) -> None:
    await driver_index.positions.upsert_availability(availability(AWAY))
    await driver_index.index.mark_suspect(CENTRE, 12_000, timedelta(minutes=5))
    assert _suspect(await driver_index.report(CENTRE))
    await driver_index.positions.upsert_availability(availability(driver(version=2)))
    assert not _suspect(await driver_index.report(CENTRE))
    assert await driver_index.near(CENTRE, 2_000) == ["asha"]
    assert not _suspect(await driver_index.report(CENTRE, 60))


async def test_marking_an_area_near_a_pole_does_nothing(driver_index: IndexUnderTest) -> None:
    await driver_index.index.mark_suspect(Point(89.0, 10.0), 12_000, HALF_MINUTE)


def _suspect(seen: PositionUpdate | None) -> bool:
    assert seen is not None
    return seen.suspect
