"""The sweep of offers after lost tasks, crashes and a flushed index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.dispatch.domain import offer_id
from shared.dispatch.machine import OfferState
from shared.dispatch.matching import Candidate
from shared.dispatch.usecases.sweep_offers import sweep_offers
from shared.kernel.batch import DEFAULT_LIMITS, Batch, Limits
from shared.kernel.geo import Point
from shared.kernel.order import AssignmentState
from tests.builders import ORDER_ID
from tests.fakes.dispatch import MemoryDriverIndex
from tests.unit.dispatch.world import World

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Swept:
    """How many offers and searches a sweep handled, and how many failed."""

    offers: int
    searches: int
    failed: int


async def sweep(world: World, limits: Limits = DEFAULT_LIMITS) -> Swept:
    result = await sweep_offers(ports=world, batch=Batch(clock=lambda: world.now, limits=limits))
    return Swept(result.offers.seen, result.searches.seen, result.offers.failed + result.searches.failed)


async def test_an_offer_whose_task_was_lost_expires_and_the_next_driver_gets_one(world: World) -> None:
    world.add_order()
    await world.add_driver("asha", 100)
    await world.search()
    world.deadlines.lose()
    world.wait(36 * SECOND)
    await world.add_driver("bala", 100)
    assert await sweep(world) == Swept(offers=1, searches=0, failed=0)
    assert world.offer().state is OfferState.EXPIRED
    assert world.offer(2).driver_id == "bala"


async def test_an_offer_that_has_not_expired_is_left_alone(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    await world.search()
    world.wait(30 * SECOND)
    assert await sweep(world) == Swept(offers=0, searches=0, failed=0)
    assert world.offer().state is OfferState.OPEN


async def test_a_search_whose_task_was_lost_continues(world: World) -> None:
    world.add_order()
    await world.search()
    world.deadlines.lose()
    world.wait(46 * SECOND)
    await world.add_driver("asha")
    assert await sweep(world) == Swept(offers=0, searches=1, failed=0)
    assert world.assignment().state is AssignmentState.OFFERED


async def test_a_search_that_waits_for_its_next_attempt_is_left_alone(world: World) -> None:
    world.add_order()
    await world.search()
    world.wait(45 * SECOND)
    assert await sweep(world) == Swept(offers=0, searches=0, failed=0)


async def test_one_order_that_fails_stops_no_other(world: World) -> None:
    world.add_order()
    world.add_order(id="ord_2")
    await world.add_driver("asha", 100)
    await world.add_driver("bala", 200)
    await world.search()
    await world.search("ord_2")
    world.deadlines.refused = {offer_id(ORDER_ID, 2), f"search_{ORDER_ID}_1"}
    world.wait(36 * SECOND)
    await world.ping("asha", "bala")
    swept = await sweep(world)
    assert (swept.offers, swept.failed) == (2, 1)
    assert world.offer(1, "ord_2").state is OfferState.EXPIRED
    assert offer_id("ord_2", 2) in world.deadlines.tasks


async def test_sweeping_twice_changes_nothing_more(world: World) -> None:
    world.add_order()
    await world.add_driver("asha", 100)
    await world.search()
    world.wait(36 * SECOND)
    await world.ping("asha")
    await sweep(world)
    commits = len(world.database.commits)
    assert await sweep(world) == Swept(0, 0, 0)
    assert len(world.database.commits) == commits


async def test_after_index_and_tasks_were_lost_every_order_is_offered_within_a_minute(
    world: World,
) -> None:
    ids = [world.add_order(id=f"ord_{n}") for n in range(5)]
    for n in range(5):
        await world.add_driver(f"d{n}", 100 * n)
    world.index.down = True
    for order_id in ids:
        await world.search(order_id)
    world.index.down = False
    world.index.flush()
    world.deadlines.lose()
    world.wait(60 * SECOND)
    await world.ping(*(f"d{n}" for n in range(5)))
    await sweep(world)
    assert {world.assignment(order_id).state for order_id in ids} == {AssignmentState.OFFERED}
    assert len({offer.driver_id for offer in world.offers()}) == 5


async def test_the_name_of_a_lost_task_is_not_used_again(world: World) -> None:
    world.add_order()
    await world.add_driver("asha", 100)
    await world.search()
    world.deadlines.lose()
    world.wait(36 * SECOND)
    await world.ping("asha")
    await sweep(world)
    world.wait(3 * SECOND)
    await world.search(search_attempt=world.assignment().search_attempt)
    live = {task.name for task in world.deadlines.due(world.now + timedelta(minutes=1))}
    assert offer_id(ORDER_ID, 2) in live


class SlowIndex(MemoryDriverIndex):
    """Lets a second pass in each search."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    async def near(
        self, point: Point, radius_m: float, located_since: datetime, limit: int | None = None
    ) -> Sequence[Candidate]:
        self._world.wait(SECOND)
        return await super().near(point, radius_m, located_since, limit)


