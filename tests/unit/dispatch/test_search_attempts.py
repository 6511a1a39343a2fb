"""Searches without candidates: delays, their end, and an index that is down or empty."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.adapters.firestore.tracking import FirestoreDriverRecords
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.usecases.make_offer import Outcome
from shared.kernel.errors import Unavailable
from shared.kernel.order import AssignmentState
from shared.tracking.domain import Position
from shared.tracking.reports import Report
from shared.tracking.usecases.record_positions import RecordPositions, record_positions
from tests.builders import NOW, ORDER_ID
from tests.unit.dispatch.world import World, north

SECOND = timedelta(seconds=1)


async def test_a_search_without_candidates_continues_with_growing_delays(world: World) -> None:
    world.add_order()
    for n in range(1, 13):
        assert await world.search(search_attempt=n - 1) is Outcome.POSTPONED
        task = world.deadlines.tasks[f"search_{ORDER_ID}_{n}"]
        assert task.at == world.now + timedelta(seconds=min(30, 3 * n))
        world.wait(task.at - world.now)
    assignment = world.assignment()
    assert (assignment.state, assignment.search_attempt) == (AssignmentState.SEARCHING, 12)
    assert world.bus.names() == []


@pytest.mark.parametrize(
    "old", [{"status": DriverStatus.OFFLINE}, {"active_orders": ("ord_1", "ord_2")}], ids=str
)
async def test_an_available_driver_whom_the_index_shows_as_busy_gets_an_offer_in_the_next_attempt(
    world: World, old: dict[str, Any]
) -> None:
    asha = await world.add_driver("asha", version=5)
    world.index.flush()
    await world.index.upsert_position(replace(asha, version=4, **old), north(500), world.now)
    world.add_order()
    assert await world.search(search_attempt=0) is Outcome.POSTPONED
    records = FirestoreDriverRecords(world.database)
    at = north(500)
    report = RecordPositions("asha", [Report(0, at.lat, at.lng, world.now)])
    await record_positions(report, positions=world.index, drivers=records, now=world.now)
    assert await world.search(search_attempt=1) is Outcome.OFFERED
    assert world.offer().driver_id == "asha"


async def test_a_search_that_makes_an_offer_marks_no_area_as_suspect(world: World) -> None:
    await world.add_driver("asha", metres=500)
    busy = await world.add_driver("bala", active_orders=("ord_1", "ord_2"))
    world.add_order()
    assert await world.search() is Outcome.OFFERED
    seen = await world.index.record(busy.id, Position(north(500), world.now), world.now)
    assert seen is not None
    assert not seen.suspect


async def test_a_search_for_a_past_attempt_only_renews_the_deadline(world: World) -> None:
    world.add_order()
    await world.search()
    world.deadlines.tasks.clear()
    await world.add_driver("asha")
    assert await world.search(search_attempt=0) is Outcome.NOTHING_TO_DO
    assert list(world.deadlines.tasks) == [f"search_{ORDER_ID}_1"]
    assert world.offers() == []


async def test_a_retry_repairs_a_crash_between_an_empty_attempt_and_its_deadline(world: World) -> None:
    world.add_order()
    world.deadlines.down = True
    with pytest.raises(Unavailable):
        await world.search(search_attempt=0)
    world.deadlines.down = False
    await world.search(search_attempt=0)
    assert world.deadlines.tasks[f"search_{ORDER_ID}_1"].at == NOW + 3 * SECOND


async def test_after_ten_minutes_without_candidates_the_search_ends_with_one_event(world: World) -> None:
    world.add_order()
    outcome = await world.search()
    while outcome is Outcome.POSTPONED:
        world.wait(world.config.search_delay(world.assignment().search_attempt))
        outcome = await world.search(search_attempt=world.assignment().search_attempt)
    assert outcome is Outcome.UNASSIGNABLE
    assert NOW + timedelta(minutes=10) <= world.now < NOW + timedelta(minutes=11)
    assert world.assignment().state is AssignmentState.UNASSIGNABLE
    for _ in range(3):
        assert await world.search() is Outcome.NOTHING_TO_DO
    assert world.bus.names() == ["order_unassignable", "order_escalated"]


async def test_time_without_a_search_does_not_count_as_time_without_candidates(world: World) -> None:
    world.add_order()
    await world.search()
    world.wait(timedelta(minutes=20))
    assert await world.search() is Outcome.POSTPONED
    assert world.assignment().no_candidates_since == world.now


async def test_busy_drivers_nearby_do_not_end_the_search(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.index.reserve("asha", "off_other_1", timedelta(hours=1))
    assert await world.search() is Outcome.POSTPONED
    assert world.assignment().no_candidates_since is None


async def test_an_index_that_is_down_postpones_the_search_and_loses_nothing(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    world.index.down = True
    assert await world.search() is Outcome.POSTPONED
    assert world.assignment().state is AssignmentState.SEARCHING
    assert world.assignment().no_candidates_since is None
    assert list(world.deadlines.tasks) == [f"search_{ORDER_ID}_1"]
    world.index.down = False
    assert await world.search(search_attempt=1) is Outcome.OFFERED


async def test_an_index_that_is_down_for_an_hour_makes_no_order_unassignable(world: World) -> None:
    world.add_order()
    await world.search()
    world.index.down = True
    for _ in range(120):
        world.wait(timedelta(seconds=30))
        await world.search(search_attempt=world.assignment().search_attempt)
    world.index.down = False
    assert await world.search(search_attempt=world.assignment().search_attempt) is Outcome.POSTPONED
    assert world.assignment().no_candidates_since == world.now


async def test_a_flushed_index_is_searched_again_until_the_drivers_have_reported(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    world.index.flush()
    assert await world.search() is Outcome.POSTPONED
    world.wait(3 * SECOND)
    await world.ping("asha")
    [task] = world.deadlines.due(world.now)
    assert await world.search(task.order_id, task.search_attempt) is Outcome.OFFERED
