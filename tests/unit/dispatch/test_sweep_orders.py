"""The sweep of orders whose events never reached dispatch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.dispatch.machine import OfferState
from shared.dispatch.matching import Candidate
from shared.dispatch.usecases.release_driver import ReleaseDriver, release_driver
from shared.dispatch.usecases.sweep_orders import sweep_orders
from shared.kernel.batch import DEFAULT_LIMITS, Batch, Limits
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point
from shared.kernel.order import AssignmentState, Fulfilment, PaymentState
from tests.builders import NOW, ORDER_ID
from tests.unit.dispatch.world import NOT_READY_AND_PAID, World

SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Swept:
    """How many orders a sweep handled in each queue, and how many failed."""

    unsearched: int = 0
    reopened: int = 0
    ended: int = 0
    failed: int = 0


NOTHING = Swept()


async def sweep(world: World, limits: Limits = DEFAULT_LIMITS) -> Swept:
    result = await sweep_orders(ports=world, batch=Batch(clock=lambda: world.now, limits=limits))
    queues = (result.unsearched, result.reopened, result.ended)
    unsearched, reopened, ended = (queue.seen for queue in queues)
    return Swept(unsearched, reopened, ended, failed=sum(queue.failed for queue in queues))


def amend(world: World, order_id: str = ORDER_ID, **fields: Any) -> None:
    """Change another context's slice of an order without an event."""
    path = f"orders/{order_id}"
    world.database.seed(path, {**world.database.data(path), "updated_at": world.now, **fields})


async def deliver(world: World) -> None:
    """Accept and deliver as asha; the event of it is lost."""
    await world.accept("asha")
    amend(world, fulfilment="delivered")


# orders whose events never reached dispatch


