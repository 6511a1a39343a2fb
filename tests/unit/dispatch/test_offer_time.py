"""An offer is open for its whole time, by the clock of the database; what was not is no miss."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from shared.adapters.firestore.database import Write
from shared.dispatch.domain import OfferAnswerTooLate, offer_id
from shared.dispatch.drivers import DriverStatus
from shared.dispatch.machine import OfferState
from shared.dispatch.matching import Config
from shared.dispatch.usecases.expire_offer import ExpireOffer, expire_offer
from shared.dispatch.usecases.make_offer import FindDriver, Outcome, make_offer
from shared.kernel.errors import TooEarly
from tests.builders import ORDER_ID
from tests.fakes.database import MemoryDatabase
from tests.unit.dispatch.world import World

SECOND = timedelta(seconds=1)
CONFIG = Config()
ITS_TIME = CONFIG.offer_timeout


class SlowDatabase(MemoryDatabase):
    """A database with a clock of its own, whose commits take a while."""

    def __init__(self) -> None:
        super().__init__(lambda: self.world.now)
        self.world: World
        self.commit_takes = timedelta(0)

    async def commit(self, writes: Sequence[Write]) -> None:
        self.world.wait(self.commit_takes)
        await super().commit(writes)


@pytest.fixture
async def world() -> World:
    database = SlowDatabase()
    world = World(database=database, config=CONFIG)
    database.world = world
    world.add_order()
    await world.add_driver("asha", 100)
    return world


@pytest.fixture
def database(world: World) -> SlowDatabase:
    assert isinstance(world.database, SlowDatabase)
    return world.database


def opened_at(world: World, attempt: int = 1) -> datetime:
    """Return when an offer was stored."""
    return world.database.docs[f"offers/{offer_id(ORDER_ID, attempt)}"][1]


def open_for(world: World, attempt: int = 1) -> timedelta:
    """Return how long an offer is open."""
    return world.offer(attempt).expires_at - opened_at(world, attempt)


async def test_fault_10_an_offer_is_open_for_its_whole_time_though_its_commit_takes_a_while(
    world: World, database: SlowDatabase
) -> None:
    database.commit_takes = timedelta(seconds=0.5)
    await world.search()
    assert ITS_TIME <= open_for(world) <= ITS_TIME + CONFIG.commit_allowance


async def test_fault_10_an_offer_that_is_decided_long_after_its_job_began_is_open_for_its_whole_time(
    world: World,
) -> None:
    began = world.now
    world.wait(25 * SECOND)
    assert await make_offer(FindDriver(ORDER_ID), ports=world, now=began) is Outcome.OFFERED
    assert open_for(world) >= ITS_TIME


@pytest.mark.parametrize("skew", [-30, 30])
async def test_fault_10_the_clock_of_a_process_neither_shortens_nor_lengthens_an_offer(
    world: World, skew: int
) -> None:
    await make_offer(FindDriver(ORDER_ID), ports=world, now=world.now + skew * SECOND)
    assert ITS_TIME <= open_for(world) <= ITS_TIME + CONFIG.commit_allowance
    world.wait(ITS_TIME)
    with pytest.raises(TooEarly):
        await expire_offer(ExpireOffer(world.offer().id), ports=world, now=world.now + max(skew, 0) * SECOND)


async def test_fault_10_the_next_offer_after_one_that_expired_is_decided_at_its_own_time(
    world: World, database: SlowDatabase
) -> None:
    await world.search()
    await world.add_driver("bala", 200)
    world.wait(ITS_TIME + CONFIG.commit_allowance)
    await world.ping("bala")
    database.commit_takes = 1.5 * SECOND
    await world.expire()
    assert world.offer(2).driver_id == "bala"
    assert open_for(world, 2) >= ITS_TIME


async def test_fault_10_an_offer_that_was_open_for_less_than_its_time_is_no_miss(
    world: World, database: SlowDatabase
) -> None:
    database.commit_takes = 12 * SECOND
    await world.search()
    for attempt in (1, 2, 3, 4):
        assert open_for(world, attempt) < ITS_TIME
        world.wait(ITS_TIME)
        await world.ping("asha")
        await world.expire(attempt)
        assert world.offer(attempt).state is OfferState.EXPIRED
    driver = world.driver("asha")
    assert (driver.consecutive_timeouts, driver.status) == (0, DriverStatus.ONLINE)
    assert driver.offers_made == 1, "the one that is open now"


async def test_an_offer_that_was_open_for_its_whole_time_is_a_miss(world: World) -> None:
    await world.search()
    world.wait(ITS_TIME + CONFIG.commit_allowance)
    await world.expire()
    assert (world.driver("asha").consecutive_timeouts, world.driver("asha").offers_made) == (1, 1)


async def test_an_offer_can_be_accepted_until_its_expiry_and_no_longer(world: World) -> None:
    await world.search()
    world.wait(ITS_TIME + CONFIG.commit_allowance)
    with pytest.raises(OfferAnswerTooLate):
        await world.accept("asha")
    world.wait(-SECOND)
    assert (await world.accept("asha")).driver == world.driver("asha")


async def test_an_offer_that_is_withdrawn_counts_as_one_that_was_never_made(world: World) -> None:
    before = world.driver("asha").acceptance
    await world.search()
    await world.cancel()
    await world.handle_cancellation()
    assert world.offer().state is OfferState.WITHDRAWN
    assert world.driver("asha").acceptance == before
