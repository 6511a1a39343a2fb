"""Drivers: registration, approval, going online and offline, reviews."""

from __future__ import annotations

import pytest

from shared.dispatch.drivers import (
    Driver,
    DriverNotApproved,
    DriverNotFound,
    DriverNotRegistered,
    DriverStatus,
    PlaceOffTheMap,
    rate,
)
from shared.dispatch.machine import ReviewCause
from shared.dispatch.queries import own_driver
from shared.dispatch.review import AlreadyRegistered, DriverReview
from shared.dispatch.usecases.count_review import CountReview, count_review
from shared.dispatch.usecases.go_offline import GoOffline, go_offline
from shared.dispatch.usecases.go_online import GoOnline, go_online
from shared.dispatch.usecases.register_driver import RegisterDriver, register_driver
from shared.dispatch.usecases.review_driver import ReviewDriver, review_driver
from shared.kernel.actor import Operator, Role
from shared.kernel.audit import OperatorAction
from shared.kernel.errors import Unavailable
from shared.kernel.geo import Point, region
from shared.kernel.vehicle import Vehicle
from tests.builders import NOW
from tests.unit.dispatch.world import World, driver, north

pytestmark = pytest.mark.mission("E6")

REGISTER = RegisterDriver("asha", "Asha", Vehicle.BICYCLE)
ADMIN = OperatorAction("aud_1", Operator("root", frozenset({Role.ADMIN})), NOW)
APPROVAL = ReviewDriver(DriverReview(ADMIN, "asha", ReviewCause.APPROVE))


async def online(world: World, uid: str = "asha", at: Point | None = None) -> Driver:
    command = GoOnline(uid, at or north(0))
    return await go_online(
        command, store=world.store, index=world.index, driver_documents=world.driver_documents, now=world.now
    )


async def test_a_new_driver_waits_for_approval_offline(world: World) -> None:
    made = await register_driver(REGISTER, store=world.store, now=NOW)
    assert (made.approved, made.status, made.load_cap) == (False, DriverStatus.OFFLINE, 2)
    assert await own_driver("asha", store=world.store) == made


async def test_a_user_cannot_register_twice(world: World) -> None:
    await register_driver(REGISTER, store=world.store, now=NOW)
    with pytest.raises(AlreadyRegistered):
        await register_driver(REGISTER, store=world.store, now=NOW)


async def test_an_unapproved_driver_cannot_go_online(world: World) -> None:
    await register_driver(REGISTER, store=world.store, now=NOW)
    with pytest.raises(DriverNotApproved):
        await online(world)


async def test_a_user_who_is_no_driver_can_neither_go_online_nor_offline_nor_be_approved(
    world: World,
) -> None:
    with pytest.raises(DriverNotRegistered):
        await online(world)
    with pytest.raises(DriverNotRegistered):
        await go_offline(GoOffline("asha"), store=world.store, index=world.index, now=world.now)
    with pytest.raises(DriverNotFound):
        await review_driver(APPROVAL, store=world.store, index=world.index)
    with pytest.raises(DriverNotFound):
        await own_driver("asha", store=world.store)


async def test_an_approved_driver_goes_online_and_is_found(world: World) -> None:
    await register_driver(REGISTER, store=world.store, now=NOW)
    await review_driver(APPROVAL, store=world.store, index=world.index)
    assert (await online(world)).status is DriverStatus.ONLINE
    assert world.driver("asha").region == region(north(0))
    [found] = await world.candidates(north(0), 100)
    assert (found.driver_id, found.status) == ("asha", DriverStatus.ONLINE)


async def test_going_online_or_being_approved_twice_writes_once(world: World) -> None:
    await register_driver(REGISTER, store=world.store, now=NOW)
    for _ in range(2):
        await review_driver(APPROVAL, store=world.store, index=world.index)
    for _ in range(2):
        await online(world)
    assert len(world.database.commits) == 3
    assert world.driver("asha").version == 2


async def test_a_driver_cannot_go_online_at_a_pole(world: World) -> None:
    await world.add_driver("asha", status=DriverStatus.OFFLINE)
    with pytest.raises(PlaceOffTheMap):
        await online(world, at=Point(89.9, 0))


async def test_going_online_fails_while_the_index_is_down(world: World) -> None:
    await world.add_driver("asha", status=DriverStatus.OFFLINE)
    world.index.down = True
    with pytest.raises(Unavailable):
        await online(world)
    world.index.down = False
    assert (await online(world)).status is DriverStatus.ONLINE


async def test_a_driver_goes_offline_and_keeps_their_active_orders(world: World) -> None:
    await world.add_driver("asha", active_orders=("ord_1",))
    after = await go_offline(GoOffline("asha"), store=world.store, index=world.index, now=world.now)
    assert (after.status, after.active_orders) == (DriverStatus.OFFLINE, ("ord_1",))
    availability = world.index.availability("asha")
    assert availability is not None
    assert availability.status == "offline"


async def test_a_driver_goes_offline_even_while_the_index_is_down(world: World) -> None:
    await world.add_driver("asha")
    world.index.down = True
    await go_offline(GoOffline("asha"), store=world.store, index=world.index, now=world.now)
    assert world.driver("asha").status is DriverStatus.OFFLINE


async def test_repeated_review_events_count_once(world: World) -> None:
    await world.add_driver("asha")
    for _ in range(10):
        await count_review(CountReview("asha", "rev_1", 5), store=world.store, index=world.index)
    await count_review(CountReview("asha", "rev_2", 2), store=world.store, index=world.index)
    rated = world.driver("asha")
    assert (rated.rating_sum, rated.rating_count, rated.rating_stars) == (7, 2, (0, 1, 0, 0, 1))
    availability = world.index.availability("asha")
    assert availability is not None
    assert availability.rating == rated.rating


async def test_a_retry_updates_the_index_after_a_review_that_could_not(world: World) -> None:
    await world.add_driver("asha")
    world.index.down = True
    with pytest.raises(Unavailable):
        await count_review(CountReview("asha", "rev_1", 1), store=world.store, index=world.index)
    world.index.down = False
    await count_review(CountReview("asha", "rev_1", 1), store=world.store, index=world.index)
    availability = world.index.availability("asha")
    assert availability is not None
    assert availability.rating == world.driver("asha").rating
    assert world.driver("asha").rating_count == 1


async def test_a_review_of_a_user_who_is_no_driver_is_an_error(world: World) -> None:
    with pytest.raises(DriverNotFound):
        await count_review(CountReview("asha", "rev_1", 1), store=world.store, index=world.index)


def test_a_driver_without_counted_stars_keeps_the_mean_and_counts_from_now_on() -> None:
    old = driver("asha", rating_sum=9, rating_count=2)
    assert old.rating_stars == (0, 0, 0, 0, 0)
    rated = rate(old, 4)
    assert (rated.rating_sum, rated.rating_count, rated.rating_stars) == (13, 3, (0, 0, 0, 1, 0))


def test_a_new_driver_has_the_prior_rating_until_reviews_change_it() -> None:
    assert driver("asha").rating == pytest.approx(4.5)
    assert driver("asha", rating_sum=1, rating_count=1).rating == pytest.approx((22.5 + 1) / 6)
    assert driver("asha", rating_sum=500, rating_count=100).rating > 4.9


def test_acceptance_starts_at_the_prior_and_follows_the_answers() -> None:
    assert driver("asha").acceptance == pytest.approx(0.8)
    assert driver("asha", offers_made=95).acceptance == pytest.approx(0.04)
    assert driver("asha", offers_made=95, offers_accepted=95).acceptance == pytest.approx(0.99)