async def test_an_order_whose_event_was_lost_is_searched_for(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    world.wait(46 * SECOND)
    await world.ping("asha")
    assert await sweep(world) == Swept(unsearched=1)
    assert world.offer().driver_id == "asha"


async def test_an_event_has_time_to_arrive_before_the_sweep_acts(world: World) -> None:
    world.add_order()
    await world.add_driver("asha")
    world.wait(45 * SECOND)
    assert await sweep(world) == NOTHING


@pytest.mark.parametrize(("fulfilment", "payment"), NOT_READY_AND_PAID)
async def test_an_order_that_is_not_ready_and_paid_is_not_even_read(
    world: World, fulfilment: Fulfilment, payment: PaymentState
) -> None:
    world.add_order(fulfilment, payment)
    world.wait(timedelta(hours=1))
    assert await sweep(world) == NOTHING


async def test_orders_behind_the_first_page_are_searched_for_too(world: World) -> None:
    for n in (3, 1, 2):
        world.add_order(id=f"ord_{n}", updated_at=NOW + n * SECOND)
        await world.add_driver(f"d{n}", 100 * n)
    world.wait(60 * SECOND)
    await world.ping("d1", "d2", "d3")
    assert (await sweep(world, Limits(page_size=2))).unsearched == 3
    assert len(world.offers()) == 3


async def test_a_sweep_that_runs_out_of_time_has_handled_the_oldest_orders(world: World) -> None:
    for n in range(90):
        world.add_order(id=f"ord_{n:02}", updated_at=NOW - n * SECOND)
    world.wait(60 * SECOND)
    near = world.index.near

    async def slow(
        point: Point, radius_m: float, located_since: datetime, limit: int | None = None
    ) -> Sequence[Candidate]:
        world.wait(SECOND)
        return await near(point, radius_m, located_since, limit)

    world.index.near = slow  # type: ignore[method-assign]
    await sweep(world, Limits(duration=5 * SECOND))
    searched = {n for n in range(90) if world.assignment(f"ord_{n:02}").state is AssignmentState.SEARCHING}
    assert searched == set(range(90 - len(searched), 90))
    assert 0 < len(searched) < 90


async def test_an_order_that_cannot_be_parsed_stops_no_other(world: World) -> None:
    world.add_order()
    world.add_order(id="ord_odd", updated_at=NOW - SECOND)
    amend(world, "ord_odd", pickup="somewhere", updated_at=NOW - SECOND)
    await world.add_driver("asha")
    world.wait(46 * SECOND)
    await world.ping("asha")
    assert await sweep(world) == Swept(unsearched=2, failed=1)
    assert world.assignment().state is AssignmentState.OFFERED


async def test_a_driver_who_cannot_be_parsed_stops_only_their_own_order(world: World) -> None:
    for n, uid in ((1, "asha"), (2, "bala")):
        world.add_order(id=f"ord_{n}")
        await world.add_driver(uid, 100)
        await world.search(f"ord_{n}")
    world.database.seed("drivers/asha", {**world.database.data("drivers/asha"), "vehicle": "broomstick"})
    for n in (1, 2):
        amend(world, f"ord_{n}", fulfilment="cancelled")
    world.wait(46 * SECOND)
    assert await sweep(world) == Swept(ended=2, failed=1)
    assert world.offer(1, "ord_2").state is OfferState.WITHDRAWN
    assert world.driver("bala").outstanding_offer is None


async def test_a_second_sweep_makes_no_second_offer(world: World) -> None:
    world.add_order()
    await world.add_driver("asha", 100)
    await world.add_driver("bala", 200)
    world.wait(46 * SECOND)
    await world.ping("asha", "bala")
    await sweep(world)
    assert await sweep(world) == NOTHING
    assert len(world.offers()) == 1


# orders that have ended


async def test_a_delivery_whose_event_was_lost_releases_the_driver(offered: World) -> None:
    await deliver(offered)
    offered.wait(46 * SECOND)
    assert await sweep(offered) == Swept(ended=1)
    assert offered.driver("asha").active_orders == ()
    availability = offered.index.availability("asha")
    assert availability is not None
    assert availability.load == 0
    assert (offered.assignment().state, offered.assignment().driver_id) == (AssignmentState.ASSIGNED, "asha")


async def test_a_cancellation_whose_event_was_lost_withdraws_the_offer(offered: World) -> None:
    await offered.cancel()
    offered.wait(46 * SECOND)
    assert (await sweep(offered)).ended == 1
    assert offered.offer().state is OfferState.WITHDRAWN
    assert offered.driver("asha").outstanding_offer is None
    assert offered.assignment().state is AssignmentState.NONE


async def test_a_cancellation_whose_event_was_lost_ends_search_and_assignment(world: World) -> None:
    world.add_order()
    world.add_order(id="ord_2")
    await world.search()
    await world.add_driver("asha")
    await world.search()
    await world.accept("asha")
    world.index.flush()
    await world.search("ord_2")
    for order_id in (ORDER_ID, "ord_2"):
        amend(world, order_id, fulfilment="cancelled")
    world.wait(46 * SECOND)
    assert (await sweep(world)).ended == 2
    assert world.driver("asha").active_orders == ()
    states = {world.assignment(order_id).state for order_id in (ORDER_ID, "ord_2")}
    assert states == {AssignmentState.NONE}


async def test_a_released_order_is_not_read_again(offered: World) -> None:
    await deliver(offered)
    await release_driver(ReleaseDriver("asha", ORDER_ID), store=offered.store, index=offered.index)
    offered.wait(timedelta(days=1))
    assert await sweep(offered) == NOTHING


async def test_an_order_under_way_is_not_even_read(offered: World) -> None:
    await offered.accept("asha")
    for state in ("picked_up", "in_transit", "arrived", "failed", "returning"):
        amend(offered, fulfilment=state)
        offered.wait(timedelta(hours=1))
        assert await sweep(offered) == NOTHING
    assert offered.driver("asha").active_orders == (ORDER_ID,)


async def test_returned_goods_release_the_driver(offered: World) -> None:
    await offered.accept("asha")
    amend(offered, fulfilment="returned")
    offered.wait(46 * SECOND)
    assert (await sweep(offered)).ended == 1
    assert offered.driver("asha").active_orders == ()


async def test_the_sweep_repeats_until_the_index_shows_the_driver_as_available(offered: World) -> None:
    await deliver(offered)
    offered.wait(46 * SECOND)
    offered.index.down = True
    for _ in range(3):
        assert await sweep(offered) == Swept(ended=1, failed=1)
    offered.index.down = False
    assert await sweep(offered) == Swept(ended=1)
    availability = offered.index.availability("asha")
    assert availability is not None
    assert availability.load == 0
    assert await sweep(offered) == NOTHING


# searches after their cooldown


async def unassignable(world: World) -> None:
    """Search without candidates for ten minutes."""
    world.add_order()
    while world.assignment().state is not AssignmentState.UNASSIGNABLE:
        await world.search(search_attempt=world.assignment().search_attempt)
        world.wait(30 * SECOND)


async def test_an_unassignable_order_is_searched_for_again_after_five_minutes(world: World) -> None:
    await unassignable(world)
    await world.add_driver("asha")
    while await sweep(world) == NOTHING:
        world.wait(10 * SECOND)
        await world.ping("asha")
    given_up = next(e for e in world.database.data(f"orders/{ORDER_ID}")["timeline"])
    assert timedelta(minutes=5) < world.now - given_up["at"] <= timedelta(minutes=5, seconds=10)
    assert world.offer().driver_id == "asha"
    await world.accept("asha")
    assert world.assignment().state is AssignmentState.ASSIGNED


async def test_a_reopened_search_without_candidates_is_escalated_again(world: World) -> None:
    await unassignable(world)
    for _ in range(2):
        world.wait(timedelta(minutes=5, seconds=1))
        round_before = world.assignment().search_attempt
        assert (await sweep(world)).reopened == 1
        assert world.assignment().state is AssignmentState.SEARCHING
        assert world.assignment().search_attempt > round_before
        while world.assignment().state is not AssignmentState.UNASSIGNABLE:
            world.wait(30 * SECOND)
            await world.search(search_attempt=world.assignment().search_attempt)
    assert world.bus.names() == ["order_unassignable", "order_escalated"] * 3
    assert world.timeline() == ["order_unassignable", "order_escalated"] * 3


async def test_a_reopened_search_continues_although_its_first_deadline_could_not_be_set(world: World) -> None:
    await unassignable(world)
    world.wait(timedelta(minutes=5))
    world.deadlines.down = True
    assert (await sweep(world)).failed == 1
    assert world.assignment().state is AssignmentState.SEARCHING


async def test_an_order_that_was_cancelled_during_the_cooldown_is_left_alone(world: World) -> None:
    await unassignable(world)
    await world.cancel()
    await world.handle_cancellation()
    world.wait(timedelta(minutes=10))
    assert await sweep(world) == NOTHING
    assert world.assignment().state is AssignmentState.NONE


async def test_a_store_that_is_down_fails_the_job(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(*_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(world.database, "query", down)
    with pytest.raises(Unavailable):
        await sweep(world)