async def test_an_offer_made_by_a_long_sweep_is_open_for_its_full_time(world: World) -> None:
    world.index = SlowIndex(world)
    ids = [world.add_order(id=f"ord_{n:02}") for n in range(40)]
    for order_id in ids:
        await world.search(order_id)
    world.deadlines.lose()
    world.wait(60 * SECOND)
    for n in range(40):
        await world.add_driver(f"d{n:02}", 100)
    begin = world.now
    assert await sweep(world) == Swept(offers=0, searches=40, failed=0)
    assert world.now - begin >= 40 * SECOND
    # Ten searches run at once, so that a decision rests on a time that is at most ten seconds old.
    made = sorted(offer.made_at for offer in world.offers())
    assert len(made) == 40
    assert all(at >= begin + (number - 10) * SECOND for number, at in enumerate(made))
    assert all(offer.expires_at - offer.made_at == world.config.offer_timeout for offer in world.offers())


async def test_fault_12_a_sweep_stops_at_its_time_limit_and_the_next_one_continues(world: World) -> None:
    world.index = SlowIndex(world)
    world.config = replace(world.config, max_position_age=timedelta(minutes=15))
    ids = [world.add_order(id=f"ord_{n:02}") for n in range(90)]
    for order_id in ids:
        await world.search(order_id)
    world.deadlines.lose()
    world.wait(60 * SECOND)
    for n in range(90):
        await world.add_driver(f"d{n:02}", 100)
    limits = Limits(duration=15 * SECOND)
    first = await sweep_offers(ports=world, batch=Batch(clock=lambda: world.now, limits=limits))
    assert not first.searches.finished
    assert 10 <= first.searches.seen < 90
    second = await sweep_offers(
        ports=world, batch=Batch(clock=lambda: world.now, limits=Limits(duration=120 * SECOND))
    )
    assert second.searches.finished
    assert {offer.order_id for offer in world.offers()} == set(ids)


async def test_fault_11_offers_that_cannot_be_handled_do_not_block_those_behind_them(world: World) -> None:
    for n in range(6):
        world.add_order(id=f"ord_{n}")
        await world.add_driver(f"d{n}", 100)
        await world.search(f"ord_{n}")
        world.wait(SECOND)
    for n in range(4):  # an offer whose order is gone in part, and one that cannot be parsed
        path = f"offers/{offer_id(f'ord_{n}', 1)}"
        changes = {"driver_id": "ghost"} if n % 2 else {"pickup": "somewhere"}
        world.database.seed(path, {**world.database.data(path), **changes})
    world.database.seed("drivers/ghost", {"id": "ghost", "load_cap": "two"})
    world.wait(60 * SECOND)
    swept = await sweep(world, Limits(page_size=2))
    assert swept == Swept(offers=6, searches=0, failed=4)
    states = {n: world.database.data(f"offers/{offer_id(f'ord_{n}', 1)}")["state"] for n in range(6)}
    assert [states[n] for n in (4, 5)] == ["expired", "expired"]
